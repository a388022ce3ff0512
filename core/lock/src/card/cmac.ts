/**
 * AES-CMAC (RFC 4493, NIST SP 800-38B): a message authentication code from AES-128 alone, which is what cards speak.
 *
 * CBC over the message with a zero vector, where the last block is masked with one of two subkeys: which one tells whole
 * messages from padded ones. Key diversification builds on the same steps, see `diversify.ts`.
 */
import { assert, byteAt, type Crypto, concat } from "@holdfast/base"

export const BLOCK_SIZE = 16
export const ZERO_BLOCK: Uint8Array = new Uint8Array(BLOCK_SIZE)

/** Multiplication by x in GF(2^128): RFC 4493, section 2.3, the same for both subkeys. */
function double(block: Uint8Array): Uint8Array {
  const doubled = new Uint8Array(BLOCK_SIZE)
  for (let i = 0; i < BLOCK_SIZE; i++)
    doubled[i] = (byteAt(block, i) << 1) | (i + 1 < BLOCK_SIZE ? byteAt(block, i + 1) >> 7 : 0)
  doubled[BLOCK_SIZE - 1] = byteAt(doubled, BLOCK_SIZE - 1) ^ ((byteAt(block, 0) >> 7) * 0x87)
  return doubled
}

/** Subkeys K1 (the last block is whole) and K2 (it was padded): RFC 4493, section 2.3. */
function subkeys(crypto: Crypto, key: Uint8Array): { readonly whole: Uint8Array; readonly padded: Uint8Array } {
  const whole = double(crypto.aesCbcEncrypt(key, ZERO_BLOCK, ZERO_BLOCK))
  return { whole, padded: double(whole) }
}

/**
 * The last block of CBC over `message`, padded with 0x80 0x00.. up to `size_min` or the next whole block: RFC 4493,
 * section 2.4, steps 2 to 7. A minimum above the message's own blocks is AN10922's and not the RFC's.
 */
export function maskedCbc(crypto: Crypto, key: Uint8Array, message: Uint8Array, size_min: number): Uint8Array {
  assert(key.length === BLOCK_SIZE, "an AES-128 key is 16 bytes")
  const size = Math.max(size_min, Math.ceil(message.length / BLOCK_SIZE) * BLOCK_SIZE, BLOCK_SIZE)
  const blocks = new Uint8Array(size)
  blocks.set(message)
  if (message.length < size) blocks[message.length] = 0x80
  const keys = subkeys(crypto, key)
  const mask = message.length < size ? keys.padded : keys.whole
  for (let i = 0; i < BLOCK_SIZE; i++) {
    const at = size - BLOCK_SIZE + i
    blocks[at] = byteAt(blocks, at) ^ byteAt(mask, i)
  }
  return crypto.aesCbcEncrypt(key, ZERO_BLOCK, blocks).slice(size - BLOCK_SIZE)
}

export function cmac(crypto: Crypto, key: Uint8Array, ...message: readonly Uint8Array[]): Uint8Array {
  return maskedCbc(crypto, key, concat(...message), BLOCK_SIZE)
}
