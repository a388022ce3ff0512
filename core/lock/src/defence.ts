/**
 * What the lock does about a finding, and for how long (C24 to C26, C75 to C77, C81, C84).
 *
 *   finding --> record (urgent: sent to people)  --> local alarm 60 s  --> reinforced bolt  --> level up  --> keypad closed
 *   quiet   --> record with the number of repeats                                               level 0
 *
 * A word that was found stands until five quiet minutes have passed; what repeats meanwhile is counted and not told again,
 * unless it gets graver. Every response ends by itself. None draws the bolt, none stands in the way out, and none keeps a
 * strong credential waiting (I-16): the level that `level` says only makes a door ask for more, as its configuration wants.
 */
import { earliest, later, type Uptime } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readUint } from "@holdfast/base/cbor"
import {
  type Finding,
  type FindingWord,
  newSenses,
  type Remembered,
  type Senses,
  type Severity,
  sensesWake,
  toRemember,
} from "@holdfast/sense"

/** How long a finding stands after it was last made. */
export const STANDS_MS = 300_000
/** How long after the last warning or alarm the level stays up. */
export const LEVEL_MS = 900_000
export const ALARM_MS = 60_000
/** An attack that goes on sounds again after this long, and no more often than the hour's bound. */
export const ALARM_REST_MS = 180_000
const HOUR_MS = 3_600_000
export const AGAIN_AN_HOUR_MAX = 5
/** Records an hour that want a person at once: 144 a day are what one operator can follow (EEMUA 191), for all his doors. */
export const URGENT_AN_HOUR_MAX = 12
export const KEYPAD_CLOSED_MS = 300_000

/** 0 calm, 1 watchful, 2 under attack. */
export type Level = 0 | 1 | 2
const LEVEL_OF: Readonly<Record<Severity, Level>> = { notice: 0, warning: 1, alarm: 2 }

/** Somebody works at the lock while its bolt is in the frame: it is to hold. */
const REINFORCED: readonly FindingWord[] = ["drill", "hammer", "pry", "kick", "case opened", "tilted"]
/** Somebody is at the door itself: then a silent radio is no accident. */
const PHYSICAL: readonly FindingWord[] = [
  ...REINFORCED,
  "line cut",
  "line shorted",
  "line shifted",
  "bolt moved by itself",
  "leaf open while thrown",
]

export type Standing = {
  readonly severity: Severity
  /** How often it was found again since it was recorded. */
  readonly repeats: number
  readonly until: Uptime
  /** What lasts stands until its detector says that it ended. */
  readonly lasts: boolean
}
const LASTING: readonly FindingWord[] = [
  "case opened",
  "tilted",
  "jamming",
  "line cut",
  "line shorted",
  "line shifted",
  "exit held",
  "debug port open",
]

/** How many urgent records and repeated alarms this hour has had. */
type Hour = { readonly until: Uptime; readonly urgent: number; readonly again: number }

export type Defence = {
  readonly senses: Senses
  readonly standing: ReadonlyMap<FindingWord, Standing>
  readonly level: Level
  readonly levelUntil: Uptime
  /** While the buzzer sounds; null while it is silent. */
  readonly alarmUntil: Uptime | null
  readonly alarmRestUntil: Uptime
  /** Until then no code is looked at that comes without a card. */
  readonly keypadUntil: Uptime
  readonly hour: Hour
}

export type Kept = Remembered & { readonly level: Level }
export const NOTHING_KEPT: Kept = { interruptions: 0, failed: 0, level: 0 }

function newHour(now: Uptime): Hour {
  return { until: later(now, HOUR_MS), urgent: 0, again: 0 }
}

/** A lock's defence at the start of a boot. A level that was up stays up for its whole time again. */
export function newDefence(now: Uptime, kept: Kept): Defence {
  return {
    senses: newSenses(now, kept),
    standing: new Map(),
    level: kept.level,
    levelUntil: later(now, LEVEL_MS),
    alarmUntil: null,
    alarmRestUntil: now,
    keypadUntil: now,
    hour: newHour(now),
  }
}

/** What is done about one finding. Null `told`: it is already known, and only counted. */
export type Response = {
  readonly told: Severity | null
  readonly urgent: boolean
  readonly sounds: boolean
  readonly reinforces: boolean
  readonly closesKeypad: boolean
}

/** A jammed radio and somebody at the door are one attack (C69). */
function gravity(defence: Defence, { is, severity }: Finding): Severity {
  const others = [...defence.standing.keys()].filter((word) => word !== is)
  const both =
    is === "jamming"
      ? others.some((word) => PHYSICAL.includes(word))
      : PHYSICAL.includes(is) && others.includes("jamming")
  return both ? "alarm" : severity
}

export function respond(before: Defence, now: Uptime, finding: Finding): { defence: Defence; response: Response } {
  const { is } = finding
  const severity = gravity(before, finding)
  const known = before.standing.get(is)
  const again = known !== undefined && LEVEL_OF[severity] <= LEVEL_OF[known.severity]
  const hour = now < before.hour.until ? before.hour : newHour(now)
  const isAlarm = severity === "alarm"
  const sounds = isAlarm && (!again || (now >= before.alarmRestUntil && hour.again < AGAIN_AN_HOUR_MAX))
  const urgent = !again && isAlarm && hour.urgent < URGENT_AN_HOUR_MAX
  const closesKeypad = is === "many attempts" && severity !== "notice" && now >= before.keypadUntil
  const level = LEVEL_OF[severity]
  const standing: Standing = {
    severity: again ? known.severity : severity,
    repeats: known === undefined ? 0 : known.repeats + 1,
    until: later(now, STANDS_MS),
    lasts: LASTING.includes(is),
  }
  const defence: Defence = {
    ...before,
    standing: new Map(before.standing).set(is, standing),
    level: level > before.level ? level : before.level,
    levelUntil: level >= before.level && level > 0 ? later(now, LEVEL_MS) : before.levelUntil,
    alarmUntil: sounds ? later(now, ALARM_MS) : before.alarmUntil,
    alarmRestUntil: sounds ? later(now, ALARM_MS + ALARM_REST_MS) : before.alarmRestUntil,
    keypadUntil: closesKeypad ? later(now, KEYPAD_CLOSED_MS) : before.keypadUntil,
    hour: { ...hour, urgent: hour.urgent + Number(urgent), again: hour.again + Number(sounds && again) },
  }
  const reinforces = sounds && REINFORCED.includes(is)
  return { defence, response: { told: again ? null : severity, urgent, sounds, reinforces, closesKeypad } }
}

/** The detector says that what lasted has ended; it stands on for its quiet time, so that flapping stays one finding. */
export function endOf(defence: Defence, now: Uptime, word: FindingWord): Defence {
  const known = defence.standing.get(word)
  if (known === undefined) return defence
  const ended = { ...known, lasts: false, until: later(now, STANDS_MS) }
  return { ...defence, standing: new Map(defence.standing).set(word, ended) }
}

/** What time ended: findings with their repeats, the alarm, the level. */
export type Over = {
  readonly defence: Defence
  readonly words: readonly (readonly [FindingWord, number])[]
  readonly silenced: boolean
  readonly lowered: boolean
}

export function defenceOver(before: Defence, now: Uptime): Over {
  const stands = ({ lasts, until }: Standing): boolean => lasts || now < until
  const over = [...before.standing].filter(([, standing]) => !stands(standing))
  const silenced = before.alarmUntil !== null && now >= before.alarmUntil
  const lowered = before.level > 0 && now >= before.levelUntil
  const words = over.map(([word, { repeats }]) => [word, repeats] as const)
  if (over.length === 0 && !silenced && !lowered) return { defence: before, words, silenced, lowered }
  const defence: Defence = {
    ...before,
    standing: new Map([...before.standing].filter(([, standing]) => stands(standing))),
    level: lowered ? 0 : before.level,
    alarmUntil: silenced ? null : before.alarmUntil,
  }
  return { defence, words, silenced, lowered }
}

/** When time alone will change something, or null. */
export function defenceWakes({ senses, standing, level, levelUntil, alarmUntil }: Defence): Uptime | null {
  const ends = [...standing.values()].map(({ lasts, until }) => (lasts ? null : until))
  return earliest([...ends, sensesWake(senses), level > 0 ? levelUntil : null, alarmUntil])
}

/** Whether the keypad alone is closed. A card, and a code that belongs to a card, are never kept waiting. */
export function isKeypadClosed({ keypadUntil }: Defence, now: Uptime): boolean {
  return now < keypadUntil
}

/** What outlives a reset. */
export function keptOf({ senses, level }: Defence): Kept {
  return { ...toRemember(senses), level }
}

export function encodeKept({ level, interruptions, failed }: Kept): Uint8Array {
  return encodeCbor([level, interruptions, failed])
}

const COUNT_MAX = 99

export function decodeKept(bytes: Uint8Array): Kept | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 3) return null
  const [levelField, interruptionsField, failedField] = decoded.value as readonly Cbor[]
  const level = readUint(levelField, 2)
  const interruptions = readUint(interruptionsField, COUNT_MAX)
  const failed = readUint(failedField, COUNT_MAX)
  if (level === null || interruptions === null || failed === null) return null
  return { level: level === 2 ? 2 : level === 1 ? 1 : 0, interruptions, failed }
}
