/** A lock's signed state in the words of the API, and in those of a person. */
import type { Door } from "@holdfast/contract"
import type { LockState } from "@holdfast/lock"

const BOLTS: Readonly<Record<LockState["bolt"], Door["bolt"]["is"]>> = {
  unknown: "unknown",
  thrown: "thrown",
  drawing: "moving",
  drawn: "drawn",
  throwing: "moving",
  jammed: "jammed",
  "not fully thrown": "not-fully-thrown",
}

export function boltWord({ bolt }: LockState): Door["bolt"]["is"] {
  return BOLTS[bolt]
}

export function positionWord({ leaf }: LockState): Door["position"]["is"] {
  return leaf === "unknown" || leaf === "closed" ? leaf : "open"
}

export type Tone = "secure" | "open" | "alarm" | "plain"
/** One thing that a lock says of itself. `until_ms`: when it ends by itself, by this browser's clock. */
export type Said = {
  readonly what: string
  readonly is: string
  readonly tone: Tone
  readonly until_ms: number | null
}

const MODE_TONES: Readonly<Record<LockState["mode"], Tone>> = {
  fire: "alarm",
  evacuation: "alarm",
  lockdown: "alarm",
  service: "open",
  "threat level": "open",
  office: "open",
  normal: "plain",
}

const FLAG_WORDS: Readonly<Record<LockState["flags"][number], string>> = {
  "on reserve power": "Runs on its reserve",
  "code throttled": "The keypad makes people wait after wrong codes",
  "no policy": "Has no policy: opens for nobody",
  "no lease": "Holds no lease: opens for nobody",
  "journal full": "Its journal was full: records were lost and counted",
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/**
 * What a lock said in its signed state, beside bolt, leaf, policy and lease. An uptime of the lock becomes a time here by when
 * the state was heard.
 */
export function saidBy(state: LockState, heardAt_ms: number): readonly Said[] {
  const at = (uptime_ms: number | null): number | null =>
    uptime_ms === null ? null : heardAt_ms + (uptime_ms - state.uptime_ms)
  const { mode, threatLevel, wayOut, alarmAt_ms, flags } = state
  const level = threatLevel > 0 ? ` ${threatLevel}` : ""
  const said: Said[] = [
    { what: "Mode", is: capital(mode) + level, tone: MODE_TONES[mode], until_ms: at(state.modeEnds_ms) },
  ]
  if (alarmAt_ms !== null) said.push({ what: "Open long", is: "alarm", tone: "open", until_ms: at(alarmAt_ms) })
  if (wayOut !== "ready") said.push({ what: "Way out", is: capital(wayOut), tone: "open", until_ms: null })
  for (const flag of flags) said.push({ what: "Notice", is: FLAG_WORDS[flag], tone: "open", until_ms: null })
  return said
}
