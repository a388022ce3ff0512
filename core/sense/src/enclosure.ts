/**
 * The switch behind the lock's cover: pressed while the case is closed.
 *
 * An open case is found at once, also when the lock finds it open as it starts, and stands until the case is closed. The
 * number of openings tells a service visit from somebody who comes back. It is a switch and nothing more: whoever drills
 * around it is `vibration.ts`'s business.
 */
import { calm, found, type Seen } from "./finding.ts"

export type Enclosure = { readonly open: boolean; readonly openings: number }

export const CASE_CLOSED: Enclosure = { open: false, openings: 0 }

/** One reading of the switch. */
export function nextEnclosure(enclosure: Enclosure, open: boolean): Seen<Enclosure, "case opened"> {
  if (open === enclosure.open) return calm(enclosure)
  if (!open) return { state: { ...enclosure, open }, found: null, ended: "case opened" }
  const openings = enclosure.openings + 1
  return found({ open, openings }, "case opened", "alarm", { openings })
}
