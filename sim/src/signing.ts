/**
 * Signatures for a simulated building: real ones, or stand-ins that repeat with the seed and cost a hash.
 *
 * A stand-in signature is an HMAC under the private key, and whoever verifies looks the private key up in this one table; so
 * nobody in the building can make a signature without the key, which is all that the building relies on. Real ECDSA draws
 * its own chance: a run with it takes the same turns but never has the same bytes twice. Hashing, AES and sealing are real
 * in both.
 */
import { assert, concat, type Crypto } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { newEd25519, newEs256, nodeCrypto } from "@holdfast/port-node"
import type { Chance } from "./chance.ts"

export type Es256Key = { readonly publicKey: PublicKey; sign(bytes: Uint8Array): Uint8Array }
export type Ed25519Key = { readonly publicKey: Uint8Array; sign(bytes: Uint8Array): Uint8Array }

export type Signing = {
  readonly crypto: Crypto
  es256(chance: Chance): Es256Key
  ed25519(chance: Chance): Ed25519Key
}

export const REAL_SIGNING: Signing = { crypto: nodeCrypto, es256: () => newEs256(), ed25519: () => newEd25519() }

/** 64 bytes with the highest bits of s clear, which makes it low-S: as long and as spelled as a real one. */
function standIn(privateKey: Uint8Array, bytes: Uint8Array): Uint8Array {
  const first = nodeCrypto.hmacSha256(privateKey, bytes)
  const second = nodeCrypto.hmacSha256(privateKey, first)
  second[0] = (second[0] ?? 0) & 0x3f
  return concat(first, second)
}

export function repeatableSigning(): Signing {
  const privateKeys = new Map<string, Uint8Array>()
  const key = (chance: Chance, size: number) => {
    const privateKey = chance.bytes(32)
    const named = concat(nodeCrypto.sha256(privateKey), nodeCrypto.sha256(nodeCrypto.sha256(privateKey))).slice(0, size)
    privateKeys.set(toHex(named), privateKey)
    return { named, sign: (bytes: Uint8Array) => standIn(privateKey, bytes) }
  }
  const verify = (named: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean => {
    const privateKey = privateKeys.get(toHex(named))
    return privateKey !== undefined && toHex(standIn(privateKey, bytes)) === toHex(signature)
  }
  assert(standIn(new Uint8Array(32), new Uint8Array(0)).length === 64, "a stand-in is as long as a signature")
  return {
    crypto: { ...nodeCrypto, verifyEs256: verify, verifyEd25519: verify },
    es256(chance) {
      const { named, sign } = key(chance, 64)
      return { publicKey: publicKey(named), sign }
    },
    ed25519(chance) {
      const { named, sign } = key(chance, 32)
      return { publicKey: named, sign }
    },
  }
}
