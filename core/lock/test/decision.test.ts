/** A whole lock at a door: who gets in, what is seen there, and what the journal says. */
import type { Factors } from "@holdfast/access/door"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { cardAnswers } from "../src/devices.ts"
import type { Effect } from "../src/index.ts"
import { ALWAYS_TERMS, type Board, cardholder, door, house, MONDAY_8, policyFor, type Terms } from "./building.ts"

const only = (factors: Factors) => ({ modes: [{ schedule: null, factors }] })

/** What a person at the door can observe of some effects. */
function observed(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) =>
    effect.kind === "show" ? [effect.signal] : effect.kind === "drive" ? [`motor ${effect.drive}`] : [],
  )
}

function lastRecord(board: Board): string {
  return (
    board
      .published()
      .filter((each) => /^(admitted|refused|throttled)/.test(each))
      .at(-1) ?? ""
  )
}

const HOUR = 3_600
const DAYTIME: readonly [number, number] = [MONDAY_8, MONDAY_8 + 9 * HOUR]

// who | seconds after Monday 08:00 | terms of ana | outcome
const TABLE = `
  ana   0        always                  admitted: done
  ana   0        from 10:00              refused: not yet valid
  ana   7199     from 10:00              refused: not yet valid
  ana   7200     from 10:00              admitted: done
  ana   3599     until 09:00             admitted: done
  ana   3600     until 09:00             refused: expired
  ana   32399    08:00 to 17:00          admitted: done
  ana   32400    08:00 to 17:00          refused: outside schedule
  ana   0        revoked                 refused: revoked
  bo    0        always                  refused: unknown credential
  ana   86399    always                  admitted: done
  ana   86400    always                  refused: lease ended
`
const TERMS: Readonly<Record<string, Terms>> = {
  always: ALWAYS_TERMS,
  "from 10:00": { ...ALWAYS_TERMS, from_s: MONDAY_8 + 2 * HOUR },
  "until 09:00": { ...ALWAYS_TERMS, until_s: MONDAY_8 + HOUR },
  "08:00 to 17:00": { ...ALWAYS_TERMS, hours: DAYTIME },
  revoked: { ...ALWAYS_TERMS, revoked: true },
}
for (const row of TABLE.trim().split("\n")) {
  const [who = "", seconds = "", terms = "", outcome = ""] = row.trim().split(/\s{2,}/)
  test(`${who} at 08:00 + ${seconds} s, ${terms}: ${outcome}`, () => {
    const { keeper, board, people } = house()
    const [ana] = people
    const held = TERMS[terms]
    ok(ana !== undefined && held !== undefined)
    board.take(policyFor(keeper, [[ana, held]]), [ana])
    board.pass(Number(seconds) * 1000)
    board.present(who === "ana" ? ana : cardholder(keeper, "bo", 9))
    equal(lastRecord(board), outcome)
    equal(board.bolt === "drawn", outcome === "admitted: done")
  })
}

// factors at the door | what ana shows | outcome
const FACTORS = `
  card           card                  admitted: done
  card           code                  refused: another factor needed
  pin            code                  admitted: done
  pin            card                  refused: another factor needed
  pin            wrong code            refused: unknown credential
  card or pin    card                  admitted: done
  card or pin    code                  admitted: done
  card and pin   card, code            admitted: done
  card and pin   code, card            admitted: done
  card and pin   card                  refused: second factor not given
  card and pin   code                  refused: second factor not given
  card and pin   card, wrong code      refused: unknown credential
  card and pin   wrong code, card      refused: unknown credential
  card and pin   bad card, code        refused: card not authentic
  card and pin   bad card              refused: card not authentic
  card and pin   card, bo's code       refused: credentials of two people
  card and pin   stranger's card, code refused: unknown credential
  card           bad card              refused: card not authentic
  card           stranger's card       refused: unknown credential
`
for (const row of FACTORS.trim().split("\n")) {
  const [factors = "", shown = "", outcome = ""] = row
    .trim()
    .replace("card, code refused", "card, code  refused")
    .split(/\s{2,}/)
  test(`door wants ${factors}, ana shows ${shown}: ${outcome}`, () => {
    const { keeper, board, people } = house(only(factors as Factors))
    const [ana, bo] = people
    ok(ana !== undefined && bo !== undefined)
    const stranger = cardholder(keeper, "cy", 40)
    const spoiled = { ...ana, tag: { ...ana.tag, keys: new Map([[0, new Uint8Array(16)]]) } }
    for (const each of shown.split(", ")) {
      if (each === "card") board.present(ana)
      else if (each === "bad card") board.present(spoiled)
      else if (each === "stranger's card") board.present(stranger)
      else board.type(each === "code" ? ana.code : each === "bo's code" ? bo.code : "999999")
    }
    board.pass(20_000)
    equal(lastRecord(board), outcome)
    equal(board.bolt, "thrown", "and it is locked again in the end")
  })
}

test("every denial looks the same at the door, whatever its reason (I-11)", () => {
  const { keeper, board, people } = house(only("card and pin"), ["ana", "bo"])
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  board.take(
    policyFor(
      keeper,
      [
        [ana, { ...ALWAYS_TERMS, from_s: MONDAY_8 + HOUR }],
        [bo, { ...ALWAYS_TERMS, revoked: true }],
      ],
      only("card and pin"),
    ),
    people,
  )
  const spoiled = { ...ana, tag: { ...ana.tag, keys: new Map([[0, new Uint8Array(16)]]) } }
  const attempts = [
    [ana, ana.code],
    [ana, "999999"],
    [bo, bo.code],
    [ana, bo.code],
    [spoiled, ana.code],
    [cardholder(keeper, "cy", 40), "123456"],
  ] as const
  const seen = attempts.map(([who, code]) => [...observed(board.present(who)), ...observed(board.type(code))].join(" "))
  equal(new Set(seen).size, 1)
  ok(seen[0]?.endsWith("denied"))
  equal(
    new Set(board.published().filter((each) => each.startsWith("refused"))).size,
    5,
    "and the journal knows each reason",
  )
})

test("every key feels the same (I-12)", () => {
  const { board } = house(only("pin"))
  const feel = (press: "clear" | number): string =>
    observed(board.input({ kind: "key", key: press === "clear" ? { press } : { press: "digit", digit: press } })).join()
  const felt = [...Array.from({ length: 30 }, (_, at) => feel(at % 10)), feel("clear")]
  equal(new Set(felt).size, 1)
})

test("the record is stored before the motor moves, and the count before the outcome", () => {
  const { board, people } = house(only("card or pin"))
  const [ana] = people
  ok(ana !== undefined)
  const order = (effects: readonly Effect[]): string =>
    effects
      .flatMap((each) => (["append", "drive", "show"].includes(each.kind) ? [each.kind] : []))
      .slice(0, 3)
      .join(" ")
  equal(order(board.present(ana)), "append drive show")
  board.pushThrough()
  const typed = board.type(ana.code).map((each) => (each.kind === "store" ? `store ${each.part}` : each.kind))
  ok(typed.indexOf("store throttle") < typed.indexOf("append"))
})

test("a storm at the keypad ends in waiting, and a card still opens (I-16)", () => {
  const { board, people } = house(only("card or pin"))
  const [ana] = people
  ok(ana !== undefined)
  for (let i = 0; i < 20; i++) board.type("999999")
  board.pass(1_000)
  const words = board.published()
  equal(words.filter((each) => each === "refused: unknown credential").length, 3)
  ok(words.filter((each) => each === "throttled: code throttled").length >= 17)
  board.type(ana.code)
  equal(board.bolt, "thrown", "not even the right code")
  board.present(ana)
  equal(board.bolt, "drawn")
})

test("a door of grade 1 may go by the bare identifier, a door of grade 2 never does (I-10)", () => {
  const { keeper, board, people } = house({ grade: 1, ...only("identifier") })
  const [ana] = people
  ok(ana !== undefined)
  board.present({ ...ana, tag: { ...ana.tag, keys: new Map() } })
  equal(board.bolt, "drawn")
  board.pushThrough()
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]]), people)
  board.present({ ...ana, tag: { ...ana.tag, keys: new Map() } })
  equal(board.bolt, "thrown")
})

test("one presentation opens once (I-02): the same answers again open nothing", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  const answers: Uint8Array[] = []
  board.held = null
  let state = ana.tag
  board.input({ kind: "card presented", uid: ana.tag.uid })
  for (let i = 0; i < 4; i++) {
    const sent = board.effects.findLast((each) => each.kind === "card send")
    ok(sent?.kind === "card send")
    const answered = cardAnswers(state, sent.bytes, crypto.sha256(sent.bytes).slice(0, 20), crypto)
    state = answered.card
    answers.push(answered.answer)
    board.input({ kind: "card answered", bytes: answered.answer })
  }
  equal(board.bolt, "drawn")
  board.pushThrough()
  for (const bytes of answers) board.input({ kind: "card answered", bytes })
  equal(board.bolt, "thrown", "without a presentation")
  board.input({ kind: "card presented", uid: ana.tag.uid })
  for (const bytes of answers) board.input({ kind: "card answered", bytes })
  equal(board.bolt, "thrown", "or with a new one")
  equal(lastRecord(board), "refused: card not authentic")
})

test("a lock without policy, or without lease, lets nobody in and says so", () => {
  const { keeper, board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.pass(25 * HOUR * 1000)
  board.present(ana)
  equal(lastRecord(board), "refused: lease ended")
  equal(board.published().filter((each) => each === "lease ended: done").length, 1)
  const issued = board.issued
  ok(issued !== null)
  const at_s = Math.floor(board.wall_ms / 1000)
  board.hear(keeper.lease(door, issued, at_s, at_s + HOUR))
  board.present(ana)
  equal(lastRecord(board), "admitted: done")
})

test("denials beyond thirty a minute become one counted record", () => {
  const { board } = house()
  for (let i = 0; i < 100; i++) board.type("111111")
  board.pass(61_000)
  const denials = board.published().filter((each) => /^(refused|throttled)/.test(each))
  deepEqual([denials.length, denials.at(-1)], [31, "throttled: code throttled"])
})
