/** I-20: whoever works at the lock is recorded before anything moves, and told of at once. */
import { type Result } from "@holdfast/lock"
import type { SensorAct } from "@holdfast/board"
import { linesOf, type Step } from "../world/step.ts"
import { isFull } from "./happenings.ts"
import type { Rule } from "./rule.ts"
import { Undelivered } from "./undelivered.ts"
import { perDoor } from "./verdict.ts"

/** R39: to the platform while there is a line. */
const ONLINE_MS = 5_000

/** What a lock must find, at once, upon what somebody does to its sensors. */
function foundBy(act: SensorAct): Result | null {
  if (act.kind === "case") return act.open ? "case opened" : null
  if (act.kind === "debug port") return act.open ? "debug port open" : null
  return act.kind === "line" && act.is !== "normal" ? `line ${act.is}` : null
}

/** A finding that somebody did something to bring about, and that did not stand already. */
function newlyFoundIn({ what, before, after, cut, failed }: Step): Result | null {
  const word = what.kind === "sense" ? foundBy(what.act) : null
  if (word === null || before.lock === null || after.lock === null || cut || failed) return null
  if (before.lock.boot !== after.lock.boot) return null
  return [...before.lock.defence.standing.keys()].some((known) => known === word) ? null : word
}

export const I_20: Rule = {
  id: "I-20",
  words:
    "An open case, a cut line, an open debug port is a record with its name and an alarm in the same turn, each for itself, before the motor does anything, and with the keeper within 5 s where there is a line.",
  watch({ truth, now_ms }) {
    const told = perDoor(() => new Undelivered(truth, ({ record }) => record.kind === "finding"))
    /** Found in a step that the power cut short, while the motor already answered. */
    const owed = perDoor(() => ({ found: [] as number[] }))
    return {
      step(step) {
        told(step).see(step)
        const { before, after, acted, shown, door, cut } = step
        const memory = owed(step)
        const answered = acted.pressing && !before.hardware.pressing
        if (cut && answered) memory.found = linesOf(step, "finding").map(({ record }) => record.sequence)
        if (after.lock !== null && before.lock?.boot !== after.lock.boot) {
          const lost = memory.found.find((sequence) => !door.flash.durable.has(sequence))
          memory.found = []
          if (lost !== undefined) return `the motor answered, and record ${lost} of why is lost`
        }
        const word = newlyFoundIn(step)
        if (word === null || isFull(step)) return null
        if (!linesOf(step, "finding").some(({ record }) => record.result === word)) return `"${word}" left no record`
        return shown.includes("alarm") ? null : `"${word}" gave no alarm`
      },
      probe(door) {
        const late = told({ door }).isLate(door, now_ms(), ONLINE_MS)
        return late ? "a finding waits, though the line is free" : null
      },
    }
  },
}
