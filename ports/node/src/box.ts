/**
 * Encryption for oneself: AES-256-GCM under a key that the caller stores elsewhere.
 *
 *   box = nonce (12) || ciphertext || tag (16)
 *
 * The nonce is the caller's, since chance is injected; it must be new for every box of one key. `context` is bound and not
 * stored: a box opens only in its place.
 */
import { assert, concat } from "@holdfast/base"
import { createCipheriv, createDecipheriv } from "node:crypto"
import { secretKey } from "./crypto.ts"

export const BOX_KEY_SIZE = 32
export const BOX_NONCE_SIZE = 12
const TAG_SIZE = 16
export const BOX_OVERHEAD = BOX_NONCE_SIZE + TAG_SIZE

export function closeBox(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array {
  return concat(...boxParts(key, nonce, context, plain))
}

/** The same box in parts, for whoever only writes them one behind the other. */
export function boxParts(key: Uint8Array, nonce: Uint8Array, context: Uint8Array, plain: Uint8Array): Uint8Array[] {
  assert(key.length === BOX_KEY_SIZE && nonce.length === BOX_NONCE_SIZE, "AES-256-GCM takes 32 and 12 bytes")
  const cipher = createCipheriv("aes-256-gcm", secretKey(key), nonce)
  cipher.setAAD(context)
  return [nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]
}

/** What is in the box, or null when it was changed, moved or closed under another key. */
export function openBox(key: Uint8Array, context: Uint8Array, box: Uint8Array): Uint8Array | null {
  if (box.length < BOX_OVERHEAD) return null
  const decipher = createDecipheriv("aes-256-gcm", secretKey(key), box.subarray(0, BOX_NONCE_SIZE))
  decipher.setAAD(context)
  decipher.setAuthTag(box.subarray(box.length - TAG_SIZE))
  const text = decipher.update(box.subarray(BOX_NONCE_SIZE, box.length - TAG_SIZE))
  try {
    return concat(text, decipher.final())
  } catch {
    return null // The tag does not fit.
  }
}
