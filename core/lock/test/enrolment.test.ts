/** Fingers at a door, by the answers of a matcher, and how anything is enrolled there. */
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { DoorConfig } from "@holdfast/access/door"
import { idOf, type PersonId } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { ENROLMENT_MS } from "../src/enrolment.ts"
import type { Input } from "../src/index.ts"
import { FINGER, KEYPAD, LIVE_FINGER } from "../src/throttle.ts"
import { last, observed, only, two, ways } from "./at-door.ts"
import { ALWAYS_TERMS, type Board, type Cardholder, house, policyFor } from "./building.ts"

/** A door at which ana's PIN credential is taken for her finger's. */
function fingered(config: Partial<DoorConfig<number>>): { board: Board; ana: Cardholder } {
  const { keeper, board, people } = house(config)
  const [ana] = people
  ok(ana !== undefined)
  const policy = policyFor(keeper, [[ana, ALWAYS_TERMS]], config)
  const credentials = policy.credentials.slice()
  credentials[20] = 4 // The first row is ana's card: here it is her finger.
  board.take({ ...policy, credentials }, [ana])
  return { board, ana }
}

const touch = (ana: Cardholder | null, score_db = 57, liveness: number | null = 90): Input => {
  return { kind: "biometric", credential: ana?.card ?? null, score_db, liveness }
}

test("finger then PIN: in this order and in no other, and neither alone", () => {
  const { board, ana } = fingered(only(ways(true, "biometric", "pin")))
  board.input(touch(ana))
  equal(board.bolt, "thrown")
  board.type(ana.code)
  equal(board.bolt, "drawn")
  board.pushThrough()
  board.pass(20_000)
  board.type(ana.code)
  board.input(touch(ana))
  equal(board.bolt, "thrown")
})

test("attack 38: a finger that matches too little, or that is not alive, waits and is refused like any other factor", () => {
  for (const [score_db, liveness] of [
    [39, 90],
    [57, 49],
    [0, null],
  ] as const) {
    const { board, ana } = fingered(only(ways(false, "pin", "biometric")))
    const shown = observed(board.input(touch(ana, score_db, liveness)))
    equal(shown, "busy")
    ok(observed(board.type(ana.code)).endsWith("denied"))
    equal(last(board), "refused: no biometric match")
  }
})

test("attack 38: five tries, ten where life is looked for, then waits (R27)", () => {
  for (const [liveness, subject, free] of [
    [null, FINGER, 5],
    [10, LIVE_FINGER, 10],
  ] as const) {
    const { board } = fingered(only(ways(false, "biometric")))
    const failures = (): number => board.lock.throttle.counts.get(subject)?.failures ?? 0
    for (let i = 0; i < free + 5; i++) board.input(touch(null, 12, liveness))
    equal(failures(), free)
    board.pass(29_000)
    board.input(touch(null, 12, liveness))
    equal(failures(), free)
    board.pass(1_000)
    board.input(touch(null, 12, liveness))
    equal(failures(), free + 1)
  }
})

test("attack 38: a storm of fingers keeps no card out, and counts on no code", () => {
  const { board, ana } = two(only("card or pin"))
  for (let i = 0; i < 60; i++) board.input(touch(null, 12, null))
  equal(board.lock.throttle.counts.get(KEYPAD), undefined)
  board.present(ana)
  equal(board.bolt, "drawn")
})

test("attack 38: score and liveness are carried into the journal", () => {
  const { board, ana } = fingered(only(ways(false, "biometric")))
  board.input(touch(ana, 61, 77))
  equal(board.bolt, "drawn")
  ok(board.published().includes("biometric compared: done"))
})

test("attack 39: no template comes as far as the lock, and none goes out: only ids and hashes do", () => {
  const template = "f".repeat(64)
  const { board, ana } = fingered(only(ways(false, "biometric")))
  const input: Input = touch(ana)
  const said = JSON.stringify([board.input({ ...input, ...{ template } }), board.lock], (_, value: unknown) => {
    return value instanceof Uint8Array ? toHex(value) : value instanceof Map ? [...value] : value
  })
  ok(said.length > 1_000 && !said.includes(template))
})

/** A door at which ana, and not bo, may enrol. */
function clinic(): { board: Board; ana: Cardholder; bo: Cardholder } {
  const { board, ana, bo } = two(only("card"))
  const people = [ana, bo].map((who) => [who, ALWAYS_TERMS] as const)
  board.take(policyFor(board.keeper, people, { ...only("card"), enrollers: [ana.person] }), [ana, bo])
  return { board, ana, bo }
}
const CAPTURE: Input = { kind: "enrol", what: "biometric", hash: new Uint8Array(32).fill(7) }

test("attack 18, C47: nothing is enrolled without a session, and nobody opens one whom the policy does not name", () => {
  const { board, ana, bo } = clinic()
  equal(observed(board.input(CAPTURE)), "denied")
  equal(last(board), "enrolment refused: no enrolment open")
  board.present(ana)
  board.pushThrough()
  board.input(CAPTURE)
  equal(last(board), "enrolment refused: no enrolment open", "an opening is no session")
  board.input({ kind: "enrolment asked" })
  ok(observed(board.present(bo)).endsWith("denied"))
  equal(last(board), "refused: not an enroller")
  board.input(CAPTURE)
  equal(last(board), "enrolment refused: no enrolment open")
})

test("C47: an enroller's session enrols under a fresh id, and ends by itself after five minutes", () => {
  const { board, ana } = clinic()
  board.pass(20_000)
  board.input({ kind: "enrolment asked" })
  board.present(ana)
  equal(board.bolt, "thrown", "it opens the session instead of the door")
  const ids = [1, 2].map(() => {
    const enrolled = board.input(CAPTURE).find((each) => each.kind === "enrolled")
    ok(enrolled?.kind === "enrolled")
    return enrolled.credential
  })
  equal(new Set(ids).size, 2)
  equal(last(board), "enrolled: done")
  board.pass(ENROLMENT_MS)
  equal(last(board), "enrolment closed: done")
  board.input(CAPTURE)
  equal(last(board), "enrolment refused: no enrolment open")
})

test("C47: a session ends with the right of whoever opened it, and the question is forgotten after fifteen seconds", () => {
  const { board, ana, bo } = clinic()
  board.input({ kind: "enrolment asked" })
  board.present(ana)
  const people = [ana, bo].map((who) => [who, ALWAYS_TERMS] as const)
  board.take(
    policyFor(board.keeper, people, {
      ...only("card"),
      enrollers: [idOf<"PersonId">(new Uint8Array(16))] as PersonId[],
    }),
    [ana, bo],
  )
  equal(observed(board.input(CAPTURE)).endsWith("denied"), true)
  const other = clinic()
  other.board.input({ kind: "enrolment asked" })
  other.board.pass(15_000)
  other.board.present(other.ana)
  equal(other.board.bolt, "drawn", "who comes later just comes in")
})
