/** Takes a new state of the defence. What it says, `defence.ts` knows. */
import { type Defence, encodeKept, keptOf } from "./defence.ts"
import type { Draft } from "./draft.ts"

/** Sets it, and stores what a reset must not clear when that changed. */
export function setDefence(draft: Draft, defence: Defence): void {
  const before = keptOf(draft.lock.defence)
  const after = keptOf(defence)
  draft.set({ defence })
  const same = before.level === after.level && before.failed === after.failed
  if (!same || before.interruptions !== after.interruptions) draft.store("defence", encodeKept(after))
}
