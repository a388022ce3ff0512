/**
 * The lock answers what its detectors found, and ends what is over: recorded first, then stored, then done (I-20).
 *
 * It runs only when there is something to answer, or when {@link defenceWakes} says that time alone changes something. What an
 * answer is, and for how long, stands in `defence.ts`.
 */
import { explain, type Finding, sensesGoOn, type Step } from "@holdfast/sense"
import { type Defence, defenceOver, endOf, type Response, respond } from "./defence.ts"
import { setDefence } from "./defending.ts"
import type { Draft } from "./draft.ts"
import { FLAG_URGENT } from "./record.ts"
import { REINFORCE_MS_MAX, reinforce } from "./reinforce.ts"
import { eraseSecrets } from "./service.ts"

/** What one step of the detectors ended, and what it found. */
export function answer(draft: Draft, { ended, found }: Pick<Step, "ended" | "found">): void {
  if (ended !== null) setDefence(draft, endOf(draft.lock.defence, draft.now, ended))
  if (found !== null) answerTo(draft, found)
}

function answerTo(draft: Draft, finding: Finding): void {
  const { defence, response } = respond(draft.lock.defence, draft.now, finding)
  if (response.told !== null) {
    const note = `${response.told}: ${explain(finding.evidence)}; ${doneAbout(response, defence)}`
    draft.record("finding", finding.is, { note }, response.urgent ? FLAG_URGENT : 0)
  }
  if (response.closesKeypad) draft.record("keypad closed", finding.is)
  setDefence(draft, defence)
  if (response.reinforces) reinforce(draft, REINFORCE_MS_MAX)
  if (response.sounds) draft.show("alarm")
  if (finding.is === "case opened") eraseSecrets(draft)
}

/** What people read in the record about the answer. */
function doneAbout({ sounds, reinforces, closesKeypad }: Response, { level }: Defence): string {
  return `level ${level}${sounds ? ", alarm" : ""}${reinforces ? ", reinforce" : ""}${closesKeypad ? ", keypad closed" : ""}`
}

/** Lets time pass for the detectors, and ends what is over. */
export function defenceGoesOn(draft: Draft): void {
  const step = sensesGoOn(draft.lock.defence.senses, draft.now)
  if (step.state !== draft.lock.defence.senses) setDefence(draft, { ...draft.lock.defence, senses: step.state })
  answer(draft, step)
  const { defence, words, silenced, lowered } = defenceOver(draft.lock.defence, draft.now)
  if (defence !== draft.lock.defence) setDefence(draft, defence)
  for (const [word, repeats] of words) draft.record("finding ended", word, { count: repeats })
  if (lowered) draft.record("defence lowered")
  if (silenced) draft.show("alarm over")
}
