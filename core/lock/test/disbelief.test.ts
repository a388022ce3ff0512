/** A lock whose storage is not of now, or not whole: it says so, opens nothing until it hears anew, and keeps room for alarms. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { emptyJournal, gapIsDue, hasRoom, lose } from "../src/journal.ts"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { decodeRecord, openState, type Stored, stateOf, stateToSign } from "../src/index.ts"
import { KEYPAD, waitOf } from "../src/throttle.ts"
import { Board, door, type Flash, house, pairingWith } from "./building.ts"

const FAULTS: readonly (readonly [NonNullable<Stored["fault"]>, string])[] = [
  ["rolled back", "storage rolled back: alarm"],
  ["damaged", "storage damaged: alarm"],
]

for (const [fault, word] of FAULTS) {
  test(`attack 77: storage that is ${fault} is recorded, opens nothing, and frees no code`, () => {
    const { board, keeper, people } = house()
    const [ana] = people
    ok(ana !== undefined)
    const flash: Flash = board.flash.copy()
    flash.fault = fault
    const after = new Board(keeper, flash, board.pairing, board.wall_ms)
    after.issued = board.issued
    after.present(ana)
    equal(after.bolt, "thrown")
    equal(waitOf(after.lock.throttle, KEYPAD, after.now), 3_600_000)
    after.input({ kind: "linked" })
    after.pass(30_000)
    ok(after.published().includes(word))
  })

  test(`attack 77: the lock believes it no more at the boot after, until a new lease says that it may open`, () => {
    const { board, keeper, people } = house()
    const [ana] = people
    ok(ana !== undefined && board.issued !== null)
    const flash: Flash = board.flash.copy()
    flash.fault = fault
    const first = new Board(keeper, flash, board.pairing, board.wall_ms)
    flash.fault = null
    const second = new Board(keeper, flash, board.pairing, first.wall_ms)
    second.issued = board.issued
    second.input({ kind: "linked" })
    second.pass(10_000)
    second.present(ana)
    equal(second.bolt, "thrown")
    equal(waitOf(second.lock.throttle, KEYPAD, second.now) > 3_500_000, true)
    equal(second.published().filter((each) => each.startsWith("storage")).length, 1, "said once")
    const from_s = Math.floor(second.wall_ms / 1000)
    second.hear(keeper.lease(door, board.issued, from_s, from_s + 3_600))
    second.present(ana)
    equal(second.bolt, "drawn")
  })
}

test("I-14: a torn throttle waits as after a long row, says so once, and its wait is not begun anew by every boot", () => {
  const { board, keeper } = house()
  const flash: Flash = board.flash.copy()
  flash.parts.set("throttle", Uint8Array.of(1, 2, 3))
  const first = new Board(keeper, flash, board.pairing, board.wall_ms)
  equal(waitOf(first.lock.throttle, KEYPAD, first.now), 3_600_000)
  first.pass(600_000)
  const second = new Board(keeper, flash, board.pairing, first.wall_ms)
  ok(waitOf(second.lock.throttle, KEYPAD, second.now) > 0, "the power going frees no code")
  second.input({ kind: "linked" })
  second.pass(30_000)
  equal(second.published().filter((each) => each === "storage damaged: alarm").length, 1)
})

test("attack 92, 43, R38: a flood of ordinary events never takes the room of alarms; what is lost is counted", () => {
  const head = { next: 1, chain: new Uint8Array(32) }
  for (const [records_max, forAlarms] of [
    [32, 2],
    [1_057, 66],
    [100_000, 1_000],
  ] as const) {
    const journal = { ...emptyJournal(head, records_max), next: records_max - forAlarms }
    deepEqual([hasRoom(journal, false), hasRoom(journal, true)], [false, true])
    const gone = lose(journal)
    deepEqual([gapIsDue(gone, false), gapIsDue(gone, true)], [false, true])
    const last = { ...journal, next: records_max }
    deepEqual([hasRoom(last, true), gapIsDue(lose(last), true)], [false, false])
  }
})

test("attack 92: bytes run out before records where the storage is small, and alarms still have theirs", () => {
  const head = { next: 1, chain: new Uint8Array(32) }
  const journal = emptyJournal(head, 1_000, 48_000)
  const tail = { first: 1, records: new Uint8Array(64), openings: new Uint8Array(46_000) }
  deepEqual([hasRoom({ ...journal, tail }, false), hasRoom({ ...journal, tail }, true)], [false, true])
})

test("attack 92: a lock that nobody listens to keeps an alarm that comes after the flood, behind the count of what was lost", () => {
  const { board, keeper } = house()
  const small = new Board(keeper, board.flash.copy(), pairingWith(keeper, 64), board.wall_ms)
  const kinds = (): string[] => {
    const { records } = small.lock.journal.tail
    return Array.from({ length: records.length / 64 }, (_, at) => {
      const decoded = decodeRecord(records.subarray(64 * at, 64 * at + 64))
      return decoded.ok ? decoded.record.kind : decoded.fault
    })
  }
  for (let times = 0; times < 200; times++) small.input({ kind: "power", mains: times % 2 === 0 ? "lost" : "returned" })
  const { lost } = small.lock.journal
  ok(lost > 100)
  equal(kinds().includes("gap"), false)
  small.input({ kind: "door sensed", door: "open" })
  deepEqual(kinds().slice(-3), ["gap", "finding", "door forced"]) // The finding is urgent, an alarm too.
  small.input({ kind: "sensed", sensed: { kind: "case", open: true } })
  equal(kinds().at(-1), "finding", "what wants a person at once is an alarm")
  equal(small.lock.journal.lost, 0)
})

test("attack 70: the signed state says what keeps the lock's keys, and says nothing where the board did not", () => {
  const { board } = house()
  for (const element of ["software", "pkcs11", null] as const) {
    const key = newEs256()
    const { site } = board.pairing
    const lock = { ...board.lock, pairing: { ...board.pairing, ...(element === null ? {} : { element }) } }
    const signable = stateToSign(nodeCrypto, site, key.publicKey, stateOf(lock, board.now))
    const opened = openState(nodeCrypto, site, key.publicKey, signable.finish(key.sign(signable.bytes)))
    equal(opened?.element, element)
  }
})
