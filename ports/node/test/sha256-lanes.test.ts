/** Four hashes at a time are the hashes that node:crypto makes one by one. */
import { AssertionError, concat } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { deepEqual, equal, throws } from "node:assert/strict"
import fc from "fast-check"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { sha256Blocks } from "../src/sha256-lanes.ts"

function oneByOne(prefix: number, blocks: Uint8Array): string {
  let all = ""
  for (let at = 0; at < blocks.length; at += 64) {
    const hash = createHash("sha256")
      .update(Uint8Array.of(prefix))
      .update(blocks.subarray(at, at + 64))
    all += hash.digest("hex")
  }
  return all
}

test("blocks that nothing is left out of, and none", () => {
  for (const size of [1, 63, 65, 127]) throws(() => sha256Blocks(0, new Uint8Array(size)), AssertionError)
  equal(sha256Blocks(0, new Uint8Array(0)).length, 0)
})

test("zeros and ones, with either prefix", () => {
  for (const prefix of [0x00, 0x01, 0x80, 0xff])
    for (const fill of [0x00, 0x01, 0x7f, 0x80, 0xff]) {
      const blocks = new Uint8Array(64 * 5).fill(fill)
      equal(toHex(sha256Blocks(prefix, blocks)), oneByOne(prefix, blocks), `prefix ${prefix}, all ${fill}`)
    }
})

test("any bytes, in any number of blocks", () => {
  const someBlocks = fc
    .array(fc.uint8Array({ minLength: 64, maxLength: 64 }), { maxLength: 13 })
    .map((blocks) => concat(...blocks))
  fc.assert(
    fc.property(fc.nat(255), someBlocks, (prefix, blocks) =>
      equal(toHex(sha256Blocks(prefix, blocks)), oneByOne(prefix, blocks)),
    ),
  )
})

test("more blocks than the memory holds at once, each byte another", () => {
  for (const count of [511, 512, 513, 1024, 1500]) {
    const blocks = Uint8Array.from({ length: 64 * count }, (_, at) => (at * 167 + (at >> 6)) & 0xff)
    equal(toHex(sha256Blocks(1, blocks)), oneByOne(1, blocks), `${count} blocks`)
  }
})

test("what was answered before stays as it was, and a view is as good as an array", () => {
  const blocks = Uint8Array.from({ length: 64 * 9 + 2 }, (_, at) => at & 0xff)
  const first = sha256Blocks(0, blocks.subarray(1, -1))
  const kept = first.slice()
  sha256Blocks(1, new Uint8Array(64 * 9))
  deepEqual(first, kept)
  equal(toHex(first), oneByOne(0, blocks.subarray(1, -1)))
})
