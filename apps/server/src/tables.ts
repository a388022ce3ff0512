/**
 * The tables, as Kysely types them. Everything but `session` is a projection: a rebuild from the logs makes the same rows.
 *
 * Primary keys start with the site. Ids are uuid columns: they take 32 hex digits and give back dashes, so whatever reads
 * them goes through {@link hexOf}. Times are whole milliseconds. There is no sequence: order comes from the logs.
 */
import type { Id } from "@holdfast/base"
import type { DoorFacts } from "./projection/door-facts.ts"

export type RecordRow = {
  site: string
  period: string
  /** entry * 512 + position: one number that orders the records of a period as its log does. */
  place: number
  door: string
  sequence: number
  /** Slugs of `core/lock`'s words. */
  kind: string
  result: string
  flags: number
  boot: number
  uptime_ms: number
  wall_ms: number | null
  admitted_at_ms: number
  /** wall_ms, or admitted_at_ms where the lock did not know the time. */
  at_ms: number
  commitment: Buffer
}

export type DoorRow = {
  site: string
  door: string
  facts: DoorFacts
}

export type StatementRow = {
  site: string
  period: string
  place: number
  statement: Buffer
  /** A slug of `core/access`'s kinds. */
  kind: string
  author: string
  /** The person that a revocation or restoration names. */
  person: string | null
  admitted_at_ms: number
}

/** How far the projection of one log has come. The next entry to take, and the condition of every write. */
export type PositionRow = {
  site: string
  log: "authority" | "events"
  period: string
  next: number
}

export type SessionRow = {
  site: string
  token_sha256: Buffer
  person: string
  delegation: Buffer
  expires_at_ms: number
}

export type Tables = {
  record: RecordRow
  door: DoorRow
  statement: StatementRow
  position: PositionRow
  session: SessionRow
}

/** The 32 hex digits of a uuid column. */
export function hexOf<Name extends string>(uuid: string): Id<Name> {
  return uuid.replaceAll("-", "") as Id<Name>
}

/** Positions of one batch: a batch has at most 512 records. */
export const PLACES_OF_ENTRY = 512

export function placeOf(entry: number, position: number): number {
  return entry * PLACES_OF_ENTRY + position
}

export function entryOf(place: number): { readonly entry: number; readonly position: number } {
  const position = place % PLACES_OF_ENTRY
  return { entry: (place - position) / PLACES_OF_ENTRY, position }
}
