/**
 * The lock watches over itself: what its sensors say, and what its own parts do, goes to the detectors, and what they find
 * is recorded before anything moves (I-20).
 *
 * It stands beside the turn and not in it. It runs before the input has had its effect, needs no policy, no lease and no
 * time, and nothing that opens depends on it; so whoever gets the deciding part to fail has not silenced the alarm
 * (attack 124).
 */
import type { Uptime } from "@holdfast/base"
import {
  explain,
  type Finding,
  type Noticed,
  nextSenses,
  type Seen,
  type Sensed,
  type Senses,
  sensesGoOn,
  type FindingWord,
} from "@holdfast/sense"
import type { Bolt } from "./bolt.ts"
import { type Defence, defenceOver, encodeKept, endOf, keptOf, type Response, respond } from "./defence.ts"
import type { Draft } from "./draft.ts"
import type { Input, Lock } from "./lock.ts"
import { configOf } from "./moving.ts"
import { FLAG_URGENT } from "./record.ts"
import { REINFORCE_MS_MAX, reinforce } from "./reinforce.ts"

/** Looks at an input before it takes effect. */
export function watchOver(draft: Draft, input: Input): void {
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

/** Lets time pass for the detectors, and ends what is over. */
export function defenceGoesOn(draft: Draft): void {
  takeStep(draft, sensesGoOn(draft.lock.defence.senses, draft.now))
  const { defence, words, silenced, lowered } = defenceOver(draft.lock.defence, draft.now)
  if (defence !== draft.lock.defence) setDefence(draft, defence)
  for (const [word, repeats] of words) draft.record("finding ended", word, { count: repeats })
  if (lowered) draft.record("defence lowered")
  if (silenced) draft.show("alarm over")
}

function sense(draft: Draft, sensed: Sensed | Noticed): void {
  takeStep(draft, nextSenses(draft.lock.defence.senses, draft.now, sensed))
}

function takeStep(draft: Draft, { state, found, ended }: Seen<Senses, FindingWord>): void {
  const { defence } = draft.lock
  if (state !== defence.senses) setDefence(draft, { ...defence, senses: state })
  if (ended !== null) setDefence(draft, endOf(draft.lock.defence, draft.now, ended))
  if (found !== null) answer(draft, found)
}

/** Record first, then store, then act. */
function answer(draft: Draft, finding: Finding): void {
  const { defence, response } = respond(draft.lock.defence, draft.now, finding)
  if (response.told !== null) {
    const note = `${response.told}: ${explain(finding.evidence)}; ${doneAbout(response, defence)}`
    draft.record("finding", finding.is, { note }, response.urgent ? FLAG_URGENT : 0)
  }
  if (response.closesKeypad) draft.record("keypad closed", finding.is)
  setDefence(draft, defence)
  if (response.reinforces) reinforce(draft, REINFORCE_MS_MAX)
  if (response.sounds) draft.show("alarm")
}

/** What people read in the record about the answer. */
function doneAbout({ sounds, reinforces, closesKeypad }: Response, { level }: Defence): string {
  return `level ${level}${sounds ? ", alarm" : ""}${reinforces ? ", reinforce" : ""}${closesKeypad ? ", keypad closed" : ""}`
}

/** Sets it, and stores what a reset must not clear when that changed. */
function setDefence(draft: Draft, defence: Defence): void {
  const before = keptOf(draft.lock.defence)
  const after = keptOf(defence)
  draft.set({ defence })
  const same = before.level === after.level && before.failed === after.failed
  if (!same || before.interruptions !== after.interruptions) draft.store("defence", encodeKept(after))
}
