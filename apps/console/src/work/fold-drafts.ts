/**
 * Drafts folded on top of the proved state, as if they had been admitted: what pages show as "draft" and what a rehearsal
 * compiles. Nobody signed them, and folding does not ask: this state is never taken for the site's.
 */
import { type Change, ENTRY_STATEMENT, fold, type State } from "@holdfast/access"
import { statementToSign } from "@holdfast/access/author"
import { assert, secondsOf, type UnixMillis, unixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { webCrypto } from "@holdfast/port-web"
import { isZone } from "../words/time.ts"
import { browserZoneTable } from "./zone-table.ts"

export type FoldedDrafts = {
  readonly state: State
  /** The state just before each draft. */
  readonly before: readonly State[]
  /** Drafts that do not fit, by their place, each with its reason. */
  readonly faults: readonly { readonly place: number; readonly says: string }[]
}

/** A statement with a signature of zeros: it has the right shape for folding, and no verifier takes it. */
function unsigned(state: State, change: Change, place: number, now_ms: UnixMillis): Uint8Array {
  const [key]: readonly PublicKey[] = state.root.keys
  assert(key !== undefined, "a deed names a key")
  const at = secondsOf(now_ms)
  const nonce = new Uint8Array(16).fill(place % 256)
  const author = change.kind === "zone table" ? "keeper" : "root"
  const body = { author, chain: [], issuedAt: at, notAfter: at, nonce, expects: [], change } as const
  return statementToSign(state.site, body, key, "key", webCrypto).finish(new Uint8Array(64))
}

function foldOne(state: State, change: Change, place: number, now_ms: UnixMillis): ReturnType<typeof fold> {
  const entry = { type: ENTRY_STATEMENT, admittedAt: now_ms, bytes: unsigned(state, change, place, now_ms) }
  return fold(state, [entry], webCrypto)
}

function zoneOf(change: Change): string | null {
  if (change.kind === "schedule set") return change.zone
  return change.kind === "door set" ? change.config.zone : null
}

/** As the keeper does: a zone that is named and not known gets its table first. */
function foldWithZone(state: State, change: Change, place: number, now_ms: UnixMillis): ReturnType<typeof fold> {
  const folded = foldOne(state, change, place, now_ms)
  const zone = zoneOf(change)
  if (folded.ok || folded.fault !== "unknown zone" || zone === null) return folded
  const table = isZone(zone) ? browserZoneTable(zone, secondsOf(now_ms)) : null
  if (table === null) return folded
  const known = foldOne(state, { kind: "zone table", table }, place, now_ms)
  return known.ok ? foldOne(known.state, change, place, now_ms) : folded
}

export function foldDrafts(state: State, changes: readonly Change[], now: number): FoldedDrafts {
  const now_ms = unixMillis(Math.max(now, state.admittedAt))
  const faults: { place: number; says: string }[] = []
  const before: State[] = []
  let after = state
  for (const [place, change] of changes.entries()) {
    before.push(after)
    const folded = foldWithZone(after, change, place, now_ms)
    if (folded.ok) after = folded.state
    else faults.push({ place, says: folded.fault })
  }
  return { state: after, before, faults }
}
