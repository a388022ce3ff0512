/** The private side of the vectors: Ed25519 from a seed, as whoever holds a log key would sign. */
import { toBase64Url } from "@holdfast/base/text"
import { createPrivateKey, createPublicKey, sign } from "node:crypto"

/** Head of a PKCS #8 Ed25519 private key (RFC 8410, section 7); the 32 bytes of the seed follow. */
const PKCS8_HEAD = "302e020100300506032b657004220420"

export function signWithSeed(
  seed: Uint8Array,
  message: Uint8Array | string,
): { readonly publicKey: Uint8Array; readonly signature: Uint8Array } {
  const der = Buffer.concat([Buffer.from(PKCS8_HEAD, "hex"), seed])
  const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" })
  const { x } = createPublicKey(key).export({ format: "jwk" })
  const publicKey = new Uint8Array(Buffer.from(x ?? toBase64Url(new Uint8Array(0)), "base64url"))
  return { publicKey, signature: new Uint8Array(sign(null, Buffer.from(message), key)) }
}
