/**
 * The root of a Merkle tree whose entries have 64 bytes each: RFC 6962, section 2.1, row by row from below.
 *
 * Such an entry is as long as two hashes, so every row is made from the one under it by the same step: a prefix and 64 bytes
 * become 32. Whoever can hash many at once does ({@link Crypto.sha256Blocks}). A hash without a partner goes up as it is,
 * which is where the definition puts it: it cuts at the largest power of two.
 */
import { assert, type Crypto, concat } from "@holdfast/base"
import { HASH_SIZE, LEAF_PREFIX, NODE_PREFIX } from "./hash.ts"

const BLOCK_SIZE = 2 * HASH_SIZE
/** From so many blocks on, hashing them together is worth its beginning. */
const MANY = 8

/** SHA-256(prefix || block) for each block. */
function hashes(crypto: Crypto, prefix: number, blocks: Uint8Array): Uint8Array {
  if (crypto.sha256Blocks !== undefined && blocks.length >= MANY * BLOCK_SIZE)
    return crypto.sha256Blocks(prefix, blocks)
  const message = new Uint8Array(1 + BLOCK_SIZE)
  message[0] = prefix
  const digests = new Uint8Array(blocks.length / 2)
  for (let at = 0; at < blocks.length; at += BLOCK_SIZE) {
    message.set(blocks.subarray(at, at + BLOCK_SIZE), 1)
    digests.set(crypto.sha256(message), at / 2)
  }
  return digests
}

/** The root over whole blocks of 64 bytes, at least one. */
export function rootOfBlocks(crypto: Crypto, blocks: Uint8Array): Uint8Array {
  assert(blocks.length > 0 && blocks.length % BLOCK_SIZE === 0, "there is a block, and every block is whole")
  let row = hashes(crypto, LEAF_PREFIX, blocks)
  while (row.length > HASH_SIZE) {
    const paired = row.length - (row.length % BLOCK_SIZE)
    const above = hashes(crypto, NODE_PREFIX, row.subarray(0, paired))
    row = paired === row.length ? above : concat(above, row.subarray(paired))
  }
  return row
}
