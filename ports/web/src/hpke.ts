/**
 * HPKE (RFC 9180) in the one form that Holdfast uses: base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
 *
 *   sealed = enc, 65 bytes (the sender's one-time public key) || ciphertext with its 16-byte tag
 *
 * One message for one one-time key, so the sequence number of section 5.2 is always 0 and the nonce is the base nonce.
 * `info` binds the purpose and the site: what was sealed for one thing opens as nothing else. There is no aad.
 */
import { byteAt, concat, EMPTY, idBytes, type SiteId } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { webCrypto } from "./crypto.ts"
import { newSealingKey, ownBytes, type SealingKey } from "./keys.ts"

/** What a sealed thing is for. */
export type HpkePurpose = "attachment" | "issued" | "secret" | "openings" | "look" | "sheet" | "question"

const ENC_SIZE = 65
const TAG_SIZE = 16
const HASH_SIZE = 32
const KEY_SIZE = 32
const NONCE_SIZE = 12
/** RFC 9180, section 4.1: "KEM" || 0x0010 for DHKEM(P-256, HKDF-SHA256). */
const KEM_SUITE = concat(utf8("KEM"), Uint8Array.of(0x00, 0x10))
/** Section 5.1: "HPKE" || KEM 0x0010 || KDF 0x0001 (HKDF-SHA256) || AEAD 0x0002 (AES-256-GCM). */
const HPKE_SUITE = concat(utf8("HPKE"), Uint8Array.of(0x00, 0x10, 0x00, 0x01, 0x00, 0x02))
const VERSION = utf8("HPKE-v1")
const MODE_BASE = Uint8Array.of(0)

/** Section 4: LabeledExtract. An empty salt stands for 32 zero bytes (RFC 5869, section 2.2). */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, material: Uint8Array): Uint8Array {
  const key = salt.length === 0 ? new Uint8Array(HASH_SIZE) : salt
  return webCrypto.hmacSha256(key, concat(VERSION, suite, utf8(label), material))
}

/** Section 4: LabeledExpand, for lengths of at most one hash, which is all that this suite asks for. */
function labeledExpand(
  suite: Uint8Array,
  key: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const labeled = concat(Uint8Array.of(0, length), VERSION, suite, utf8(label), info)
  return webCrypto.hmacSha256(key, concat(labeled, Uint8Array.of(1))).slice(0, length)
}

/** Section 4.1: ExtractAndExpand over the Diffie-Hellman value, bound to both public keys. */
function sharedSecret(dh: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const extracted = labeledExtract(KEM_SUITE, EMPTY, "eae_prk", dh)
  return labeledExpand(KEM_SUITE, extracted, "shared_secret", concat(enc, recipient), HASH_SIZE)
}

/** Section 5.1: KeySchedule for the base mode, where psk and psk_id are empty. */
function keySchedule(shared: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const pskIdHash = labeledExtract(HPKE_SUITE, EMPTY, "psk_id_hash", EMPTY)
  const infoHash = labeledExtract(HPKE_SUITE, EMPTY, "info_hash", info)
  const context = concat(MODE_BASE, pskIdHash, infoHash)
  const secret = labeledExtract(HPKE_SUITE, shared, "secret", EMPTY)
  return {
    key: labeledExpand(HPKE_SUITE, secret, "key", context, KEY_SIZE),
    nonce: labeledExpand(HPKE_SUITE, secret, "base_nonce", context, NONCE_SIZE),
  }
}

/** The `info` of a purpose at a site: "holdfast/<purpose>/v1" 0x00 siteId. */
export function hpkeInfo(purpose: HpkePurpose, site: SiteId): Uint8Array {
  return concat(utf8(`holdfast/${purpose}/v1`), new Uint8Array(1), idBytes(site))
}

function importPoint(point: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", ownBytes(point), { name: "ECDH", namedCurve: "P-256" }, false, [])
}

async function diffieHellman(privateKey: CryptoKey, peer: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: peer }, privateKey, 8 * HASH_SIZE))
}

async function cipherKey(key: Uint8Array, use: "encrypt" | "decrypt"): Promise<CryptoKey> {
  return await crypto.subtle.importKey("raw", ownBytes(key), "AES-GCM", false, [use])
}

/** Seals to an uncompressed P-256 point of 65 bytes; null when that is no point of the curve. */
export async function sealTo(recipient: Uint8Array, info: Uint8Array, plain: Uint8Array): Promise<Uint8Array | null> {
  const peer = await importPoint(recipient).catch(() => null)
  if (peer === null || recipient.length !== ENC_SIZE) return null
  const once = await newSealingKey()
  const dh = await diffieHellman(once.privateKey, peer)
  const { key, nonce } = keySchedule(sharedSecret(dh, once.publicKey, recipient), info)
  const algorithm = { name: "AES-GCM", iv: ownBytes(nonce) }
  const sealed = await crypto.subtle.encrypt(algorithm, await cipherKey(key, "encrypt"), ownBytes(plain))
  return concat(once.publicKey, new Uint8Array(sealed))
}

/** Opens what was sealed to `own`; null for anything else, without saying why. */
export async function openSealed(own: SealingKey, info: Uint8Array, sealed: Uint8Array): Promise<Uint8Array | null> {
  if (sealed.length < ENC_SIZE + TAG_SIZE || byteAt(sealed, 0) !== 4) return null
  const enc = sealed.slice(0, ENC_SIZE)
  const peer = await importPoint(enc).catch(() => null)
  if (peer === null) return null
  const dh = await diffieHellman(own.privateKey, peer)
  const { key, nonce } = keySchedule(sharedSecret(dh, enc, own.publicKey), info)
  const algorithm = { name: "AES-GCM", iv: ownBytes(nonce) }
  const opening = crypto.subtle.decrypt(algorithm, await cipherKey(key, "decrypt"), ownBytes(sealed.slice(ENC_SIZE)))
  return await opening.then(
    (plain) => new Uint8Array(plain),
    () => null,
  )
}
