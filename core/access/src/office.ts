/**
 * When a door stands unlocked by schedule: the office hours of its policy, at an instant and until when.
 *
 * As with factors the first mode whose schedule is open wins, so a mode without office hours before one with them keeps the
 * door locked while both are open. Whether anybody has come in yet is the lock's to remember.
 */
import type { UnixSeconds } from "@holdfast/base"
import type { Office } from "./config.ts"
import type { Policy } from "./policy.ts"
import { INTERVAL_ROW, openAt, u32At } from "./table.ts"

/** How the door stands unlocked at this time, or null: it does not. */
export function officeAt(policy: Policy, at: UnixSeconds): Office | null {
  for (const { schedule, office } of policy.config.modes) {
    const hours = schedule === null ? undefined : policy.schedules[schedule]
    if (hours !== undefined && openAt(hours, at)) return office ?? null
  }
  return null
}

/** The first instant after `at` (unix seconds) at which {@link officeAt} may answer otherwise, or null: never. */
export function officeChanges(policy: Policy, at: UnixSeconds): number | null {
  const { modes } = policy.config
  if (modes.every(({ office }) => office === undefined)) return null
  let next: number | null = null
  for (const { schedule } of modes) {
    const hours = schedule === null ? undefined : policy.schedules[schedule]
    if (hours === undefined) continue
    const edge = edgeAfter(hours, at)
    if (edge !== null && (next === null || edge < next)) next = edge
  }
  return next
}

/** The first beginning or end of an interval after `at`. Edges ascend, so they are searched in halves. */
function edgeAfter(hours: Uint8Array, at: number): number | null {
  const edge_size = INTERVAL_ROW / 2
  let low = 0
  let high = hours.length / edge_size
  while (low < high) {
    const middle = (low + high) >>> 1
    if (u32At(hours, middle * edge_size) <= at) low = middle + 1
    else high = middle
  }
  return low * edge_size < hours.length ? u32At(hours, low * edge_size) : null
}
