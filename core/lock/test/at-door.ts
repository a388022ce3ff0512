/** A door with ana and bo before it, and what anybody there can observe. */
import { ok } from "node:assert/strict"
import type { DoorConfig, FactorKind, Factors } from "@holdfast/access/door"
import type { Effect } from "../src/index.ts"
import { type Board, type Cardholder, house } from "./building.ts"

export const only = (factors: Factors): Partial<DoorConfig<number>> => ({ modes: [{ schedule: null, factors }] })
export const ways = (ordered: boolean, ...kinds: FactorKind[]): Factors => [{ kinds, ordered }]

/** What anybody at the door can observe. */
export function observed(effects: readonly Effect[]): string {
  return effects
    .flatMap((each) => (each.kind === "show" ? [each.signal] : each.kind === "drive" ? [`motor ${each.drive}`] : []))
    .join(" ")
}

export function last(board: Board): string {
  const words = /^(admitted|refused|throttled|second|enrol|biometric)/
  return (
    board
      .published()
      .filter((each) => words.test(each))
      .at(-1) ?? ""
  )
}

export function two(config: Partial<DoorConfig<number>>): { board: Board; ana: Cardholder; bo: Cardholder } {
  const { board, people } = house(config)
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  return { board, ana, bo }
}
