/**
 * What happened in a step that must leave a record, and how many records each thing leaves.
 *
 * What I-27 and I-28 have in common. Storms of one kind collapse into a count (`flood` in the lock); what collapsed is no
 * record of its own, so it is counted from there.
 */
import type { Lock, RecordKind } from "@holdfast/lock"
import { linesOf, sameBoot, type Step } from "../world/step.ts"

export type Expected = { readonly what: string; readonly kinds: readonly RecordKind[]; readonly count: number }

const COLLAPSED = 4

function isDelayed({ active }: Lock): boolean {
  return (active?.policy.config.delayedEgress_s ?? 0) > 0
}

function collapsedIn(before: Lock, after: Lock, group: "denials" | "exits"): number {
  const was = before.flood.get(group)
  const is = after.flood.get(group)
  const started = was !== undefined && is?.until === was.until ? was.collapsed : 0
  return (is?.collapsed ?? 0) - started
}

/** Somebody entered another code while one waited: that one is judged in silence. */
function isReplaced({ what, before }: Step): boolean {
  const { digits, shown } = before.lock?.collecting ?? { digits: "", shown: [] }
  const isEntry = what.kind === "key" && what.key.press === "enter" && digits !== ""
  return isEntry && shown.some(({ kind }) => kind === "pin")
}

/** What must have been recorded in a step of one boot; null for a step that tells nothing (no power, a cut, a new boot). */
export function expectedIn(step: Step): readonly Expected[] | null {
  const { before, after, what, shown } = step
  if (!sameBoot(step) || before.lock === null || after.lock === null) return null
  const was = before.lock
  const is = after.lock
  const expected: Expected[] = []
  const expect = (what: string, kinds: readonly RecordKind[], count: number): void => {
    expected.push({ what, kinds, count })
  }
  const isShown = (signal: string): number => shown.filter((each) => each === signal).length
  const unlocks = linesOf(step, "order taken").filter(({ detail }) => detail.note?.startsWith("unlock ") === true)
  expect("somebody let in", ["admitted"], isShown("granted") - unlocks.length)
  const turnedAway = isShown("denied") + (isReplaced(step) ? 1 : 0) - collapsedIn(was, is, "denials")
  expect("somebody turned away", ["refused", "throttled"], turnedAway)
  const opened = before.hardware.leaf === "closed" && after.hardware.leaf === "open"
  const closed = before.hardware.leaf === "open" && after.hardware.leaf === "closed"
  expect("the leaf opening", ["door opened", "door forced"], opened ? 1 : 0)
  expect("the leaf closing", ["door closed"], closed ? 1 : 0)
  const isBar = what.kind === "wire" && what.act.kind === "bar" && !isDelayed(was)
  const handled = isBar || (what.kind === "act" && what.act.kind === "handle") ? 1 : 0
  expect("somebody leaving", ["request to exit"], handled - collapsedIn(was, is, "exits"))
  expect("a new policy", ["policy applied"], was.active?.name.version.size === is.active?.name.version.size ? 0 : 1)
  expect("a new lease", ["lease taken"], was.lease?.notAfter === is.lease?.notAfter ? 0 : 1)
  expect("a denial", ["deny taken"], is.denies.length > was.denies.length ? 1 : 0)
  expect("a narrowing", ["narrowing taken"], was.modes.narrowed?.end_s === is.modes.narrowed?.end_s ? 0 : 1)
  expect("a clock set", ["time set"], was.clock.asked !== null && is.clock.asked === null ? 1 : 0)
  return expected
}

/** The step's records of these kinds, each event for itself; alarms beside a denial do not count. */
export function recordedIn({ lines }: Step, kinds: readonly RecordKind[]): number {
  return lines.filter(({ record }) => {
    const single = (record.flags & COLLAPSED) === 0
    const alarm = record.kind === "throttled" && record.result === "alarm"
    return single && !alarm && kinds.includes(record.kind)
  }).length
}

/** Whether the journal has, or had, no room for another record. */
export function isFull({ before, after }: Step): boolean {
  const full = (lock: Lock | null): boolean => {
    if (lock === null) return false
    const { journal } = lock
    const { next, head, lost, records_max } = journal
    const keptForAlarms = Math.min(1_000, Math.floor(records_max / 16))
    return lost > 0 || next - head.next >= records_max - keptForAlarms - 2
  }
  return full(before.lock) || full(after.lock)
}
