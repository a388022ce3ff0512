/**
 * Numbers that say what they count, and ids that say whose they are.
 *
 * A branded unit is its plain value at run time. The only casts to a unit live in these constructors and in decoders.
 */
import { assert } from "./assert.ts"

declare const brand: unique symbol
export type Branded<Value, Name extends string> = Value & { readonly [brand]: Name }

/** Seconds since 1970-01-01T00:00:00Z without leap seconds, as signed facts carry them. */
export type UnixSeconds = Branded<number, "UnixSeconds">
/** Milliseconds since 1970-01-01T00:00:00Z without leap seconds. */
export type UnixMillis = Branded<number, "UnixMillis">
/** Milliseconds since the lock booted. It never goes back, and means nothing outside this boot. */
export type Uptime = Branded<number, "Uptime">

export function unixSeconds(value: number): UnixSeconds {
  assert(Number.isSafeInteger(value) && value >= 0, "a time in seconds is a whole number from 1970 on")
  return value as UnixSeconds
}

export function unixMillis(value: number): UnixMillis {
  assert(Number.isSafeInteger(value) && value >= 0, "a time in milliseconds is a whole number from 1970 on")
  return value as UnixMillis
}

export function uptime(value: number): Uptime {
  assert(Number.isSafeInteger(value) && value >= 0, "an uptime is a whole number of milliseconds")
  return value as Uptime
}

/** The uptime that lies `ms` after `now`. */
export function later(now: Uptime, ms: number): Uptime {
  return uptime(now + ms)
}

/** The first of several times; null where none is set. */
export function earliest(times: Iterable<Uptime | null>): Uptime | null {
  let first: Uptime | null = null
  for (const time of times) if (time !== null && (first === null || time < first)) first = time
  return first
}

/** The second in which a millisecond lies. */
export function secondsOf(ms: UnixMillis): UnixSeconds {
  return unixSeconds(Math.floor(ms / 1000))
}

export const ID_SIZE = 16
/**
 * Ids are 16 random bytes, carried inside the program as 32 lower-case hex digits, since text is what a Map can look
 * up. {@link idOf} and {@link idBytes} are the two doors between the two.
 */
export type Id<Name extends string> = Branded<string, Name>
export type SiteId = Id<"SiteId">
export type DoorId = Id<"DoorId">
export type PersonId = Id<"PersonId">
export type CredentialId = Id<"CredentialId">
export type GroupId = Id<"GroupId">
export type GrantId = Id<"GrantId">
export type ScheduleId = Id<"ScheduleId">
