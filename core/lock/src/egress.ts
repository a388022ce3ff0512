/**
 * A delayed way out (NFPA 101, 7.2.1.6.1; R45): pushing the bar starts a count that nothing stops, and at its end the way is
 * free until somebody locks it by hand at the door.
 *
 *   ready --bar--> counting --15 s--> free --by hand--> ready
 *     \______________fire, or power lost______________/^
 *
 * The bar's own hardware counts as well and lets go by itself; this machine follows it, so that leaving is not taken for
 * breaking in and no throw works against it. No mode and no order is an input here (I-34).
 */
import { later, type Uptime, unreachable } from "@holdfast/base"

export type Egress =
  | { readonly is: "ready" }
  | { readonly is: "counting"; readonly until: Uptime }
  | { readonly is: "free" }

export type EgressInput =
  | { readonly kind: "bar"; readonly delay_ms: number }
  /** Fire, or loss of power: nobody waits. */
  | { readonly kind: "let go" }
  | { readonly kind: "by hand" }
  | { readonly kind: "tick" }

export const READY: Egress = { is: "ready" }
const FREE: Egress = { is: "free" }

export function nextEgress(egress: Egress, now: Uptime, input: EgressInput): Egress {
  switch (input.kind) {
    case "bar":
      return egress.is === "ready" ? { is: "counting", until: later(now, input.delay_ms) } : egress
    case "let go":
      return egress.is === "free" ? egress : FREE
    case "by hand":
      return egress.is === "free" ? READY : egress
    case "tick":
      return egress.is === "counting" && now >= egress.until ? FREE : egress
    default:
      return unreachable(input)
  }
}

export function egressWakes(egress: Egress): Uptime | null {
  return egress.is === "counting" ? egress.until : null
}
