/** I-07: an order is obeyed if it is fresh, this door's, signed by whoever may, and once. */
import { toHex } from "@holdfast/base/text"
import { linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

const FRESH_MS = 30_000
/** An oscillator's share of it. */
const DRIFT_MS = 10

type Given = { readonly at_ms: number; readonly boot: number | undefined; used: boolean }

export const I_07: Rule = {
  id: "I-07",
  words:
    "A lock obeys an order only when somebody signed it who may say that, for this door, over a nonce that this boot of the lock gave out at most 30 s before, and once.",
  watch({ truth }) {
    const nonces = perDoor(() => new Map<string, Given>())
    return {
      step(step) {
        const given = nonces(step)
        const { at_ms, before, sent, door } = step
        for (const up of sent)
          if (up.kind === "nonce" && !given.has(toHex(up.nonce)))
            given.set(toHex(up.nonce), { at_ms, boot: before.lock?.boot, used: false })
        if (linesOf(step, "order taken").length === 0) return null
        const order = step.what.kind === "message" ? truth.orderIn(step.what.bytes) : null
        if (order === null) return "an order was taken that nobody signed who may say it"
        if (order.door !== door.id) return "an order to another door was taken"
        const nonce = given.get(order.nonce)
        if (nonce === undefined || nonce.boot !== before.lock?.boot) return "an order over a foreign nonce was taken"
        if (nonce.used) return "an order was taken twice"
        nonce.used = true
        const old_ms = at_ms - nonce.at_ms
        return old_ms <= FRESH_MS + DRIFT_MS ? null : `an order was taken ${old_ms} ms after its nonce was given out`
      },
    }
  },
}
