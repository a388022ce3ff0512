/** A vendor for the tests: keys, images signed with them, and the board that they are for. */
import type { Crypto } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { newEd25519, newEs256, nodeCrypto, verifyMlDsa44 } from "@holdfast/port-node"
import { generateKeyPairSync, sign } from "node:crypto"
import {
  type BoardFacts,
  type Claims,
  encodeClaims,
  encodeSignedPart,
  type Firmware,
  type ImageCrypto,
  type ImageVersion,
  keyHash,
  mlDsaMessage,
  signedImage,
  type VendorKey,
  type VendorTrust,
} from "@holdfast/lock/image"

export const imageCrypto: ImageCrypto = { ...nodeCrypto, verifyMlDsa44 }
const crypto: Crypto = nodeCrypto

const ed25519 = newEd25519()
const es256 = newEs256()
const mlDsa = generateKeyPairSync("ml-dsa-44")
const mlDsaKey = new Uint8Array(mlDsa.publicKey.export({ format: "der", type: "spki" }).subarray(-1312))

export type KeyName = "ed25519" | "es256" | "debug"
const debug = newEd25519()
export const VENDOR_KEYS: Readonly<Record<KeyName, VendorKey>> = {
  ed25519: { algorithm: "ed25519", key: ed25519.publicKey },
  es256: { algorithm: "es256", key: es256.publicKey },
  debug: { algorithm: "ed25519", key: debug.publicKey },
}

export const VENDOR: VendorTrust = {
  keys: [VENDOR_KEYS.ed25519, VENDOR_KEYS.es256],
  threshold: 1,
  mlDsa: mlDsaKey,
  revoked: [],
}

export const version = (major: number, minor = 0, revision = 0, build = 0): ImageVersion => ({
  major,
  minor,
  revision,
  build,
})

export const BOARD: BoardFacts = { model: "HF-7000", revision: 3, counter_min: 5, replaces: version(1, 4) }

export type Wish = Partial<Claims> & {
  readonly version?: ImageVersion
  readonly payload?: string
  readonly signers?: readonly KeyName[]
  /** Whether the ML-DSA-44 key signs as well. */
  readonly twice?: boolean
}

function signatureOf(name: KeyName, part: Uint8Array): Uint8Array {
  if (name === "es256") return new Uint8Array(sign("sha256", part, es256.key))
  return (name === "debug" ? debug : ed25519).sign(crypto.sha256(part))
}

/** An image as the vendor makes it: by default a good one for {@link BOARD}. */
export function imageOf(wish: Wish = {}): Uint8Array {
  const claims: Claims = {
    model: wish.model ?? "HF-7000",
    revision_min: wish.revision_min ?? 1,
    revision_max: wish.revision_max ?? 4,
    version_min: wish.version_min ?? version(1, 2),
    counter: wish.counter ?? 6,
    mlDsaKeyHash: wish.mlDsaKeyHash === undefined ? keyHash(crypto, "mlDsa44", mlDsaKey) : wish.mlDsaKeyHash,
  }
  const part = encodeSignedPart(
    wish.version ?? version(1, 5),
    utf8(wish.payload ?? "the program"),
    encodeClaims(claims),
  )
  const signatures = (wish.signers ?? ["ed25519"]).map((name) => ({
    ...VENDOR_KEYS[name],
    signature: signatureOf(name, part),
  }))
  const second =
    (wish.twice ?? true) ? new Uint8Array(sign(null, mlDsaMessage(crypto.sha256(part)), mlDsa.privateKey)) : null
  return signedImage(crypto, part, signatures, second)
}

/** The name of an image that stands for a number. */
export function imageNumber(number: number): Uint8Array {
  return new Uint8Array(32).fill(number)
}

/** Firmware that was verified, with that name and that security counter; null for 0, where nothing may run. */
export function firmwareNumber(number: number): Firmware | null {
  const from = version(1)
  const model = "HF-7000"
  const claims = { model, revision_min: 1, revision_max: 9, version_min: from, counter: number, mlDsaKeyHash: null }
  const image = imageNumber(number)
  return number === 0 ? null : { payload: image, image, digest: image, version: version(number), claims }
}
