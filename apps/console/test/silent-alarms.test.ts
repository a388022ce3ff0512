/** What a receiver's page takes for the keeper's answer: the book that was asked for, and none that was sealed to it before. */
import type { AlarmSheet, SilentAlarm } from "@holdfast/access/sheet"
import { type DoorId, idOf, type PersonId, unixMillis } from "@holdfast/base"
import { equal } from "node:assert/strict"
import { test } from "node:test"
import { isAnswer, SilentAlarms } from "../src/data/silent-alarms.ts"

const id = <Kind extends string>(byte: number) => idOf<Kind>(new Uint8Array(16).fill(byte))
const [LOBBY, GATE] = [id<"DoorId">(1), id<"DoorId">(2)] as const
const [ANA, BO] = [id<"PersonId">(3), id<"PersonId">(4)] as const

function called(door: DoorId, last_ms: number, by: PersonId | null = null): SilentAlarm {
  return {
    door,
    person: null,
    entries: 1,
    first_ms: unixMillis(last_ms),
    last_ms: unixMillis(last_ms),
    record: null,
    acknowledged: by === null ? null : { by, at_ms: unixMillis(last_ms + 1) },
    personName: null,
    doorName: null,
  }
}

const bookOf = (at_ms: number, ...alarms: readonly SilentAlarm[]): AlarmSheet => {
  return { at_ms: unixMillis(at_ms), more: 0, alarms }
}

/** Acknowledged is always the call at the lobby at 1000, when the newest that was told was written at 2000. */
const BOOKS: readonly (readonly [string, AlarmSheet, boolean])[] = [
  ["shows it as acknowledged", bookOf(2_000, called(LOBBY, 1_000, ANA)), true],
  ["shows that another receiver was quicker", bookOf(2_000, called(LOBBY, 1_000, BO)), true],
  ["shows it as acknowledged, and a new call", bookOf(9_000, called(LOBBY, 8_000), called(LOBBY, 1_000, ANA)), true],
  ["shows it as open", bookOf(9_000, called(LOBBY, 1_000)), false],
  ["is empty, as for whoever is no receiver", bookOf(9_000), false],
  ["shows what was acknowledged at another door", bookOf(9_000, called(GATE, 1_000, ANA)), false],
  ["shows what was acknowledged before it", bookOf(9_000, called(LOBBY, 1_000), called(LOBBY, 999, ANA)), false],
  ["was written before it was asked for", bookOf(1_999, called(LOBBY, 1_000, ANA)), false],
]
for (const [what, book, answers] of BOOKS)
  test(`attack 43: a book that ${what} is ${answers ? "the" : "no"} answer to an acknowledgement`, () => {
    equal(isAnswer(book, 2_000, [{ door: LOBBY, through_ms: unixMillis(1_000) }]), answers)
  })

test("one of two that were acknowledged is not both", () => {
  const both = [LOBBY, GATE].map((door) => ({ door, through_ms: unixMillis(1_000) }))
  equal(isAnswer(bookOf(2_000, called(LOBBY, 1_000, ANA)), 2_000, both), false)
  equal(isAnswer(bookOf(2_000, called(LOBBY, 1_000, ANA), called(GATE, 1_000, ANA)), 2_000, both), true)
})

test("a book that is brought again does not take the place of a newer one", () => {
  const alarms = new SilentAlarms(id<"SiteId">(5))
  equal(alarms.told_ms, 0)
  const newer = bookOf(2_000, called(LOBBY, 1_000, ANA))
  alarms.read(newer)
  alarms.read(bookOf(1_000, called(LOBBY, 1_000)))
  equal(alarms.store.value.book, newer)
  equal(alarms.told_ms, 2_000)
})
