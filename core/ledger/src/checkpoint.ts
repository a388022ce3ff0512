/**
 * A checkpoint: a signed note whose text states how large a log is and which root it has. C2SP tlog-checkpoint.
 *
 *   example.com/behind-the-sofa                      origin: which log
 *   20852163                                         tree size
 *   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     root hash
 *
 * Lines after the third are opaque extensions, kept so that the text can be written back. Two checkpoints of one log
 * must be consistent; that is `proof.ts`'s business, and remembering the last one is the reader's.
 */
import { assert, type Crypto } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { HASH_SIZE } from "./hash.ts"
import { encodeNote, type NoteFault, noteBytesToSign, openNote, type Signer } from "./note.ts"
import type { TreeHead } from "./proof.ts"
import { ED25519, type Verifier } from "./vkey.ts"

export type Checkpoint = TreeHead & { readonly origin: string; readonly extensions: readonly string[] }

export type CheckpointShapeFault = "not three lines" | "empty line" | "bad size" | "bad root"
export type CheckpointFault = NoteFault | CheckpointShapeFault | "log key did not sign" | "another log"

export type CheckpointParsed =
  | { readonly ok: true; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: CheckpointShapeFault }
export type CheckpointOpened =
  | { readonly ok: true; readonly checkpoint: Checkpoint; readonly cosigners: readonly Signer[] }
  | { readonly ok: false; readonly fault: CheckpointFault }

/** The note text of a checkpoint. */
export function checkpointText(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions } = checkpoint
  assert(Number.isSafeInteger(size) && size >= 0, "a tree has a whole number of leaves")
  assert(root.length === HASH_SIZE, "a root has 32 bytes")
  const lines = [origin, String(size), toBase64(root), ...extensions]
  assert(
    lines.every((line) => line !== "" && !line.includes("\n")),
    "every line has text and no newline",
  )
  return `${lines.join("\n")}\n`
}

/** What the log key signs. */
export function checkpointBytesToSign(checkpoint: Checkpoint): Uint8Array {
  return noteBytesToSign(checkpointText(checkpoint))
}

/** The checkpoint as a signed note, from the signature that the log's key made over {@link checkpointBytesToSign}. */
export function encodeCheckpoint(checkpoint: Checkpoint, log: Verifier, signature: Uint8Array): Uint8Array {
  assert(log.algorithm === ED25519, "a log signs its checkpoints with plain Ed25519")
  const { name, keyId } = log
  return encodeNote({ text: checkpointText(checkpoint), signatures: [{ name, keyId, bytes: signature }] })
}

export function parseCheckpoint(text: string): CheckpointParsed {
  if (!text.endsWith("\n")) return { ok: false, fault: "not three lines" }
  const lines = text.slice(0, -1).split("\n")
  const [origin, size64, root64, ...extensions] = lines
  if (origin === undefined || size64 === undefined || root64 === undefined)
    return { ok: false, fault: "not three lines" }
  if (lines.includes("")) return { ok: false, fault: "empty line" }
  const size = parseDecimal(size64)
  if (size === null) return { ok: false, fault: "bad size" }
  const root = fromBase64(root64)
  if (root === null || root.length !== HASH_SIZE) return { ok: false, fault: "bad root" }
  return { ok: true, checkpoint: { origin, size, root, extensions } }
}

/**
 * The checkpoint that `note` states about the log `origin`, if the log's own key signed it. Witnesses' cosignatures
 * are verified too, but a checkpoint without any still opens: how many are enough is the reader's policy.
 */
export function openCheckpoint(
  note: Uint8Array,
  origin: string,
  log: Verifier,
  crypto: Crypto,
  witnesses: readonly Verifier[] = [],
): CheckpointOpened {
  const opened = openNote(note, [log, ...witnesses], crypto)
  if (!opened.ok) return opened
  const cosigners = opened.signers.filter(({ verifier }) => verifier !== log)
  if (cosigners.length === opened.signers.length) return { ok: false, fault: "log key did not sign" }
  const parsed = parseCheckpoint(opened.text)
  if (!parsed.ok) return parsed
  if (parsed.checkpoint.origin !== origin) return { ok: false, fault: "another log" }
  return { ok: true, checkpoint: parsed.checkpoint, cosigners }
}

/** A count in decimal digits without leading zeros, up to 2^53-1, or null. */
export function parseDecimal(text: string): number | null {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) return null
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : null
}
