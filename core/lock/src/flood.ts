/**
 * Keeping a storm out of the journal: of one group, 30 events a minute get a record each; the rest of that minute becomes one
 * record with their number. Nothing is dropped without a count, and one group's storm never hides another group's event.
 */
import { earliest, later, type Uptime } from "@holdfast/base"
import type { RecordKind } from "./record.ts"
import type { Result } from "./result.ts"

export const SINGLE_MAX = 30
export const WINDOW_MS = 60_000

export type FloodGroup = "denials" | "messages" | "evidence" | "exits"

type Window = {
  readonly until: Uptime
  readonly single: number
  readonly collapsed: number
  readonly kind: RecordKind
  readonly result: Result
}
export type Flood = ReadonlyMap<FloodGroup, Window>

export const CALM: Flood = new Map()

/** The kinds that somebody outside can bring about as often as he likes. */
const GROUPS: Readonly<Partial<Record<RecordKind, FloodGroup>>> = {
  refused: "denials",
  throttled: "denials",
  "biometric compared": "denials",
  "enrolment refused": "denials",
  "policy refused": "messages",
  "lease refused": "messages",
  "time refused": "messages",
  "deny refused": "messages",
  "message refused": "messages",
  equivocation: "evidence",
  "checkpoint refused": "evidence",
  "request to exit": "exits",
  "exit not taken": "exits",
  "order refused": "messages",
  "narrowing refused": "messages",
}

/** Counts one event; `single` says whether it gets a record of its own. */
export function noticeEvent(
  flood: Flood,
  now: Uptime,
  kind: RecordKind,
  result: Result,
): { readonly flood: Flood; readonly single: boolean } {
  const group = GROUPS[kind]
  if (group === undefined) return { flood, single: true }
  const window = flood.get(group)
  const open = window ?? { until: later(now, WINDOW_MS), single: 0, collapsed: 0, kind, result }
  const single = open.single < SINGLE_MAX
  const counted = single
    ? { ...open, single: open.single + 1 }
    : { ...open, collapsed: open.collapsed + 1, kind, result }
  return { flood: new Map(flood).set(group, counted), single }
}

export type Collapsed = { readonly kind: RecordKind; readonly result: Result; readonly count: number }

/** Closes the windows that are over; each that overflowed is a record due. */
export function closeWindows(flood: Flood, now: Uptime): { readonly flood: Flood; readonly due: readonly Collapsed[] } {
  const over = [...flood].filter(([, { until }]) => now >= until)
  if (over.length === 0) return { flood, due: [] }
  const left = new Map(flood)
  const due: Collapsed[] = []
  for (const [group, { kind, result, collapsed }] of over) {
    left.delete(group)
    if (collapsed > 0) due.push({ kind, result, count: collapsed })
  }
  return { flood: left, due }
}

/** When the first window that owes a record ends, or null. */
export function floodWakes(flood: Flood): Uptime | null {
  return earliest([...flood.values()].map(({ until, collapsed }) => (collapsed > 0 ? until : null)))
}
