/** Roots over entries of 64 bytes: the definition's, by whoever hashes many at once and whoever does not. */
import { AssertionError, type Crypto } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { equal, throws } from "node:assert/strict"
import { test } from "node:test"
import { rootOfBlocks } from "../src/blocks.ts"
import { rootOf } from "./definition.ts"

const { sha256Blocks: _, ...alone } = nodeCrypto
const oneByOne: Crypto = alone

test("nothing, and what is not whole", () => {
  for (const size of [0, 1, 63, 65]) throws(() => rootOfBlocks(nodeCrypto, new Uint8Array(size)), AssertionError)
})

test("the root is the definition's for every number of entries", () => {
  const blocks = Uint8Array.from({ length: 64 * 513 }, (_byte, at) => (at * 31 + (at >> 6)) & 0xff)
  const entries = Array.from({ length: 513 }, (_entry, at) => blocks.subarray(64 * at, 64 * (at + 1)))
  const counts = [...Array.from({ length: 70 }, (_count, at) => at + 1), 127, 128, 129, 255, 256, 257, 511, 512, 513]
  for (const count of counts) {
    const expected = toHex(rootOf(entries.slice(0, count)))
    for (const crypto of [nodeCrypto, oneByOne])
      equal(toHex(rootOfBlocks(crypto, blocks.subarray(0, 64 * count))), expected, `${count} entries`)
  }
})
