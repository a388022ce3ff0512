/** The journal's first turn: which records go on, where the chain stands, and which boot and which time the newest record tells. */
import { encodeCbor } from "@holdfast/base/cbor"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { decodeRecord, type Turn } from "../src/index.ts"
import { decodeLine, encodeLine, type Part } from "../src/stored.ts"
import { Board, type Flash } from "./building.ts"
import { encodeHead } from "../src/journal.ts"
import { booted, lived, put } from "./lived.ts"

/** Records 5 to 10 are stored; record 5 is signed and on its way, records 1 to 4 have their receipt. */
const FULL = lived()
const { board } = FULL

/** Where the journal stands after a boot, whose own records come behind. */
function stands({ state }: Turn): readonly number[] {
  const { head, lost } = state.journal
  const boots = [...bootRecords(state)]
  return [head.next, boots[0] ?? 0, lost]
}

/** The sequence that the record of this boot bears. */
function bootRecords({ journal }: Turn["state"]): number[] {
  const found: number[] = []
  for (const { first, records } of [...journal.segments, journal.tail])
    for (let at = 0; at < records.length; at += 64) {
      const decoded = decodeRecord(records.subarray(at, at + 64))
      if (decoded.ok && decoded.record.kind === "boot") found.push(first + at / 64)
    }
  return found.slice(-1)
}

const isDamaged = ({ effects }: Turn): boolean =>
  effects.some((each) => {
    const line = each.kind === "append" ? decodeLine(crypto, each.bytes) : null
    const decoded = line === null ? null : decodeRecord(line.record)
    return decoded?.ok === true && decoded.record.kind === "storage damaged"
  })

function without(flash: Flash, ...parts: readonly Part[]): Flash {
  for (const part of parts) flash.parts.delete(part)
  return flash
}

function torn(flash: Flash, ...parts: readonly Part[]): Flash {
  for (const part of parts) flash.parts.set(part, new Uint8Array(20))
  return flash
}

/** The stored record as the lock would have written it with something else in it. */
function rewritten(bytes: Uint8Array, change: (record: Uint8Array) => Uint8Array): Uint8Array {
  const line = decodeLine(crypto, bytes)
  ok(line !== null)
  return encodeLine(crypto, { ...line, record: change(line.record) })
}

// what happened to the storage | the next receipt is for | this boot's record is | lost before | said to be damaged
const SCENES: Readonly<Record<string, (flash: Flash) => Flash>> = {
  nothing: (flash) => flash,
  "the head is missing": (flash) => without(flash, "journal"),
  "the head is torn": (flash) => torn(flash, "journal"),
  "head and batch are torn": (flash) => torn(flash, "journal", "batch"),
  "the head is torn, no batch was on its way": (flash) => torn(without(flash, "batch"), "journal"),
  "the batch is missing": (flash) => without(flash, "batch"),
  "the batch is torn": (flash) => torn(flash, "batch"),
  "the batch is none": (flash) => {
    put(flash, "batch", encodeCbor([Uint8Array.of(1), new Uint8Array(0)]))
    return flash
  },
  "the last record is torn": (flash) => {
    flash.records = flash.records.map((each, at) => (at === 5 ? { ...each, bytes: each.bytes.slice(0, 50) } : each))
    return flash
  },
  "the last record but one is torn": (flash) => {
    flash.records = flash.records.map((each, at) => (at === 4 ? { ...each, bytes: each.bytes.slice(0, 50) } : each))
    return flash
  },
  "the last record reads as none": (flash) => {
    const none = (record: Uint8Array): Uint8Array => record.with(12, 0xff)
    flash.records = flash.records.map((each, at) => (at === 5 ? { ...each, bytes: rewritten(each.bytes, none) } : each))
    return flash
  },
  "record 8 is missing": (flash) => {
    flash.records = flash.records.filter(({ sequence }) => sequence !== 8)
    return flash
  },
  "record 5 is missing, which is signed": (flash) => {
    flash.records = flash.records.filter(({ sequence }) => sequence !== 5)
    return flash
  },
  "the head is torn and no record is there": (flash) => {
    flash.records = []
    return torn(flash, "journal")
  },
  "no record is there": (flash) => {
    flash.records = []
    return flash
  },
}
const ROWS = `
  nothing                                    5   11  0  no
  the head is missing                        1   1   0  yes
  the head is torn                           5   11  0  yes
  head and batch are torn                    1   1   0  yes
  the head is torn, no batch was on its way  1   1   0  yes
  the batch is missing                       5   11  0  no
  the batch is torn                          5   11  0  yes
  the batch is none                          5   11  0  no
  the last record is torn                    5   10  0  no
  the last record but one is torn            5   9   0  yes
  the last record reads as none              5   10  0  no
  record 8 is missing                        5   8   0  yes
  record 5 is missing, which is signed       5   11  0  no
  the head is torn and no record is there    5   6   0  yes
  no record is there                         5   6   0  no
`
for (const row of ROWS.trim().split("\n")) {
  const [what = "", head = "", own = "", lost = "", damaged = ""] = row.trim().split(/ {2,}/)
  test(`I-25, I-28: ${what}: the journal goes on at ${own} behind ${head}, damaged: ${damaged}`, () => {
    const act = SCENES[what]
    ok(act !== undefined, what)
    const flash = act(FULL.flash.copy())
    const turn = booted(flash, board.pairing)
    deepEqual(stands(turn), [head, own, lost].map(Number))
    equal(isDamaged(turn), damaged === "yes")
    const cut = turn.effects.find((each) => each.kind === "discard")
    const kept = Number(own)
    equal(cut?.kind === "discard" ? cut.from : 11, kept < 11 && flash.records.length > 0 ? kept : 11)
  })
}

/** The storage after one more boot, which recorded nothing but itself. */
function onceMore(): Flash {
  const flash = FULL.flash.copy()
  for (const effect of booted(flash, board.pairing).effects) flash.take(effect)
  return flash
}

test("I-25: where the boot counter is lost, the newest record tells it, or the batch that was signed last", () => {
  const before = board.lock.boot
  for (const lose of [without, torn]) {
    equal(booted(lose(onceMore(), "boot"), board.pairing).state.boot, before + 2)
    equal(booted(lose(FULL.flash.copy(), "boot"), board.pairing).state.boot, before + 1)
    const bare = lose(FULL.flash.copy(), "boot")
    bare.records = []
    equal(booted(bare, board.pairing).state.boot, before + 1, "the batch tells it")
    const none = lose(bare, "boot", "batch", "journal")
    equal(booted(none, board.pairing).state.boot, 1, "nothing tells it")
  }
})

test("I-21: what the newest record tells of the time has passed, where the floor is older or lost", () => {
  const newest = board.flash.records.at(-1)
  const line = newest === undefined ? null : decodeLine(crypto, newest.bytes)
  const decoded = line === null ? null : decodeRecord(line.record)
  const wall_ms = decoded?.ok === true ? decoded.record.wall_ms : null
  ok(wall_ms !== null)
  equal(booted(FULL.flash, board.pairing).state.clock.floor, wall_ms)
  equal(booted(without(FULL.flash.copy(), "clock"), board.pairing).state.clock.floor, wall_ms)
  const later = FULL.flash.copy()
  put(later, "clock", encodeCbor(wall_ms + 5))
  equal(booted(later, board.pairing).state.clock.floor, wall_ms + 5, "the floor never falls")
  const unknown = onceMore()
  equal(booted(without(unknown, "clock"), board.pairing).state.clock.floor, 0, "that boot did not know the time")
})

test("what was lost before is still lost after a boot, and gets its gap record", () => {
  const flash = FULL.flash.copy()
  put(flash, "journal", encodeHead({ ...board.lock.journal, lost: 1 }))
  const { state, effects } = booted(flash, board.pairing)
  const kinds = effects.flatMap((each) => {
    const line = each.kind === "append" ? decodeLine(crypto, each.bytes) : null
    const decoded = line === null ? null : decodeRecord(line.record)
    return decoded?.ok ? [decoded.record.kind] : []
  })
  deepEqual([kinds, state.journal.lost], [["gap", "boot"], 0])
})

test("I-28: the head is torn: more records than fit beside the last batch say that its receipt had come", () => {
  for (const [records_max, head] of [
    [7, 5],
    [6, 5],
    [5, 6],
  ] as const) {
    const pairing = { ...board.pairing, journal_records_max: records_max }
    equal(booted(torn(FULL.flash.copy(), "journal"), pairing).state.journal.head.next, head, `room for ${records_max}`)
  }
})

test("I-25: the batch that was on its way goes out again, byte for byte, and the log is whole in the end", () => {
  const sent = board.lock.outstanding?.sent
  const after = new Board(FULL.keeper, FULL.flash.copy(), board.pairing, board.wall_ms)
  deepEqual(after.lock.outstanding?.sent?.entry, sent?.entry)
  after.input({ kind: "linked" })
  after.pass(30_000)
  equal(after.lock.journal.head.next, after.lock.journal.next)
})
