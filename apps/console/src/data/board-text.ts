/** What a board says about itself when it wants to be paired: its two public keys, its serial, and a fingerprint to compare. */
import { decodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromBase64 } from "@holdfast/base/text"
import { boardFingerprint } from "@holdfast/lock/pairing"
import { webCrypto } from "@holdfast/port-web"

export type BoardKeys = {
  readonly journalKey: PublicKey
  readonly hpkeKey: Uint8Array
  readonly serial: string
  /** Worked out here from the journal key, whatever the board says it is. */
  readonly fingerprint: string
}

const HPKE_KEY_SIZE = 65
const SERIAL_LENGTH_MAX = 120

/** Reads the JSON that a board prints: {journal_key, hpke_key, serial}, keys in base64. Null for all else. */
export function readBoard(value: unknown): BoardKeys | null {
  if (typeof value !== "object" || value === null) return null
  const fields = new Map<string, unknown>(Object.entries(value))
  const text = (name: string): string | null => {
    const field = fields.get(name)
    return typeof field === "string" ? field : null
  }
  const journalBytes = fromBase64(text("journal_key") ?? "?")
  const journalKey = journalBytes === null ? null : decodeCoseKey(journalBytes)
  const hpkeKey = fromBase64(text("hpke_key") ?? "?")
  const serial = text("serial")
  if (journalKey === null || hpkeKey?.length !== HPKE_KEY_SIZE) return null
  if (serial === null || serial === "" || serial.length > SERIAL_LENGTH_MAX) return null
  return { journalKey, hpkeKey, serial, fingerprint: boardFingerprint(journalKey, webCrypto) }
}

export function readBoardText(text: string): BoardKeys | null {
  try {
    return readBoard(JSON.parse(text))
  } catch {
    return null
  }
}
