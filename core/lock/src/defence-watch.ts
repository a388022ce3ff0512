/**
 * The lock watches over itself: what its sensors say, and what its own parts do, goes to the detectors, and what they find
 * is recorded before anything moves (I-20).
 *
 * It stands beside the turn and not in it. It runs before the input has had its effect, needs no policy, no lease and no
 * time, and nothing that opens depends on it; so whoever gets the deciding part to fail has not silenced the alarm
 * (attack 124).
 */
import type { Uptime } from "@holdfast/base"
import { type Noticed, nextSenses, type Sensed } from "@holdfast/sense"
import { answer } from "./answering.ts"
import type { Bolt } from "./bolt.ts"
import { setDefence } from "./defending.ts"
import type { Draft } from "./draft.ts"
import type { Input, Lock } from "./lock.ts"
import { configOf } from "./moving.ts"
import { caseClosed } from "./service.ts"

/** Looks at an input before it takes effect. */
export function watchOver(draft: Draft, input: Input): void {
  const isErased = draft.lock.service.is === "erased"
  if (isErased && input.kind === "sensed" && input.sensed.kind === "case" && !input.sensed.open) caseClosed(draft)
  const noticed = noticedIn(draft.lock, draft.now, input)
  if (noticed !== null) sense(draft, noticed)
}

function noticedIn(lock: Lock, now: Uptime, input: Input): Sensed | Noticed | null {
  switch (input.kind) {
    case "sensed":
      // The motor shakes the case like a drill.
      return input.sensed.kind === "window" && isDriving(lock.bolt) ? null : input.sensed
    case "mechanical key turned":
      return { kind: "key turned" }
    case "bolt sensed":
      return { kind: "bolt", is: input.bolt, explained: isBoltExplained(lock, now) }
    case "door sensed":
      if (input.door === "closed") return { kind: "leaf closed" }
      return {
        kind: "leaf opened",
        explained: lock.door.is !== "closed" || lock.bolt.is === "drawing" || now < lock.exitMaskUntil,
      }
    default:
      return null
  }
}

const isDriving = ({ is }: Bolt): boolean => is === "drawing" || is === "throwing"

/** Whether the bolt may leave its place: driven, by a hand on the inside handle, or by the key of a body that has one. */
function isBoltExplained(lock: Lock, now: Uptime): boolean {
  return lock.bolt.is !== "thrown" || now < lock.exitMaskUntil || configOf(lock).body?.mechanicalKey === true
}

/** Counts the turn's denials: every refusal, whatever its reason and factor, shows the same signal. */
export function countDenials(draft: Draft): void {
  const denied = draft.effects.some((effect) => effect.kind === "show" && effect.signal === "denied")
  // Without policy or lease everybody is denied, and nobody is guessing.
  if (denied && draft.lock.active !== null && draft.lock.lease !== null) sense(draft, { kind: "failed" })
}

function sense(draft: Draft, sensed: Sensed | Noticed): void {
  const { defence } = draft.lock
  const step = nextSenses(defence.senses, draft.now, sensed)
  if (step.state !== defence.senses) setDefence(draft, { ...defence, senses: step.state })
  if (step.found !== null || step.ended !== null) answer(draft, step)
}
