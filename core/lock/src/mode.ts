/**
 * The mode of a door: what stands over all that a credential may do. Several can hold at once; the first in this table rules.
 *
 *   mode           the bolt        who comes in from outside             begins               ends
 *   fire           is held drawn   everybody                             the fire input       by hand at the door, once it is quiet
 *   evacuation     is held drawn   everybody                             an order             an order, or its time
 *   lockdown       is thrown       responders, with their credential     an order             an order, or its time
 *   service        is thrown       as in normal mode; alarms are notes   an order             its time, 8 h at most; an order; a boot
 *   threat level   is thrown       as in normal mode, with more factors  an order, a narrowing an order; a narrowing: its time
 *   office         is held drawn   everybody                             a schedule, an order the schedule, its time, an order, a boot
 *   normal         is thrown       whom the policy grants it
 *
 * The way out is in none of these rows: no mode takes it away (I-34). Whether a fire releases this door is its configuration;
 * the hardware draws the bolt by itself then, and all that is done here is to say so and never to throw it (I-32).
 */
import {
  type DoorId,
  earliest,
  idBytes,
  idOf,
  type UnixSeconds,
  type Uptime,
  unixSeconds,
  uptime,
} from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readUint } from "@holdfast/base/cbor"

export type ModeWord = "fire" | "evacuation" | "lockdown" | "service" | "threat level" | "office" | "normal"
/** What begins from afar and an end belongs to: by an order, but for *narrowed*, which the keeper tells. */
export type Ordered = "evacuation" | "lockdown" | "service" | "office" | "narrowed"

/** Why the door is narrowed, or was last: another door's record, when the keeper said so, and the end of it. */
export type Narrowed = {
  readonly door: DoorId
  readonly sequence: number
  readonly from_s: UnixSeconds
  readonly end_s: UnixSeconds
}

/** In the order of their rank. The place is the number in a signed state, so a mode never moves. */
export const MODES: readonly ModeWord[] = [
  "fire",
  "evacuation",
  "lockdown",
  "service",
  "threat level",
  "office",
  "normal",
]

export type Modes = {
  /** As the input says; once it has been active it waits for a hand at the door. */
  readonly fire: "quiet" | "alarm" | "waiting"
  /** The uptime at which an ordered mode ends; null: when it is ended. */
  readonly ordered: ReadonlyMap<Ordered, Uptime | null>
  readonly level: number
  /** Whether the office hours of the schedule hold: *waiting* is for the first valid entry, see `office.ts`. */
  readonly office: "unknown" | "closed" | "waiting" | "open"
  /** Stays when it is over: what ends no later is not taken again, see `narrowing.ts`. */
  readonly narrowed: Narrowed | null
}

export const QUIET: Modes = { fire: "quiet", ordered: new Map(), level: 0, office: "unknown", narrowed: null }

/** The mode that rules. */
export function modeOf({ fire, ordered, level, office }: Modes, fireReleases: boolean): ModeWord {
  if (fireReleases && fire !== "quiet") return "fire"
  if (ordered.has("evacuation")) return "evacuation"
  if (ordered.has("lockdown")) return "lockdown"
  if (ordered.has("service")) return "service"
  if (level > 0 || ordered.has("narrowed")) return "threat level"
  return ordered.has("office") || office === "open" ? "office" : "normal"
}

/** Whether the bolt stays drawn as long as this mode rules. */
export function isHeldDrawn(mode: ModeWord): boolean {
  return mode === "fire" || mode === "evacuation" || mode === "office"
}

export function withOrdered(modes: Modes, mode: Ordered, until: Uptime | null): Modes {
  return { ...modes, ordered: new Map(modes.ordered).set(mode, until) }
}

export function withoutOrdered(modes: Modes, mode: Ordered): Modes {
  const ordered = new Map(modes.ordered)
  ordered.delete(mode)
  return { ...modes, ordered }
}

/** The ordered modes whose time is over, and what is left without them. */
export function expire(modes: Modes, now: Uptime): { readonly modes: Modes; readonly ended: readonly Ordered[] } {
  const ended = [...modes.ordered].flatMap(([mode, until]) => (until !== null && now >= until ? [mode] : []))
  if (ended.length === 0) return { modes, ended }
  return { modes: { ...modes, ordered: new Map([...modes.ordered].filter(([mode]) => !ended.includes(mode))) }, ended }
}

/** When the first ordered mode ends by itself. */
export function modesWake({ ordered }: Modes): Uptime | null {
  return earliest(ordered.values())
}

/** When the mode that rules ends by itself; null: it does not, or the schedule says. */
export function endOf(modes: Modes, ruled: ModeWord): Uptime | null {
  if (ruled === "threat level") return modes.level > 0 ? null : (modes.ordered.get("narrowed") ?? null)
  return ruled === "evacuation" || ruled === "lockdown" || ruled === "service" || ruled === "office"
    ? (modes.ordered.get(ruled) ?? null)
    : null
}

/**
 * [waits for a hand after a fire, lockdown, evacuation, level], and where it was ever narrowed: narrowed, and why. A mode: 0 not,
 * 1 without end, else 2 + its seconds.
 */
export function encodeModes({ fire, ordered, level, narrowed }: Modes, now: Uptime): Uint8Array {
  const left = (mode: Ordered): number => {
    const until = ordered.get(mode)
    return until === undefined ? 0 : until === null ? 1 : 2 + Math.ceil(Math.max(0, until - now) / 1000)
  }
  const modes = [fire === "quiet" ? 0 : 1, left("lockdown"), left("evacuation"), level]
  if (narrowed === null) return encodeCbor(modes)
  return encodeCbor([...modes, left("narrowed"), encodeNarrowed(narrowed)])
}

/**
 * The modes as they go on after a boot. What narrows goes on: a timed lockdown runs on from what was left when it was stored,
 * a level stays. Of what widens only an evacuation without an end does, and a fire that nobody answered yet.
 */
export function decodeModes(bytes: Uint8Array, now: Uptime): Modes | null {
  const decoded = decodeCbor(bytes)
  const fields = decoded.ok && Array.isArray(decoded.value) ? (decoded.value as readonly Cbor[]) : []
  const narrowed = fields.length === 6 ? readNarrowed(fields[5]) : null
  if (fields.length !== 4 && narrowed === null) return null
  const [fire, lockdown, evacuation, level, narrow = 0] = fields.slice(0, 5).map((field) => readUint(field, 10 ** 7))
  if (typeof fire !== "number" || typeof lockdown !== "number" || typeof evacuation !== "number") return null
  if (typeof level !== "number" || narrow === null) return null
  const ordered = new Map<Ordered, Uptime | null>()
  if (lockdown > 0) ordered.set("lockdown", lockdown === 1 ? null : uptime(now + (lockdown - 2) * 1000))
  if (narrow > 1) ordered.set("narrowed", uptime(now + (narrow - 2) * 1000))
  if (evacuation === 1) ordered.set("evacuation", null)
  return { ...QUIET, fire: fire === 0 ? "quiet" : "waiting", ordered, level, narrowed }
}

/** [door, sequence, from, end], as modes are stored and a signed state says it. */
export function encodeNarrowed({ door, sequence, from_s, end_s }: Narrowed): Cbor {
  return [idBytes(door), sequence, from_s, end_s]
}

export function readNarrowed(value: Cbor | undefined): Narrowed | null {
  const [doorField, ...numbers] = Array.isArray(value) ? (value as readonly Cbor[]) : []
  const door = readBytes(doorField, 16)
  const [sequence, from, end] = numbers.map((number) => readUint(number))
  if (door === null || typeof sequence !== "number" || typeof from !== "number" || typeof end !== "number") return null
  return { door: idOf<"DoorId">(door), sequence, from_s: unixSeconds(from), end_s: unixSeconds(end) }
}
