/**
 * Sealing to a public key: RFC 9180, base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, one message a key.
 *
 *   sealed = enc (65 bytes, the ephemeral public key) || ciphertext || tag (16)
 *
 * Think of an envelope that anybody may close and only one private key opens. It hides and it detects change; it does not
 * say who closed it. `info` binds an envelope to its purpose and its site, so that one made for a lock is never
 * opened as one made for the keeper. Modes with a sender's key and several messages under one context are left out.
 */
import { assert, concat, type SiteId, idBytes } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { createCipheriv, createDecipheriv, createECDH, createHmac, type ECDH } from "node:crypto"
import { secretKey } from "./crypto.ts"

export const HPKE_PUBLIC_KEY_SIZE = 65
const PRIVATE_KEY_SIZE = 32
const TAG_SIZE = 16
const NONCE_SIZE = 12
const HASH_SIZE = 32
const KEM_ID = 0x0010
const KDF_ID = 0x0001

/** What is sealed, in one word that stands in `info`. */
export type HpkePurpose = "attachment" | "issued" | "secret" | "openings" | "look" | "alarm" | "sheet" | "question"

/** A P-256 key pair for opening: the public key uncompressed (SEC 1, 2.3.3), the private key as its 32-byte scalar. */
export type HpkeKeyPair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }

/** Whoever opens and does not show the private key: a secure element answers with the x coordinate that both sides share. */
export type HpkeRecipient = { readonly publicKey: Uint8Array; agree(point: Uint8Array): Uint8Array | null }

export type Aead = { readonly id: number; readonly cipher: "aes-128-gcm" | "aes-256-gcm"; readonly key_size: number }
/** RFC 9180, section 7.3. Holdfast seals with the second; the first is what the RFC's own vectors use. */
export const AES_128_GCM: Aead = { id: 1, cipher: "aes-128-gcm", key_size: 16 }
export const AES_256_GCM: Aead = { id: 2, cipher: "aes-256-gcm", key_size: 32 }

/** "holdfast/" purpose "/v1" 0x00 siteId. */
export function hpkeInfo(purpose: HpkePurpose, site: SiteId): Uint8Array {
  return concat(utf8(`holdfast/${purpose}/v1`), new Uint8Array(1), idBytes(site))
}

function pairOf(ecdh: ECDH): HpkeKeyPair {
  const scalar = new Uint8Array(ecdh.getPrivateKey())
  const privateKey = new Uint8Array(PRIVATE_KEY_SIZE)
  privateKey.set(scalar, PRIVATE_KEY_SIZE - scalar.length) // OpenSSL leaves leading zeros out.
  return { publicKey: new Uint8Array(ecdh.getPublicKey()), privateKey }
}

export function newHpkeKeyPair(): HpkeKeyPair {
  const ecdh = createECDH("prime256v1")
  ecdh.generateKeys()
  return pairOf(ecdh)
}

/** The pair of a stored private key. */
export function hpkeKeyPair(privateKey: Uint8Array): HpkeKeyPair {
  return pairOf(withPrivateKey(privateKey))
}

function withPrivateKey(privateKey: Uint8Array): ECDH {
  assert(privateKey.length === PRIVATE_KEY_SIZE, "an HPKE private key is a scalar of 32 bytes")
  const ecdh = createECDH("prime256v1")
  ecdh.setPrivateKey(privateKey)
  return ecdh
}

/**
 * Seals `plaintext` to `recipient`; null when the recipient is no point of the curve. The ephemeral key serves one message:
 * only somebody whose chance is injected gives one, made from it.
 */
export function sealTo(
  recipient: Uint8Array,
  info: Uint8Array,
  plaintext: Uint8Array,
  ephemeral: HpkeKeyPair = newHpkeKeyPair(),
): Uint8Array | null {
  return sealWith(AES_256_GCM, ephemeral, recipient, info, new Uint8Array(0), plaintext)
}

/** Opens what {@link sealTo} sealed to this recipient for this purpose; null for anything else. */
export function openSealed(
  recipient: HpkeKeyPair | HpkeRecipient,
  info: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  return openWith(AES_256_GCM, recipient, info, new Uint8Array(0), sealed)
}

/** SealBase with a chosen ephemeral key (section 6.1): {@link sealTo} chooses a fresh one, the vectors the RFC's. */
export function sealWith(
  aead: Aead,
  ephemeral: HpkeKeyPair,
  recipient: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array | null {
  const shared = agree(withPrivateKey(ephemeral.privateKey), recipient)
  if (shared === null) return null
  const { key, nonce } = schedule(aead, encap(shared, ephemeral.publicKey, recipient), info)
  const cipher = createCipheriv(aead.cipher, secretKey(key), nonce)
  cipher.setAAD(aad)
  return concat(ephemeral.publicKey, cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}

/** OpenBase, section 6.1; null for an envelope that is cut, changed, another's or for another purpose. */
export function openWith(
  aead: Aead,
  recipient: HpkeKeyPair | HpkeRecipient,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < HPKE_PUBLIC_KEY_SIZE + TAG_SIZE) return null
  const ephemeral = sealed.subarray(0, HPKE_PUBLIC_KEY_SIZE)
  const shared = "agree" in recipient ? recipient.agree(ephemeral) : hpkeAgree(recipient, ephemeral)
  if (shared === null) return null
  const { key, nonce } = schedule(aead, encap(shared, ephemeral, recipient.publicKey), info)
  const decipher = createDecipheriv(aead.cipher, secretKey(key), nonce)
  decipher.setAAD(aad)
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_SIZE))
  const text = decipher.update(sealed.subarray(HPKE_PUBLIC_KEY_SIZE, sealed.length - TAG_SIZE))
  try {
    return concat(text, decipher.final())
  } catch {
    return null // The tag does not fit.
  }
}

/** The x coordinate that this pair and the holder of `point` share; null when that is no uncompressed point of the curve. */
export function hpkeAgree(pair: HpkeKeyPair, point: Uint8Array): Uint8Array | null {
  return agree(withPrivateKey(pair.privateKey), point)
}

/** The x coordinate that both sides share; null when `point` is not an uncompressed point of the curve. */
function agree(own: ECDH, point: Uint8Array): Uint8Array | null {
  if (point.length !== HPKE_PUBLIC_KEY_SIZE || point[0] !== 4) return null
  try {
    return own.computeSecret(point)
  } catch {
    return null
  }
}

function u16(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

/** HKDF-Extract and -Expand with the labels of section 4; every output here fits into one block of SHA-256. */
function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  const labeled = concat(utf8("HPKE-v1"), suite, utf8(label), ikm)
  return createHmac("sha256", secretKey(salt)).update(labeled).digest()
}

function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, size: number): Uint8Array {
  assert(size <= HASH_SIZE, "one block is enough")
  const labeled = concat(u16(size), utf8("HPKE-v1"), suite, utf8(label), info, Uint8Array.of(1))
  return createHmac("sha256", secretKey(prk)).update(labeled).digest().subarray(0, size)
}

/** The shared secret of the KEM: section 4.1, ExtractAndExpand over the two public keys. */
function encap(shared: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const suite = concat(utf8("KEM"), u16(KEM_ID))
  const prk = labeledExtract(suite, new Uint8Array(0), "eae_prk", shared)
  return labeledExpand(suite, prk, "shared_secret", concat(enc, recipient), HASH_SIZE)
}

/** The key schedule of section 5.1 in mode_base, for the first message only: its nonce is the base nonce. */
function schedule(aead: Aead, secret: Uint8Array, info: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const suite = concat(utf8("HPKE"), u16(KEM_ID), u16(KDF_ID), u16(aead.id))
  const empty = new Uint8Array(0)
  const pskHash = labeledExtract(suite, empty, "psk_id_hash", empty)
  const infoHash = labeledExtract(suite, empty, "info_hash", info)
  const context = concat(Uint8Array.of(0), pskHash, infoHash)
  const prk = labeledExtract(suite, secret, "secret", empty)
  return {
    key: labeledExpand(suite, prk, "key", context, aead.key_size),
    nonce: labeledExpand(suite, prk, "base_nonce", context, NONCE_SIZE),
  }
}
