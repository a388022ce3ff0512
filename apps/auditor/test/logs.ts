/** Whole logs in memory, signed and with their key beside them, for tests of the audit. */
import { checkpointBytesToSign, encodeCheckpoint, formatVkey, LogWriter, pathOf, verifierOf } from "@holdfast/ledger"
import { type Ed25519Signer, nodeCrypto } from "@holdfast/port-node"
import type { LogSource } from "../src/source.ts"

/** The files of a log by their paths. */
export function filesOfLog(
  origin: string,
  key: Ed25519Signer,
  entries: readonly Uint8Array[],
): Map<string, Uint8Array> {
  const writer = new LogWriter(nodeCrypto)
  for (const entry of entries) writer.append(entry)
  const { files, size, root } = writer.grow()
  const verifier = verifierOf(origin, key.publicKey, nodeCrypto)
  const checkpoint = { origin, size, root, extensions: [] }
  const note = encodeCheckpoint(checkpoint, verifier, key.sign(checkpointBytesToSign(checkpoint)))
  const kept = new Map(files.map(({ file, bytes }) => [pathOf(file), bytes]))
  return kept.set("checkpoint", note).set("log.vkey", new TextEncoder().encode(`${formatVkey(verifier)}\n`))
}

export function sourceOf(name: string, files: ReadonlyMap<string, Uint8Array>): LogSource {
  return { name, read: (path) => Promise.resolve(files.get(path) ?? null) }
}
