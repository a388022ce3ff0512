/** Frames of the keeper's socket: whole in whatever pieces, and broken ones refused for good. */
import { idOf } from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  type Answer,
  answerFrame,
  encodeFrame,
  FRAME_BYTES_MAX,
  type Frame,
  FrameReader,
  type Notice,
  noticeFrame,
  type Request,
  readAnswer,
  readNotice,
  readRequest,
  requestFrame,
} from "../src/index.ts"

const bytes = (size: number, value: number): Uint8Array => new Uint8Array(size).fill(value)

const REQUESTS: readonly Request[] = [
  { operation: "status" },
  {
    operation: "submit",
    statements: [bytes(3, 1), bytes(4, 2)],
    attachments: [{ object: idOf(bytes(16, 9)), sealed: bytes(70, 3) }],
  },
  { operation: "submit", statements: [], attachments: [] },
  { operation: "batch", entry: bytes(5, 1), openings: bytes(6, 2) },
  { operation: "policy", door: idOf(bytes(16, 1)), held_size: 12 },
  { operation: "secret", door: idOf(bytes(16, 1)), credential: idOf(bytes(16, 2)) },
  { operation: "lease", door: idOf(bytes(16, 1)) },
  { operation: "narrowing", door: idOf(bytes(16, 1)) },
  { operation: "beacon", nonce: bytes(16, 4) },
  { operation: "pairing", journalKey: bytes(77, 5) },
  { operation: "look", look: bytes(30, 5) },
  { operation: "beat", door: idOf(bytes(16, 1)), state: bytes(40, 6) },
  { operation: "sheets" },
]

const ANSWERS: readonly Answer[] = [
  { operation: "refused", fault: "changed since" },
  { operation: "status", state: new Map<number, Cbor>([[0, bytes(16, 1)]]) },
  {
    operation: "submit",
    outcomes: [
      { admitted: true, index: 7, receipt: bytes(9, 1) },
      { admitted: false, fault: "changed since" },
    ],
    issued: [{ credential: idOf(bytes(16, 2)), sealed: bytes(3, 3) }],
  },
  { operation: "batch", index: 0, receipt: bytes(2, 1) },
  {
    operation: "policy",
    manifest: bytes(1, 1),
    checkpoint: bytes(2, 2),
    consistency: [bytes(32, 3)],
    secrets: bytes(0, 0),
  },
  { operation: "secret", sealed: bytes(2, 1) },
  { operation: "lease", ticket: bytes(2, 1) },
  { operation: "narrowing", ticket: bytes(2, 1) },
  { operation: "beacon", beacon: bytes(2, 1) },
  { operation: "look", sealed: bytes(2, 1) },
  { operation: "pairing", door: idOf(bytes(16, 6)) },
  { operation: "beat" },
  { operation: "sheets", sheets: [{ person: idOf(bytes(16, 7)), sealed: bytes(50, 8) }] },
]

/** What a peer reads when the bytes arrive in pieces of `size`. */
function through(frames: readonly Frame[], size: number): Frame[] {
  const stream = Buffer.concat(frames.map(encodeFrame))
  const reader = new FrameReader()
  const read: Frame[] = []
  for (let at = 0; at < stream.length; at += size) {
    const pushed = reader.push(new Uint8Array(stream.subarray(at, at + size)))
    ok(typeof pushed !== "string")
    read.push(...pushed)
  }
  return read
}

test("requests, answers and notices arrive whole, whatever the pieces", () => {
  const notices: readonly Notice[] = [
    { notice: "policies issued", doors: [idOf(bytes(16, 1))] },
    { notice: "narrowed", doors: [idOf(bytes(16, 1)), idOf(bytes(16, 2))] },
    { notice: "log grew", class: "events", size: 90 },
  ]
  const frames = [
    ...REQUESTS.map((request, at) => requestFrame(at + 1, request)),
    ...ANSWERS.map((answer, at) => answerFrame(at + 1, answer)),
    ...notices.map(noticeFrame),
  ]
  for (const size of [1, 3, 7, 64, 100_000]) {
    const read = through(frames, size)
    deepEqual(read.slice(0, REQUESTS.length).map(readRequest), REQUESTS)
    deepEqual(read.slice(REQUESTS.length, -3).map(readAnswer), ANSWERS)
    deepEqual(read.slice(-3).map(readNotice), notices)
  }
})

test("a notice is no request and no answer; an answer is no notice", () => {
  const notice = noticeFrame({ notice: "log grew", class: "looks", size: 1 })
  equal(readRequest(notice), null)
  equal(readAnswer(notice), null)
  equal(readNotice(answerFrame(1, { operation: "lease", ticket: bytes(1, 1) })), null)
})

const BAD_BODIES: readonly (readonly [string, Frame])[] = [
  ["operation 99", { id: 1, operation: 99, body: new Map() }],
  ["a body that is no map", { id: 1, operation: 3, body: "batch" }],
  ["a batch without openings", { id: 1, operation: 3, body: new Map<number, Cbor>([[0, bytes(1, 1)]]) }],
  ["a short door", { id: 1, operation: 6, body: new Map<number, Cbor>([[0, bytes(15, 1)]]) }],
  [
    "a critical key that nobody knows",
    {
      id: 1,
      operation: 6,
      body: new Map<number, Cbor>([
        [0, bytes(16, 1)],
        [9, 1],
      ]),
    },
  ],
  ["a status with a field", { id: 1, operation: 1, body: new Map<number, Cbor>([[0, 1]]) }],
]
for (const [name, frame] of BAD_BODIES) test(`no request: ${name}`, () => equal(readRequest(frame), null))

const BROKEN: readonly (readonly [string, number[]])[] = [
  ["frame empty", [0, 0, 0, 0]],
  ["frame too large", [0, 0x40, 0, 1]],
  ["frame too large", [0xff, 0xff, 0xff, 0xff]],
  ["frame not CBOR", [0, 0, 0, 1, 0xff]],
  ["frame not CBOR", [0, 0, 0, 2, 0x01, 0x01]],
  ["frame not three fields", [0, 0, 0, 1, 0x80]],
  ["frame not three fields", [0, 0, 0, 4, 0x83, 0x20, 0x01, 0xf6]],
]
for (const [fault, stream] of BROKEN)
  test(`${fault} (${stream.join(" ")}), and nothing is read after it`, () => {
    const reader = new FrameReader()
    equal(reader.push(Uint8Array.from(stream)), fault)
    equal(reader.push(encodeFrame(requestFrame(1, { operation: "status" }))), fault)
  })

test("the largest frame passes and one byte more is refused by its length alone", () => {
  const head = 1 + 1 + 1 + 5
  const frame: Frame = { id: 1, operation: 2, body: bytes(FRAME_BYTES_MAX - head, 1) }
  const wire = encodeFrame(frame)
  equal(wire.length, 4 + FRAME_BYTES_MAX)
  const reader = new FrameReader()
  deepEqual(reader.push(wire), [frame])
})

test("no bytes make the reader throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      const read = new FrameReader().push(noise)
      if (typeof read === "string") return
      for (const frame of read) ok(readRequest(frame) === null || readNotice(frame) === null)
    }),
  )
})
