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

const LEVELS: readonly (readonly [word: string, tone: Tone])[] = [
  ["Calm", "plain"],
  ["Watchful", "open"],
  ["Under attack", "alarm"],
]
const BATTERY_TONES: Readonly<Record<NonNullable<LockState["health"]["battery"]>["level"], Tone>> = {
  good: "plain",
  low: "open",
  critical: "alarm",
  empty: "alarm",
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
    ...defenceSaid(state),
    ...healthSaid(state),
    ...firmwareSaid(state),
  ]
  if (alarmAt_ms !== null) said.push({ what: "Open long", is: "alarm", tone: "open", until_ms: at(alarmAt_ms) })
  if (wayOut !== "ready") said.push({ what: "Way out", is: capital(wayOut), tone: "open", until_ms: null })
  for (const flag of flags) said.push({ what: "Notice", is: FLAG_WORDS[flag], tone: "open", until_ms: null })
  return said
}

function defenceSaid({ defence: { level, findings, debugPort } }: LockState): Said[] {
  const [word, tone] = LEVELS[level] ?? ["Under attack", "alarm"]
  const found = findings.map(capital).join(", ")
  const said: Said[] = [{ what: "Defence", is: found === "" ? word : `${word}: ${found}`, tone, until_ms: null }]
  if (debugPort === "open") said.push({ what: "Notice", is: "Its debug port is open", tone: "alarm", until_ms: null })
  return said
}

/** "46 %, about 210 days or 4,100 openings" */
function batteryWords({ percent, days, operations }: NonNullable<LockState["health"]["battery"]>): string {
  const left = [
    ...(days === null ? [] : [`${days.toLocaleString("en")} days`]),
    ...(operations === null ? [] : [`${operations.toLocaleString("en")} openings`]),
  ]
  return left.length === 0 ? `${percent} %` : `${percent} %, about ${left.join(" or ")}`
}

function healthSaid({ health }: LockState): Said[] {
  const { battery, motor, cycles, late_permille, contact, isExternal, rests, isReinforced } = health
  const said: Said[] = []
  if (battery !== null)
    said.push({ what: "Battery", is: batteryWords(battery), tone: BATTERY_TONES[battery.level], until_ms: null })
  const late = late_permille === 0 ? "" : `, load ${Math.round(late_permille / 10)} % of what was learnt`
  const trend = { learning: "Still learning its load", steady: `Steady${late}`, misaligned: `Misaligned${late}` }[motor]
  const throws = `${cycles.toLocaleString("en")} ${cycles === 1 ? "throw" : "throws"}`
  const tone = motor === "misaligned" ? "open" : "plain"
  said.push({ what: "Motor", is: `${trend}; ${throws}`, tone, until_ms: null })
  if (contact !== "good")
    said.push({ what: "Contacts", is: `Battery contacts ${contact}`, tone: "open", until_ms: null })
  if (isExternal) said.push({ what: "Supply", is: "Fed from the contact at its front", tone: "open", until_ms: null })
  if (rests) said.push({ what: "Supply", is: "Rests after breakdowns: the motor waits", tone: "alarm", until_ms: null })
  if (isReinforced) said.push({ what: "Bolt", is: "Pressed home", tone: "open", until_ms: null })
  return said
}

function firmwareSaid({ firmware, update, element }: LockState): Said[] {
  const said: Said[] = []
  const trial = update === "none" ? "" : `; update ${update}`
  if (firmware !== null || update !== "none")
    said.push({ what: "Firmware", is: `${firmware ?? "not told"}${trial}`, tone: "plain", until_ms: null })
  if (element === "software") said.push({ what: "Keys", is: "Kept in software", tone: "open", until_ms: null })
  if (element === "pkcs11") said.push({ what: "Keys", is: "Kept in a secure element", tone: "plain", until_ms: null })
  return said
}

/** What cost how many joules, the dearest first; nothing at a door that counts none. */
export function energySaid({ health: { spent } }: LockState): readonly (readonly [feature: string, joules: number])[] {
  return Object.entries(spent)
    .filter(([, joules]) => joules > 0)
    .sort(([, a], [, b]) => b - a)
}
