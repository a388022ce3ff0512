/** The gate's answer does not depend on how the bytes are cut, and its bound is exact. */
import { equal } from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { type GateAnswer, PacketGate } from "../src/broker/packet-gate.ts"

const REMAINING_MAX = 20_000

/** A packet's header as MQTT 3.1.1, table 2.4 writes its length. */
function header(type: number, length: number): number[] {
  const bytes = [type]
  for (let rest = length; ; ) {
    const digit = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push(rest > 0 ? digit + 128 : digit)
    if (rest === 0) return bytes
  }
}

function lookAt(pieces: readonly Uint8Array[]): GateAnswer {
  const gate = new PacketGate(REMAINING_MAX)
  for (const piece of pieces) {
    const answer = gate.look(piece)
    if (answer !== "pass") return answer
  }
  return "pass"
}

const cases: readonly (readonly [string, readonly number[], GateAnswer])[] = [
  ["nothing", [], "pass"],
  ["a packet without a body", [0xc0, 0], "pass"],
  ["the largest packet", [...header(0x30, REMAINING_MAX), ...Array<number>(REMAINING_MAX).fill(0xff)], "pass"],
  ["one byte more", header(0x30, REMAINING_MAX + 1), "packet too large"],
  ["the largest length there is", [0x30, 0xff, 0xff, 0xff, 0x7f], "packet too large"],
  ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01], "protocol violation"],
  ["a length that is still open", [0x30, 0x80, 0x80, 0x80], "pass"],
  ["a large packet behind a good one", [0x30, 2, 1, 2, ...header(0x30, 100_000)], "packet too large"],
  ["two good packets", [0x30, 2, 0xff, 0xff, 0xc0, 0], "pass"],
]
for (const [what, bytes, answer] of cases)
  test(`${what}: ${answer}`, () => equal(lookAt([Uint8Array.from(bytes)]), answer))

test("however the bytes are cut, the answer is the same", () => {
  const packet = fc.tuple(fc.nat(255), fc.nat(REMAINING_MAX + 300))
  fc.assert(
    fc.property(fc.array(packet, { maxLength: 6 }), fc.array(fc.nat(3_000), { maxLength: 12 }), (packets, cuts) => {
      const bytes = Uint8Array.from(
        packets.flatMap(([type, size]) => [...header(type, size), ...Array<number>(size).fill(type)]),
      )
      const expected = packets.some(([, size]) => size > REMAINING_MAX) ? "packet too large" : "pass"
      equal(lookAt([bytes]), expected)
      equal(
        lookAt(Array.from(bytes.subarray(0, 4_000), (byte) => Uint8Array.of(byte))),
        lookAt([bytes.subarray(0, 4_000)]),
      )
      const pieces: Uint8Array[] = []
      let at = 0
      for (const cut of cuts) pieces.push(bytes.subarray(at, (at += cut)))
      equal(lookAt([...pieces, bytes.subarray(at)]), expected)
    }),
    { numRuns: 100 },
  )
})
