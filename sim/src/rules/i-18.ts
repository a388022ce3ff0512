/** I-18: whoever calls for help is heard. */
import type { State } from "@holdfast/access"
import type { CredentialId, DoorId } from "@holdfast/base"
import type { Truth } from "../truth/truth.ts"
import type { Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { Undelivered } from "./undelivered.ts"
import { perDoor } from "./verdict.ts"

const ONLINE_MS = 5_000

/** Whether the lock's policy lists whose code this is, whatever he may there. */
function isListed(state: State, door: DoorId, credential: CredentialId): boolean {
  const person = state.credentials.get(credential)?.person
  return [...state.grants.values()].some(({ doors, group }) => {
    return person !== undefined && doors.includes(door) && state.groups.get(group)?.members.has(person) === true
  })
}

/** The credential of whoever called for help by pressing enter in this step; null where nobody did whom the lock knows. */
function callerIn({ what, before, door }: Step, truth: Truth): CredentialId | null {
  const { lock } = before
  if (what.kind !== "key" || what.key.press !== "enter" || lock?.active == null) return null
  const { digits } = lock.collecting
  const credential = truth.duress.has(digits) ? truth.pins.get(digits) : undefined
  const state = truth.history[truth.placeOf(lock.active.name.version.size)]?.state
  return credential !== undefined && state !== undefined && isListed(state, door.id, credential) ? credential : null
}

/** Whether a code still waits for what it is to be judged with. */
function isCodeWaiting(lock: Step["after"]["lock"]): boolean {
  return lock?.collecting.shown.some(({ kind }) => kind === "pin") ?? false
}

export const I_18: Rule = {
  id: "I-18",
  words:
    "Every code entered under duress raises an alarm, whether it opens or not; the lock keeps it over any loss of power until the keeper has it, which with a line is within 5 s.",
  watch({ truth, now_ms }) {
    const memories = perDoor(() => ({
      /** Somebody called, and his code waits to be judged. */
      called: false,
      boot: 0,
      marked: new Undelivered(truth, ({ detail }) => detail.mark === 1),
    }))
    return {
      step(step) {
        const memory = memories(step)
        const { before, after, cut, failed, what } = step
        memory.marked.see(step)
        if (memory.boot !== after.lock?.boot) memory.called = false
        memory.boot = after.lock?.boot ?? 0
        const wasCalled = memory.called
        const isEntry = what.kind === "key" && what.key.press === "enter" && before.lock?.collecting.digits !== ""
        if (isEntry) memory.called = callerIn(step, truth) !== null // It takes the place of one that waits.
        if (after.lock === null || before.lock === null || cut || failed) return null
        if (memory.marked.count > 0 && after.lock.alarms.pending.length === 0)
          return "the lock forgot an alarm that the keeper has not got"
        const waits = isCodeWaiting(after.lock)
        const judged = (wasCalled && (isEntry || !waits)) || (memory.called && !waits)
        if (!waits) memory.called = false
        if (!judged) return null
        const { count } = after.lock.alarms
        return count > before.lock.alarms.count || count > 0 ? null : "a code entered under duress raised no alarm"
      },
      probe(door) {
        const late = memories({ door }).marked.isLate(door, now_ms(), ONLINE_MS)
        return late ? "an alarm waits, though the line is free" : null
      },
    }
  },
}
