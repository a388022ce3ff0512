/**
 * P-256 keys made from words, signing deterministically (RFC 6979), so that a vector has the same bytes every time it is made.
 *
 * For tests only: Node multiplies points, and the rest of ECDSA (FIPS 186-5, section 6.4.1) is plain arithmetic here.
 */
import { concat } from "@holdfast/base"
import { type PublicKey, publicKey, toLowS } from "@holdfast/base/cose"
import { toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { createECDH } from "node:crypto"

export type TestKey = {
  readonly publicKey: PublicKey
  /** r || s with a low s. */
  sign(bytes: Uint8Array): Uint8Array
  /** The same in DER, as an authenticator answers. */
  derSign(bytes: Uint8Array): Uint8Array
}

const ORDER = BigInt("0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes)}`)
}

function bytesOf(number: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(number.toString(16).padStart(64, "0"), "hex"))
}

function inverse(number: bigint): bigint {
  let power = 1n
  let base = number % ORDER
  for (let exponent = ORDER - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) power = (power * base) % ORDER
    base = (base * base) % ORDER
  }
  return power
}

/** The point that is `secret` times the generator: 04 || x || y. */
function pointOf(secret: Uint8Array): Uint8Array {
  const ecdh = createECDH("prime256v1")
  ecdh.setPrivateKey(secret)
  return ecdh.getPublicKey()
}

/** RFC 6979, section 3.2, steps a to h, for a hash as long as the order. */
function nonceOf(secret: Uint8Array, digest: Uint8Array): Uint8Array {
  const { hmacSha256 } = nodeCrypto
  const reduced = bytesOf(numberOf(digest) % ORDER)
  let value: Uint8Array = new Uint8Array(32).fill(1)
  let key: Uint8Array = new Uint8Array(32)
  for (const separator of [0, 1]) {
    key = hmacSha256(key, concat(value, Uint8Array.of(separator), secret, reduced))
    value = hmacSha256(key, value)
  }
  for (;;) {
    value = hmacSha256(key, value)
    const nonce = numberOf(value)
    if (nonce > 0n && nonce < ORDER) return new Uint8Array(value)
    key = hmacSha256(key, concat(value, Uint8Array.of(0)))
    value = hmacSha256(key, value)
  }
}

function signWith(secret: Uint8Array, bytes: Uint8Array): Uint8Array {
  const digest = nodeCrypto.sha256(bytes)
  const nonce = nonceOf(secret, digest)
  const r = numberOf(pointOf(nonce).slice(1, 33)) % ORDER
  const s = (inverse(numberOf(nonce)) * (numberOf(digest) + r * numberOf(secret))) % ORDER
  return toLowS(concat(bytesOf(r), bytesOf(s)))
}

/** An INTEGER in DER: X.690, section 8.3. */
function derInteger(bytes: Uint8Array): readonly number[] {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = [...bytes.subarray(Math.max(0, first))]
  const padded = (digits[0] ?? 0x80) >= 0x80 ? [0, ...digits] : digits
  return [2, padded.length, ...padded]
}

export function keyOf(word: string): TestKey {
  const secret = new Uint8Array(nodeCrypto.sha256(utf8(`holdfast test key ${word}`)))
  return {
    publicKey: publicKey(new Uint8Array(pointOf(secret)).slice(1)),
    sign: (bytes) => signWith(secret, bytes),
    derSign(bytes) {
      const signature = signWith(secret, bytes)
      const integers = [...derInteger(signature.subarray(0, 32)), ...derInteger(signature.subarray(32))]
      return Uint8Array.from([0x30, integers.length, ...integers])
    },
  }
}
