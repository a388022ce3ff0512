/**
 * Who may have signed a note: key names, key ids and verifier keys. C2SP signed-note, "Signatures" and "Verifier keys".
 *
 *   example.com/foo + 530d903a + AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k
 *   name              key id     base64(algorithm, 1 byte || public key)
 *
 * The id is four bytes of a hash: it finds the key, it does not vouch for it. Trust comes from having been given the
 * whole verifier key. Private keys never come here.
 */
import { assert, byteAt, concat, type Crypto } from "@holdfast/base"
import { fromBase64, isWellFormed, toBase64, utf8 } from "@holdfast/base/text"

/** The signature type byte: plain Ed25519 over the note's text. */
export const ED25519 = 0x01
/** The signature type byte: a timestamped Ed25519 cosignature, C2SP tlog-cosignature. */
export const COSIGNATURE = 0x04
export type Algorithm = typeof ED25519 | typeof COSIGNATURE

const PUBLIC_KEY_SIZE = 32

export type Verifier = {
  readonly name: string
  /** The first four bytes of the key's hash as one big-endian number. */
  readonly keyId: number
  readonly algorithm: Algorithm
  readonly publicKey: Uint8Array
}

export type VkeyFault = "not name, id and key" | "bad name" | "bad key" | "unknown algorithm" | "key id differs"
export type VkeyParsed =
  | { readonly ok: true; readonly verifier: Verifier }
  | { readonly ok: false; readonly fault: VkeyFault }

/**
 * Key names are not empty and have no Unicode space and no plus. Control characters could stand in a verifier key, but
 * never in a note, so such a key could never verify anything: refused as well.
 */
export function isKeyName(name: string): boolean {
  return name !== "" && isWellFormed(name) && !/[\p{White_Space}+\u0000-\u001f]/u.test(name)
}

/** SHA-256(name || 0x0A || algorithm || public key)[:4]. */
export function keyId(name: string, algorithm: Algorithm, publicKey: Uint8Array, crypto: Crypto): number {
  assert(isKeyName(name), "a key name is not empty and has no space and no plus")
  const hash = crypto.sha256(concat(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey))
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0)
}

/** The verifier of a log's own key, or with another algorithm of a witness's. */
export function verifierOf(
  name: string,
  publicKey: Uint8Array,
  crypto: Crypto,
  algorithm: Algorithm = ED25519,
): Verifier {
  assert(publicKey.length === PUBLIC_KEY_SIZE, "an Ed25519 public key has 32 bytes")
  return { name, keyId: keyId(name, algorithm, publicKey, crypto), algorithm, publicKey }
}

/** The verifier key as text, without a newline. */
export function formatVkey(verifier: Verifier): string {
  const key = concat(Uint8Array.of(verifier.algorithm), verifier.publicKey)
  return `${verifier.name}+${formatKeyId(verifier.keyId)}+${toBase64(key)}`
}

function formatKeyId(id: number): string {
  return id.toString(16).padStart(8, "0")
}

export function parseVkey(vkey: string, crypto: Crypto): VkeyParsed {
  const [name, id, key64] = splitAtPlus(vkey)
  if (name === undefined || id === undefined || key64 === undefined || !/^[0-9a-f]{8}$/.test(id))
    return { ok: false, fault: "not name, id and key" }
  if (!isKeyName(name)) return { ok: false, fault: "bad name" }
  const key = fromBase64(key64)
  if (key === null || key.length === 0) return { ok: false, fault: "bad key" }
  const algorithm = byteAt(key, 0)
  if (algorithm !== ED25519 && algorithm !== COSIGNATURE) return { ok: false, fault: "unknown algorithm" }
  if (key.length !== 1 + PUBLIC_KEY_SIZE) return { ok: false, fault: "bad key" }
  const verifier = verifierOf(name, key.slice(1), crypto, algorithm)
  if (formatKeyId(verifier.keyId) !== id) return { ok: false, fault: "key id differs" }
  return { ok: true, verifier }
}

/** Base64 has pluses of its own, so only the first two part the text. */
function splitAtPlus(vkey: string): string[] {
  const first = vkey.indexOf("+")
  const second = vkey.indexOf("+", first + 1)
  if (first < 0 || second < 0) return []
  return [vkey.slice(0, first), vkey.slice(first + 1, second), vkey.slice(second + 1)]
}
