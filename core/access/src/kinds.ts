/**
 * Every kind of statement, in one table: its number on the wire and the level of the signature that it needs.
 *
 * - "narrow": a session key suffices when no door's policy admits more afterwards than before, and nobody less hears a silent alarm;
 *   otherwise it counts as fresh.
 * - "fresh": a passkey's tap, a software key, or the root.
 * - "keeper": the keeper alone, about facts that nobody decides (time zones).
 * - "lock": for one lock, which judges it by itself; it never enters the log.
 */
import { assert } from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"

export type Level = "narrow" | "fresh" | "keeper" | "lock"

const ROWS = [
  [1, "person add", "fresh"],
  [2, "person label", "fresh"],
  [3, "person revoke", "narrow"],
  [4, "person restore", "fresh"],
  [5, "credential add", "fresh"],
  [6, "credential remove", "narrow"],
  [7, "group set", "fresh"],
  [8, "member add", "narrow"],
  [9, "member remove", "narrow"],
  [10, "grant set", "narrow"],
  [11, "grant remove", "narrow"],
  [12, "schedule set", "narrow"],
  [13, "door set", "fresh"],
  [14, "door remove", "fresh"],
  [15, "lock pair", "fresh"],
  [16, "zone table", "keeper"],
  [17, "delegate", "fresh"],
  [18, "delegation revoke", "narrow"],
  [19, "deny", "narrow"],
  [20, "plan", "fresh"],
  [21, "person traits", "fresh"],
  [22, "order", "lock"],
  [23, "receiver set", "fresh"],
  [24, "receiver remove", "fresh"],
  [25, "offline code", "fresh"],
] as const satisfies readonly (readonly [number, string, Level])[]

export type Kind = (typeof ROWS)[number][1]

/** The kinds in the order of their numbers. */
export const KINDS: readonly { readonly number: number; readonly kind: Kind; readonly level: Level }[] = ROWS.map(
  ([number, kind, level]) => ({ number, kind, level }),
)

const BY_KIND: ReadonlyMap<Kind, { readonly number: number; readonly level: Level }> = new Map(
  ROWS.map(([number, kind, level]) => [kind, { number, level }]),
)

function rowOf(kind: Kind): { readonly number: number; readonly level: Level } {
  const row = BY_KIND.get(kind)
  assert(row !== undefined, "every kind has its row")
  return row
}

export function kindNumber(kind: Kind): number {
  return rowOf(kind).number
}

/** The level of signature that a kind needs. */
export function levelOf(kind: Kind): Level {
  return rowOf(kind).level
}

export function readKind(value: Cbor | undefined): Kind | null {
  return ROWS.find(([number]) => number === value)?.[1] ?? null
}
