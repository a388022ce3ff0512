/**
 * Which key a log is held against: one that the reader brought, or else the one that lies beside the log.
 *
 * Picture a reader with keys in the hand, each with the name of a log on it. One key signs all logs of a site, so a key that was
 * given for one is tried at the others under their own names. Whether it is the site's key is audit.ts's question.
 */
import { fromHex, fromUtf8 } from "@holdfast/base/text"
import { formatVkey, parseVkey, verifierOf } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"

/** The files of one log, by their path in it. */
type LogFiles = { read(path: string): Promise<Uint8Array | null> }

/** The vkey lines in a text: one a line, or the bytes of a key file. */
export function readVkeys(text: string): readonly string[] {
  const lines = text.split("\n").map((line) => line.trim())
  return lines.filter((line) => line !== "" && !line.startsWith("#"))
}

/** Whether a text could be a hash in hex: for a friendlier word when somebody gives one as a key. */
export function looksLikeHash(text: string): boolean {
  return (fromHex(text.trim())?.length ?? 0) >= 16
}

/** The origin that a checkpoint's first line names; empty where there is none to read. */
export function originIn(note: Uint8Array | null): string {
  const text = note === null ? null : fromUtf8(note)
  return text?.split("\n")[0] ?? ""
}

/** The public key in a vkey line, or null for a line that is none. */
export function keyIn(vkey: string): Uint8Array | null {
  const parsed = parseVkey(vkey.trim(), nodeCrypto)
  return parsed.ok ? parsed.verifier.publicKey : null
}

/** The line that a log must be signed by; null where there is none. */
export async function vkeyFor(log: LogFiles, given: readonly string[]): Promise<string | null> {
  if (given.length === 0) {
    const beside = await log.read("log.vkey")
    return beside === null ? null : fromUtf8(beside)
  }
  const origin = originIn(await log.read("checkpoint"))
  const own = given.find((vkey) => vkey.split("+")[0] === origin)
  const key = given.map(keyIn).find((each) => each !== null)
  if (own !== undefined || key === undefined) return own ?? null
  return formatVkey(verifierOf(origin, key, nodeCrypto))
}
