/** L-03: every alarm arrives. */
import type { Line } from "../truth/line.ts"
import type { Rule } from "./rule.ts"
import { Undelivered } from "./undelivered.ts"
import { perDoor } from "./verdict.ts"

const ARRIVES_MS = 60_000
const URGENT = 8

function isAlarm({ record, detail }: Line): boolean {
  return record.result === "alarm" || (record.flags & URGENT) !== 0 || detail.mark === 1
}

export const L_03: Rule = {
  id: "L-03",
  words:
    "Whatever alarm a lock recorded while nobody could hear it is with the keeper 60 s after the way is free again.",
  watch({ truth, now_ms }) {
    const alarms = perDoor(() => new Undelivered(truth, isAlarm))
    return {
      step(step) {
        alarms(step).see(step)
        return null
      },
      probe(door) {
        return alarms({ door }).isLate(door, now_ms(), ARRIVES_MS) ? "an alarm waits, though the way is free" : null
      },
    }
  },
}
