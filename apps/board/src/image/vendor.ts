/**
 * A vendor's key files and what is signed with them: PEM files as imgtool makes and reads them, and the trust file that a
 * launcher is given.
 *
 * Private keys stay in the files that the caller names; they are read, used and forgotten. Nothing here is for a board.
 */
import { fromHex, toHex } from "@holdfast/base/text"
import {
  type Claims,
  encodeClaims,
  encodeSignedPart,
  type ImageVersion,
  keyHash,
  mlDsaMessage,
  signedImage,
  type VendorKey,
  type VendorSignature,
  type VendorTrust,
} from "@holdfast/lock/image"
import { nodeCrypto, p256PublicKey } from "@holdfast/port-node"
import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto"

/** A key file, a trust file or a call that does not read; its message is one line for a person. */
export class VendorError extends Error {
  override readonly name = "VendorError"
}

/** A key that signs, by the algorithm that its file names. */
export type VendorSigner =
  | (VendorKey & { readonly kind: "classical"; readonly private: KeyObject })
  | { readonly kind: "ml-dsa-44"; readonly key: Uint8Array; readonly private: KeyObject }

/** The last `size` bytes of a key's SubjectPublicKeyInfo: the key itself. */
function rawKey(key: KeyObject, size: number): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-size))
}

/** The signer in a PEM file of an Ed25519, P-256 or ML-DSA-44 private key. */
export function signerFrom(pem: string): VendorSigner {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    throw new VendorError("this is no private key in PEM")
  }
  const type = String(key.asymmetricKeyType)
  if (type === "ed25519") return { kind: "classical", algorithm: "ed25519", key: rawKey(key, 32), private: key }
  if (type === "ml-dsa-44") return { kind: "ml-dsa-44", key: rawKey(key, 1312), private: key }
  if (type === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1")
    return { kind: "classical", algorithm: "es256", key: p256PublicKey(key), private: key }
  throw new VendorError(`images are signed with Ed25519, P-256 and ML-DSA-44 keys, not with ${type}`)
}

export type Making = Omit<Claims, "mlDsaKeyHash"> & { readonly version: ImageVersion; readonly payload: Uint8Array }

/** An image around `payload`, signed by every signer; one with an ML-DSA-44 key promises its second signature. */
export function makeImage(making: Making, signers: readonly VendorSigner[]): Uint8Array {
  const second = signers.find((each) => each.kind === "ml-dsa-44") ?? null
  const mlDsaKeyHash = second === null ? null : keyHash(nodeCrypto, "mlDsa44", second.key)
  const part = encodeSignedPart(making.version, making.payload, encodeClaims({ ...making, mlDsaKeyHash }))
  const digest = nodeCrypto.sha256(part)
  const signatures = signers.flatMap((signer): VendorSignature[] => {
    if (signer.kind !== "classical") return []
    const { algorithm, key } = signer
    const made = algorithm === "es256" ? sign("sha256", part, signer.private) : sign(null, digest, signer.private)
    return [{ algorithm, key, signature: new Uint8Array(made) }]
  })
  const mlDsaSignature = second === null ? null : new Uint8Array(sign(null, mlDsaMessage(digest), second.private))
  return signedImage(nodeCrypto, part, signatures, mlDsaSignature)
}

/** The trust that one launcher is given, as a text file: public keys only. */
export function trustText(trust: VendorTrust): string {
  const keys = trust.keys.map(({ algorithm, key }) => ({ algorithm, key: toHex(key) }))
  const mlDsa = trust.mlDsa === null ? null : toHex(trust.mlDsa)
  return `${JSON.stringify({ threshold: trust.threshold, keys, mlDsa, revoked: trust.revoked.map(toHex) }, null, 2)}\n`
}

function hexOf(value: unknown, size: number): Uint8Array {
  const bytes = typeof value === "string" ? fromHex(value) : null
  if (bytes === null || bytes.length !== size) throw new VendorError(`a key of the trust file is not ${size} bytes`)
  return bytes
}

/** Reads a trust file; one that names no key is refused, since nothing could run under it. */
export function readTrust(text: string): VendorTrust {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new VendorError("the trust file is no JSON")
  }
  const file: Readonly<Record<string, unknown>> = typeof value === "object" && value !== null ? { ...value } : {}
  const { threshold, mlDsa } = file
  const list = (name: string): readonly unknown[] => (Array.isArray(file[name]) ? file[name] : [])
  const keys = list("keys").map((each): VendorKey => {
    const entry: Readonly<Record<string, unknown>> = typeof each === "object" && each !== null ? { ...each } : {}
    const algorithm = entry["algorithm"]
    if (algorithm !== "ed25519" && algorithm !== "es256")
      throw new VendorError("the trust file names another algorithm")
    return { algorithm, key: hexOf(entry["key"], algorithm === "ed25519" ? 32 : 64) }
  })
  if (typeof threshold !== "number" || threshold < 1 || threshold > keys.length)
    throw new VendorError("the trust file's threshold is not between 1 and the number of its keys")
  const second = mlDsa === null ? null : hexOf(mlDsa, 1312)
  return { keys, threshold, mlDsa: second, revoked: list("revoked").map((each) => hexOf(each, 32)) }
}
