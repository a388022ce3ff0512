/**
 * What locks and links say of themselves and no log holds: the newest beat of each lock, and its link.
 *
 * It lives in memory only. After a restart every lock is heard again within a beat's time; until then the log speaks alone.
 * Since when a lock has said a thing is when it was first heard, not when it was last.
 */
import type { DoorId } from "@holdfast/base"
import { essenceOf, type LockState, type StateFlag } from "@holdfast/lock"
import type { AlarmWord, BoltWord, PositionWord } from "../projection/door-facts.ts"

/** A state that the lock's journal key signed. */
export type Beat = { readonly bytes: Uint8Array; readonly heard_at_ms: number; readonly state: LockState }

/** Something a lock says, and since when it was heard to say so. */
export type Said<Word> = { readonly is: Word; readonly since_ms: number }

export type Reported = {
  readonly link: { readonly up: boolean; readonly since_ms: number | null }
  readonly last_heard_at_ms: number | null
  readonly beat: Beat | null
  readonly bolt: Said<BoltWord> | null
  readonly position: Said<PositionWord> | null
  readonly alarms: readonly Said<AlarmWord>[]
}

const NOTHING: Reported = {
  link: { up: false, since_ms: null },
  last_heard_at_ms: null,
  beat: null,
  bolt: null,
  position: null,
  alarms: [],
}

const BOLTS: Readonly<Record<LockState["bolt"], BoltWord>> = {
  unknown: "unknown",
  thrown: "thrown",
  drawing: "moving",
  drawn: "drawn",
  throwing: "moving",
  jammed: "jammed",
  "not fully thrown": "not-fully-thrown",
}
const POSITIONS: Readonly<Record<LockState["leaf"], PositionWord>> = {
  unknown: "unknown",
  closed: "closed",
  open: "open",
  "open long": "open",
  held: "open",
  forced: "open",
}
const FLAG_ALARMS: Readonly<Record<StateFlag, AlarmWord>> = {
  "on reserve power": "power lost",
  "code throttled": "throttled",
  "no policy": "no policy",
  "no lease": "lease ended",
  "journal full": "journal full",
}

const UNDER_ATTACK = 2

function alarmsOf({ bolt, leaf, flags, mode, defence, health }: LockState): AlarmWord[] {
  const alarms = flags.map((flag) => FLAG_ALARMS[flag])
  if (mode === "fire" || mode === "evacuation" || mode === "lockdown") alarms.push(mode)
  if (defence.level >= UNDER_ATTACK) alarms.push("under attack")
  const level = health.battery?.level ?? "good"
  if (level !== "good") alarms.push(level === "low" ? "battery low" : "battery critical")
  if (health.motor === "misaligned") alarms.push("misaligned")
  if (bolt === "jammed") alarms.push("bolt jammed")
  if (bolt === "not fully thrown") alarms.push("bolt not fully thrown")
  if (leaf === "held") alarms.push("door held")
  if (leaf === "forced") alarms.push("door forced")
  return alarms
}

/** Whether `state` is later than `before`: boots count first, then the uptime. A replayed beat is not. */
function isLater(before: LockState, state: LockState): boolean {
  return state.boot !== before.boot ? state.boot > before.boot : state.uptime_ms > before.uptime_ms
}

function say<Word>(before: readonly (Said<Word> | null)[], is: Word, now_ms: number): Said<Word> {
  return before.find((said) => said?.is === is) ?? { is, since_ms: now_ms }
}

export class ReportedDoors {
  readonly #doors = new Map<DoorId, Reported>()

  of(door: DoorId): Reported {
    return this.#doors.get(door) ?? NOTHING
  }

  heard(door: DoorId, at_ms: number): void {
    this.#doors.set(door, { ...this.of(door), last_heard_at_ms: at_ms })
  }

  linked(door: DoorId, up: boolean, at_ms: number): void {
    this.#doors.set(door, { ...this.of(door), link: { up, since_ms: at_ms } })
  }

  /** Takes a beat; answers whether it says anything new, or is no newer than the last. */
  beat(door: DoorId, beat: Beat): "news" | "same" | "old" {
    const before = this.of(door)
    const { state, heard_at_ms } = beat
    if (before.beat !== null && !isLater(before.beat.state, state)) return "old"
    const bolt = say([before.bolt], BOLTS[state.bolt], heard_at_ms)
    const position = say([before.position], POSITIONS[state.leaf], heard_at_ms)
    const alarms = alarmsOf(state).map((alarm) => say(before.alarms, alarm, heard_at_ms))
    this.#doors.set(door, { ...before, beat, bolt, position, alarms, last_heard_at_ms: heard_at_ms })
    const isSame =
      before.beat !== null &&
      bolt === before.bolt &&
      position === before.position &&
      alarms.length === before.alarms.length &&
      alarms.every((alarm) => before.alarms.includes(alarm)) &&
      essenceOf(before.beat.state) === essenceOf(state)
    return isSame ? "same" : "news"
  }
}
