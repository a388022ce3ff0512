/** I-34: no command takes the way out away. */
import type { Rule } from "./rule.ts"
import { sameBoot } from "../world/step.ts"
import { perDoor } from "./verdict.ts"

/** The shortest time that somebody who turned the handle has to open the leaf. */
const LET_GO_MS = 1_200
/** Beyond the delay that the door says, for the relay and the clock. */
const SLACK_MS = 1_000

export const I_34: Rule = {
  id: "I-34",
  words:
    "Whatever was ordered, the inside handle draws the bolt and it stays drawn until whoever leaves could open the leaf; and the bar of a delayed way out frees it when its time is over, for the lock as for the wires.",
  watch({ now_ms }) {
    const memories = perDoor(() => ({
      turned_ms: Number.NEGATIVE_INFINITY,
      bar_ms: null as number | null,
      /** Since when a lock that runs knows of somebody at its bar. */
      counted_ms: null as number | null,
    }))
    return {
      step(step) {
        const memory = memories(step)
        const { what, before, after, at_ms, door } = step
        const ordered = (after.lock?.modes.ordered.size ?? 0) > 0 || (after.lock?.modes.level ?? 0) > 0
        const isHandle = what.kind === "act" && what.act.kind === "handle"
        if (isHandle && after.hardware.travel !== 0) return "the inside handle was turned, and the bolt did not move"
        if (isHandle && ordered) memory.turned_ms = at_ms
        if (what.kind === "wire" && what.act.kind === "bar") memory.bar_ms ??= at_ms
        if (what.kind === "wire" && what.act.kind === "relock") memory.bar_ms = null
        const delay_s = before.lock?.active?.policy.config.delayedEgress_s ?? 0
        const isBar = what.kind === "wire" && what.act.kind === "bar"
        if (isBar && delay_s > 0 && before.lock?.egress.is === "ready") memory.counted_ms ??= at_ms
        if (after.lock?.egress.is === "free" || !sameBoot(step)) memory.counted_ms = null
        if (delay_s === 0 || door.board.wires.pulls) memory.bar_ms = null
        if (before.hardware.leaf !== after.hardware.leaf || before.lock?.boot !== after.lock?.boot)
          memory.turned_ms = Number.NEGATIVE_INFINITY
        const thrown = before.hardware.travel === 0 && after.hardware.travel > 0
        const against = thrown && now_ms() - memory.turned_ms < LET_GO_MS
        return against ? "a bolt was thrown against somebody going out, upon an order" : null
      },
      probe(door) {
        const { bar_ms, counted_ms } = memories({ door })
        const waited_ms = door.options.delayedEgress_s * 1_000 + SLACK_MS
        const isDue = (since_ms: number | null): boolean => since_ms !== null && now_ms() > since_ms + waited_ms
        if (isDue(bar_ms)) return "the bar of a delayed way out freed nothing"
        return isDue(counted_ms) ? "the lock would throw its bolt against whoever waited at the bar" : null
      },
    }
  },
}
