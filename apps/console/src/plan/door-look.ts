/**
 * What a door's symbol shows, from what the server last heard and when. The one place that decides whether a door may be
 * called locked.
 *
 * "Locked" needs three things: the bolt thrown, the door closed, and a door that still speaks. A door that has fallen
 * silent is unknown, whatever it said last; what it said last is told beside it, with its age. Jammed, not fully thrown,
 * held and forced are words of their own and never shades of locked.
 */
import type { Door } from "@holdfast/contract"
import { HEARD_MS_MAX } from "../words/age.ts"

export type Tone = "secure" | "open" | "alarm" | "unknown"
export type BoltWord = Door["bolt"]["is"]

export type DoorLook = {
  readonly tone: Tone
  /** What a person reads: "Locked", "Jammed". */
  readonly word: string
  readonly bolt: BoltWord
  readonly leaf: Door["position"]["is"]
  readonly held: boolean
  readonly forced: boolean
  /** The door speaks: its link is up and it was heard within the last minute. */
  readonly heard: boolean
  /** Its lease has ended, so it opens for nobody until it gets a new one. */
  readonly leaseEnded: boolean
  /** When the door last said this; null when it never did. */
  readonly heardAt_ms: number | null
}

export function hasAlarm(door: Door, word: "forced" | "held" | "jammed" | "attack" | "lockdown"): boolean {
  return door.alarms.some((alarm) => alarm.kind.includes(word))
}

/** What stands over everything else: an attack on the lock, and a lockdown of the door. */
function said(door: Door): { tone: Tone; word: string } {
  const own = saidOfItself(door)
  if (hasAlarm(door, "attack")) return { tone: "alarm", word: `${own.word}, under attack` }
  return hasAlarm(door, "lockdown") && own.tone === "secure" ? { tone: "secure", word: "Locked down" } : own
}

function saidOfItself(door: Door): { tone: Tone; word: string } {
  if (hasAlarm(door, "forced")) return { tone: "alarm", word: "Forced open" }
  if (door.bolt.is === "jammed") return { tone: "alarm", word: "Bolt jammed" }
  if (hasAlarm(door, "held")) return { tone: "open", word: "Held open" }
  if (door.position.is === "open") return { tone: "open", word: "Open" }
  switch (door.bolt.is) {
    case "thrown":
      return door.position.is === "closed"
        ? { tone: "secure", word: "Locked" }
        : { tone: "unknown", word: "Bolt thrown, door position unknown" }
    case "drawn":
      return { tone: "open", word: "Unlocked" }
    case "moving":
      return { tone: "open", word: "Bolt moving" }
    case "not-fully-thrown":
      return { tone: "open", word: "Bolt not fully thrown" }
    default:
      return { tone: "unknown", word: "Unknown" }
  }
}

export function lookOf(door: Door, now_ms: number): DoorLook {
  const heardAt_ms = door.last_heard_at_ms
  const heard = door.link.up && heardAt_ms !== null && now_ms - heardAt_ms <= HEARD_MS_MAX
  const { tone, word } = said(door)
  // An alarm stays loud when the door falls silent: that somebody cut the line after forcing a door is no reason to calm down.
  const silent = !heard && tone !== "alarm"
  return {
    tone: silent ? "unknown" : tone,
    word: heardAt_ms === null ? "Never heard" : silent ? `Not heard; last said: ${word.toLowerCase()}` : word,
    bolt: door.bolt.is,
    leaf: door.position.is,
    held: hasAlarm(door, "held"),
    forced: hasAlarm(door, "forced"),
    heard,
    leaseEnded: door.lease_ends_at_ms !== null && door.lease_ends_at_ms < now_ms,
    heardAt_ms,
  }
}
