/** The face of core/sense: what sensors mean. Pure reducers, one file each; they find, and decide nothing. */
export { CLOSE_AT, SLOW_AT } from "./attempts.ts"
export {
  type Evidence,
  explain,
  FINDINGS,
  type Finding,
  type FindingWord,
  type Seen,
  type Severity,
} from "./finding.ts"
export { END_OHMS } from "./line.ts"
export { type RadioSample, SAMPLE_MS } from "./link.ts"
export type { Gravity } from "./posture.ts"
export { RESET_CAUSES, type ResetCause } from "./reset.ts"
export {
  type Noticed,
  newSenses,
  nextSenses,
  type Remembered,
  type Sensed,
  type Senses,
  type Step,
  sensesWake,
  toRemember,
} from "./senses.ts"
export { sensesGoOn } from "./sensors.ts"
