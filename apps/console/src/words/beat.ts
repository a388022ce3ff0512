/** A lock's signed state in the words of the API, and in those of a person. */
import type { Door } from "@holdfast/contract"
import type { LockState } from "@holdfast/lock"
import { findingWords } from "./findings.ts"

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
export const SAID_GROUPS = ["Now", "Defence", "Power", "Bolt and motor", "Board"] as const
export type SaidGroup = (typeof SAID_GROUPS)[number]
/** One thing that a lock says of itself. `until_ms`: when it ends by itself, by this browser's clock. */
export type Said = {
  readonly under: SaidGroup
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

const FLAGS_OF_BOARD: readonly LockState["flags"][number][] = ["no policy", "no lease", "journal full"]

function groupOfFlag(flag: LockState["flags"][number]): SaidGroup {
  if (flag === "on reserve power") return "Power"
  return FLAGS_OF_BOARD.includes(flag) ? "Board" : "Defence"
}

/**
 * What a lock said in its signed state, beside bolt, leaf, policy and lease. An uptime of the lock becomes a time here by when
 * the state was heard.
 */
export function saidBy(state: LockState, heardAt_ms: number): readonly Said[] {
  const at = (uptime_ms: number | null): number | null =>
    uptime_ms === null ? null : heardAt_ms + (uptime_ms - state.uptime_ms)
  const { mode, threatLevel, wayOut, alarmAt_ms, modeEnds_ms, flags } = state
  const level = threatLevel > 0 ? ` ${threatLevel}` : ""
  const now = (what: string, is: string, tone: Tone, until_ms: number | null): Said => {
    return { under: "Now", what, is, tone, until_ms }
  }
  return [
    now("Mode", capital(mode) + level, MODE_TONES[mode], at(modeEnds_ms)),
    ...(alarmAt_ms === null ? [] : [now("Open long", "alarm", "open", at(alarmAt_ms))]),
    ...(wayOut === "ready" ? [] : [now("Way out", capital(wayOut), "open", null)]),
    ...defenceSaid(state),
    ...powerSaid(state),
    ...boltSaid(state),
    ...boardSaid(state),
    ...flags.map((flag) => said(groupOfFlag(flag), "Notice", FLAG_WORDS[flag], "open")),
  ]
}

function said(under: SaidGroup, what: string, is: string, tone: Tone = "plain"): Said {
  return { under, what, is, tone, until_ms: null }
}

function defenceSaid({ defence: { level, findings, debugPort } }: LockState): Said[] {
  const [word, tone] = LEVELS[level] ?? ["Under attack", "alarm"]
  return [
    said("Defence", "Guard", word, tone),
    ...findings.map((finding) => said("Defence", "Found", findingWords(finding), level === 2 ? "alarm" : "open")),
    ...(debugPort === "open" ? [said("Defence", "Notice", "Its debug port is open", "alarm")] : []),
  ]
}

/** "46 %, about 210 days or 4,100 openings" */
function batteryWords({ percent, days, operations }: NonNullable<LockState["health"]["battery"]>): string {
  const left = [
    ...(days === null ? [] : [`${days.toLocaleString("en")} days`]),
    ...(operations === null ? [] : [`${operations.toLocaleString("en")} openings`]),
  ]
  return left.length === 0 ? `${percent} %` : `${percent} %, about ${left.join(" or ")}`
}

function powerSaid({ health: { battery, contact, isExternal, rests } }: LockState): Said[] {
  const lines: Said[] = []
  if (battery === null) lines.push(said("Power", "Supply", "Mains"))
  else {
    const { level, rest_mv } = battery
    lines.push(said("Power", "Battery", batteryWords(battery), BATTERY_TONES[level]))
    const rest = rest_mv === 0 ? "not measured yet" : `${(rest_mv / 1_000).toFixed(2)} V`
    lines.push(said("Power", "At rest", `${rest}, ${level}`))
  }
  if (contact !== "good") lines.push(said("Power", "Contacts", `Battery contacts ${contact}`, "open"))
  if (isExternal) lines.push(said("Power", "Supply", "Fed from the contact at its front", "open"))
  if (rests) lines.push(said("Power", "Supply", "Rests after breakdowns: the motor waits", "alarm"))
  return lines
}

function boltSaid({ health: { motor, cycles, late_permille, isReinforced } }: LockState): Said[] {
  const late = late_permille === 0 ? "" : `, load ${Math.round(late_permille / 10)} % of what was learnt`
  const trend = { learning: "Still learning its load", steady: `Steady${late}`, misaligned: `Misaligned${late}` }[motor]
  const throws = `${cycles.toLocaleString("en")} ${cycles === 1 ? "throw" : "throws"}`
  return [
    said("Bolt and motor", "Motor", `${trend}; ${throws}`, motor === "misaligned" ? "open" : "plain"),
    ...(isReinforced ? [said("Bolt and motor", "Bolt", "Pressed home", "open")] : []),
  ]
}

function boardSaid({ firmware, update, element }: LockState): Said[] {
  const lines: Said[] = []
  const trial = update === "none" ? "" : `; update ${update}`
  if (firmware !== null || update !== "none") lines.push(said("Board", "Firmware", `${firmware ?? "not told"}${trial}`))
  if (element === "software") lines.push(said("Board", "Keys", "Kept in software", "open"))
  if (element === "pkcs11") lines.push(said("Board", "Keys", "Kept in a secure element"))
  return lines
}

/** What cost how many joules, the dearest first; nothing at a door that counts none. */
export function energySaid({ health: { spent } }: LockState): readonly (readonly [feature: string, joules: number])[] {
  return Object.entries(spent)
    .map(([feature, millijoules]) => [feature, Math.round(millijoules / 1_000)] as const)
    .filter(([, joules]) => joules > 0)
    .sort(([, a], [, b]) => b - a)
}
