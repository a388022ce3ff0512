/**
 * Signed notes: a text, a blank line, and one line for each signature over the text. C2SP signed-note.
 *
 *   text, ending in a newline
 *
 *   — key name base64(key id, 4 bytes || signature)
 *
 * Opening is the only way to a text that may be believed: it answers with the text once a known key has signed it. A
 * signature is made elsewhere, by whoever holds the key, over {@link noteBytesToSign}; here it only becomes a line.
 */
import { assert, concat, type Crypto, type UnixSeconds, unreachable } from "@holdfast/base"
import { fromBase64, fromUtf8, toBase64, utf8 } from "@holdfast/base/text"
import { verifyCosignature } from "./cosignature.ts"
import { COSIGNATURE, ED25519, isKeyName, type Verifier } from "./vkey.ts"

/** Signature lines in a note that is still read; Go's reader has the same bound. */
export const SIGNATURES_MAX = 100
/** Bytes of a note that is still read: room for fifty signatures of the largest kind that the specification foresees. */
export const NOTE_SIZE_MAX = 1 << 18
const KEY_ID_SIZE = 4

/** One signature line. `bytes` is what stands behind the key id. */
export type Signature = { readonly name: string; readonly keyId: number; readonly bytes: Uint8Array }
export type Note = { readonly text: string; readonly signatures: readonly Signature[] }

/** A known key whose signature verified, and the time it states when its kind has one. */
export type Signer = { readonly verifier: Verifier; readonly time: UnixSeconds | null }

export type NoteShapeFault =
  | "too large"
  | "not UTF-8"
  | "control character"
  | "no signature lines"
  | "bad signature line"
  | "too many signatures"
export type NoteFault = NoteShapeFault | "signature does not verify" | "no known key signed"

export type NoteParsed =
  | { readonly ok: true; readonly note: Note }
  | { readonly ok: false; readonly fault: NoteShapeFault }
export type NoteOpened =
  | { readonly ok: true; readonly text: string; readonly signers: readonly Signer[] }
  | { readonly ok: false; readonly fault: NoteFault }

/** What an Ed25519 key signs: the text itself with its last newline, and not the blank line. */
export function noteBytesToSign(text: string): Uint8Array {
  assert(text.endsWith("\n"), "the text of a note ends in a newline")
  assert(!hasControl(text), "the text of a note has no control character but newlines")
  return utf8(text)
}

/** The note's bytes. The same law as for every format here: a note that parses is written back the same. */
export function encodeNote(note: Note): Uint8Array {
  const { text, signatures } = note
  assert(signatures.length >= 1 && signatures.length <= SIGNATURES_MAX, "a note has 1 to 100 signatures")
  return concat(noteBytesToSign(text), utf8(`\n${signatures.map(signatureLine).join("")}`))
}

function signatureLine({ name, keyId, bytes }: Signature): string {
  assert(isKeyName(name), "a key name is not empty and has no space and no plus")
  assert(bytes.length > 0, "a signature has bytes")
  const id = new Uint8Array(KEY_ID_SIZE)
  new DataView(id.buffer).setUint32(0, keyId)
  return `— ${name} ${toBase64(concat(id, bytes))}\n`
}

/** A note's parts, none of them verified: for writers who add a signature. To believe a note, {@link openNote} it. */
export function parseNote(bytes: Uint8Array): NoteParsed {
  if (bytes.length > NOTE_SIZE_MAX) return { ok: false, fault: "too large" }
  const whole = fromUtf8(bytes)
  if (whole === null) return { ok: false, fault: "not UTF-8" }
  if (hasControl(whole)) return { ok: false, fault: "control character" }
  const blank = whole.lastIndexOf("\n\n") // The text may have blank lines of its own: the last one counts.
  if (blank < 0 || blank + 2 === whole.length || !whole.endsWith("\n"))
    return { ok: false, fault: "no signature lines" }
  const lines = whole.slice(blank + 2, -1).split("\n")
  if (lines.length > SIGNATURES_MAX) return { ok: false, fault: "too many signatures" }
  const signatures: Signature[] = []
  for (const line of lines) {
    const signature = parseSignatureLine(line)
    if (signature === null) return { ok: false, fault: "bad signature line" }
    signatures.push(signature)
  }
  return { ok: true, note: { text: whole.slice(0, blank + 1), signatures } }
}

function parseSignatureLine(line: string): Signature | null {
  const [dash, name, base64, ...rest] = line.split(" ")
  if (dash !== "—" || name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name)) return null
  const bytes = fromBase64(base64)
  if (bytes === null || bytes.length <= KEY_ID_SIZE) return null
  return { name, keyId: new DataView(bytes.buffer, bytes.byteOffset).getUint32(0), bytes: bytes.slice(KEY_ID_SIZE) }
}

/**
 * The text and who signed it. Signatures of keys that are not `known` are ignored; one bad signature of a known key
 * refuses the note, and so does a note that no known key signed. Each known key counts once, however often it signed.
 */
export function openNote(bytes: Uint8Array, known: readonly Verifier[], crypto: Crypto): NoteOpened {
  const parsed = parseNote(bytes)
  if (!parsed.ok) return parsed
  const { text, signatures } = parsed.note
  const signers = new Map<Verifier, Signer>()
  for (const signature of signatures) {
    const verifier = known.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (verifier === undefined) continue
    const signer = verifySignature(verifier, text, signature.bytes, crypto)
    if (signer === null) return { ok: false, fault: "signature does not verify" }
    signers.set(verifier, signer)
  }
  if (signers.size === 0) return { ok: false, fault: "no known key signed" }
  return { ok: true, text, signers: [...signers.values()] }
}

function verifySignature(verifier: Verifier, text: string, signature: Uint8Array, crypto: Crypto): Signer | null {
  const { algorithm, publicKey } = verifier
  switch (algorithm) {
    case ED25519:
      return crypto.verifyEd25519(publicKey, noteBytesToSign(text), signature) ? { verifier, time: null } : null
    case COSIGNATURE: {
      const time = verifyCosignature(crypto, publicKey, text, signature)
      return time === null ? null : { verifier, time }
    }
    default:
      return unreachable(algorithm)
  }
}

/** Control characters below U+0020, newline apart. */
function hasControl(text: string): boolean {
  return /[\u0000-\u0009\u000b-\u001f]/.test(text)
}
