/** A code that another one replaces while it waits for the rest is looked at all the same. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import type { Effect } from "../src/index.ts"
import { ALWAYS_TERMS, Board, cardholder, Flash, MONDAY_8, pairingWith, policyFor } from "./building.ts"
import { Keeper } from "./keeper.ts"

const CODE = "531906"
const DURESS = "274850"

/** Somebody enters these codes and then shows ana's card, at a door that wants both. */
function entering(...codes: readonly string[]): Board {
  const keeper = new Keeper()
  keeper.grow()
  const ana = { ...cardholder(keeper, "ana", 1), code: CODE, duress: DURESS }
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]], { modes: [{ schedule: null, factors: "card and pin" }] }), [ana])
  board.input({ kind: "unlinked" })
  for (const code of codes) board.type(code)
  board.present(ana)
  return board
}

/** What anybody could see of the effects: kinds, parts and sizes. */
function seen(effects: readonly Effect[]): readonly string[] {
  return effects.map((each) => {
    const size = each.kind === "store" || each.kind === "append" ? each.bytes.length : 0
    return `${each.kind} ${each.kind === "store" ? each.part : ""} ${size}`
  })
}

test("attack 46, I-18, seed 1: a duress code calls for help though its owner has to enter another one", () => {
  const [forced, calm] = [entering(DURESS, CODE), entering(CODE, CODE)]
  deepEqual([forced.lock.alarms.count, calm.lock.alarms.count], [1, 0])
  deepEqual([forced.bolt, calm.bolt], ["drawn", "drawn"])
  deepEqual(seen(forced.effects), seen(calm.effects), "and nobody can tell")
  equal(entering("999999", DURESS, CODE).lock.alarms.count, 1)
})
