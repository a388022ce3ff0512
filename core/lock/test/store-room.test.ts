/** What a record of people passing takes in the sealed store, how many 64 KiB hold, and that every entry comes back. */
import { AssertionError, idOf, unixMillis, uptime } from "@holdfast/base"
import { encodeCbor } from "@holdfast/base/cbor"
import { packedSize_max, recordRoom } from "@holdfast/lock/store"
import { nodeCrypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { commitment, encodeDetail, encodeRecord, type RecordKind } from "../src/index.ts"
import { type Entry, take, unpack } from "../src/store/entry.ts"
import { encodeLine } from "../src/stored.ts"
import { Chip, chance, openStore, settle } from "./flash.ts"

const people = Array.from({ length: 500 }, () => ({
  person: idOf<"PersonId">(chance(16)),
  credential: idOf<"CredentialId">(chance(16)),
}))
const grant = idOf<"GrantId">(chance(16))
const PASSAGE: readonly RecordKind[] = ["admitted", "bolt drawn", "door opened", "door closed", "bolt thrown"]

/** The records of people going through a door, each with its bytes at most. */
function passage(sequence: number): { readonly line: Uint8Array; readonly size: number } {
  const kind = PASSAGE[sequence % PASSAGE.length] ?? "admitted"
  const person = people[(sequence * 7_919) % people.length]
  const detail = encodeDetail(kind === "admitted" ? { ...person, grant, version: { epoch: 1, size: 1_234 } } : {})
  const salt = chance(16)
  const ran_ms = sequence * 2_000 + ((sequence * 7_717) % 1_999)
  const record = encodeRecord({
    sequence,
    boot: 3,
    kind,
    result: "done",
    flags: 1,
    uptime_ms: uptime(ran_ms),
    wall_ms: unixMillis(1_795_420_800_000 + ran_ms),
    commitment: commitment(nodeCrypto, salt, detail),
  })
  return { line: encodeLine(nodeCrypto, { record, salt, detail }), size: packedSize_max(detail.length) }
}

/** Fills the room for records of a chip beside busy small parts; answers how many there were. */
function filled(chip: Chip, records_max: number): number {
  const store = openStore(chip)
  let room = recordRoom(chip.page_size, chip.pages, 2_048)
  let sequence = 1
  for (; sequence <= records_max; sequence++) {
    const { line, size } = passage(sequence)
    room -= size
    if (room < 0) break
    store.append(sequence, line)
    if (sequence % 50 === 0) store.put("throttle", encodeCbor(sequence))
    store.put("journal", new Uint8Array(60))
    settle(chip, store)
  }
  const { stored } = openStore(chip)
  equal(stored.fault, undefined)
  deepEqual(
    stored.records.map((each) => Buffer.from(each).readUInt32BE(4)),
    Array.from({ length: sequence - 1 }, (_, at) => at + 1),
  )
  return sequence - 1
}

test("64 KiB hold 1,057 records of people passing, with room for the small parts, whatever else happens", () => {
  ok(filled(new Chip(4_096, 16), 100_000) >= 1_057)
})

test("a store that is full to its bound goes on turning its pages for ever", () => {
  const chip = new Chip(4_096, 16)
  const records = filled(chip, 100_000)
  const store = openStore(chip)
  for (let lost = 1; lost <= 2_000; lost++) {
    store.put("journal", new Uint8Array(60).fill(lost))
    settle(chip, store)
  }
  equal(openStore(chip).stored.records.length, records)
  ok(store.wear.erases_max < 2_000, "many losses share an erase")
})

const anyEntry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ kind: fc.constant("release" as const), through: fc.nat() }, { noNullPrototype: true }),
  fc.record({ kind: fc.constant("discard" as const), from: fc.nat() }, { noNullPrototype: true }),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 300 })).map(([sequence, line]): Entry => {
    return { kind: "record", sequence, bytes: line }
  }),
  fc.nat({ max: 1_000_000 }).map((sequence): Entry => {
    const { line } = passage(sequence + 1)
    return { kind: "record", sequence: sequence + 1, bytes: line }
  }),
  fc.uint8Array({ minLength: 1, maxLength: 900 }).map((part): Entry => {
    return { kind: "chunk", part: "slot b", generation: 3, offset: 0, total: part.length, bytes: part }
  }),
)

test("entries come back byte for byte as they were packed, and no block is larger than its room", () => {
  fc.assert(
    fc.property(fc.array(anyEntry, { maxLength: 20 }), fc.integer({ min: 60, max: 2_000 }), (entries, room) => {
      const taken = take(nodeCrypto, entries, room, false)
      if (taken === null) return
      ok(encodeCbor([7, ...taken.values]).length <= room)
      deepEqual(unpack(nodeCrypto, taken.values), taken.entries)
      deepEqual([...taken.entries, ...taken.rest], entries)
    }),
    { seed: 20_261_122, numRuns: 300 },
  )
})

test("a detail that ends in the mark of an id, and one that is full of marks, come back as they were", () => {
  for (const size of [0, 1, 15, 16, 17, 18, 33, 34, 40, 64]) {
    const detail = new Uint8Array(size).fill(0x50)
    const salt = chance(16)
    const record = new Uint8Array(64)
    record.set([2, 0, 0, 0, 0, 0, 0], 8)
    record[7] = 1
    record.set(commitment(nodeCrypto, salt, detail), 32)
    const line = encodeLine(nodeCrypto, { record, salt, detail })
    const entry: Entry = { kind: "record", sequence: 1, bytes: line }
    const taken = take(nodeCrypto, [entry], 1_000, false)
    deepEqual(unpack(nodeCrypto, taken?.values ?? []), [entry], `${size} marks`)
    equal(taken?.values.length, 2, "it is packed as a line")
  }
})

test("I-25, seed 25: what does not fit beside the old state breaks a promise, and the old state is still there", () => {
  const chip = new Chip()
  const [old, other] = [chance(32), chance(32)].map((seed) => new Uint8Array(1_200).fill(seed[0] ?? 0))
  const store = openStore(chip)
  store.put("slot a", old ?? new Uint8Array(0))
  store.put("slot b", other ?? new Uint8Array(0))
  settle(chip, store)
  let fits = 0
  for (let size = 400; fits === size - 400; size += 400) {
    const one = openStore(chip)
    const large = new Uint8Array(size).fill(7)
    const copy = chip.copy()
    one.put("slot a", large)
    try {
      settle(copy, one)
      deepEqual(openStore(copy).stored.parts.get("slot a"), large, `${size} bytes`)
      fits += 400
    } catch (error) {
      ok(error instanceof AssertionError)
      deepEqual(openStore(copy).stored.parts.get("slot a"), old)
      deepEqual(openStore(copy).stored.parts.get("slot b"), other)
    }
  }
  ok(fits >= 800 && fits < 4_000, `${fits} bytes fitted`)
})
