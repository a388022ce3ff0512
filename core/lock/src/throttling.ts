/** Takes a new count of tries, durable before anything that follows. What is counted, `throttle.ts` says. */
import type { Draft } from "./draft.ts"
import { encodeThrottle, type Throttle } from "./throttle.ts"

export function setThrottle(draft: Draft, throttle: Throttle): void {
  draft.set({ throttle })
  draft.store("throttle", encodeThrottle(throttle, draft.now))
}
