/**
 * Folding the authority log: state and entries in, the next state out.
 *
 * It takes what was admitted as given: signatures and authority are admit.ts's business, which folds with the same functions.
 * A change that does not fit (an unknown person, an unknown door) is a fault and folds nothing of that entry.
 */
import { assert, type Crypto, type PersonId, secondsOf, type UnixMillis, unreachable } from "@holdfast/base"
import { objectsOf } from "./change.ts"
import { aloneFrom, foldDelegation, noteEnded, othersAtRisk } from "./fold/authority.ts"
import type { FoldFault } from "./fold/fault.ts"
import { Folding, type PairedKey } from "./fold/folding.ts"
import { foldCredential, foldGroup, foldPerson } from "./fold/people.ts"
import { offlineCodeFault } from "./fold/offline-code.ts"
import { foldReceiver } from "./fold/receivers.ts"
import { foldDoor, foldGrant, foldSchedule } from "./fold/rights.ts"
import { decodeIssued } from "./issued.ts"
import { verifyFirstRoot, verifyNextRoot } from "./root.ts"
import { foundedState, type State } from "./state.ts"
import { decodeStatement, type Statement } from "./statement.ts"

/** Types of entries in the authority log that this room owns; the ledger gives 1 to 15 to it. */
export const ENTRY_ROOT = 1
export const ENTRY_STATEMENT = 2
export const ENTRY_ISSUED = 3

/** An entry as the ledger hands it over: its bytes mean something only here. */
export type LogEntry = { readonly type: number; readonly admittedAt: UnixMillis; readonly bytes: Uint8Array }

function foldChange(folding: Folding, statement: Statement, now: UnixMillis): FoldFault | null {
  const { change, id, chain, author } = statement
  switch (change.kind) {
    case "person add":
    case "person label":
    case "person revoke":
    case "person restore":
    case "person traits":
      return foldPerson(folding, change)
    case "credential add":
    case "credential remove":
      return foldCredential(folding, change)
    case "group set":
    case "member add":
    case "member remove":
      return foldGroup(folding, change)
    case "grant set":
    case "grant remove":
      return foldGrant(folding, change)
    case "schedule set":
      return foldSchedule(folding, change)
    case "door set":
    case "door remove":
    case "lock pair":
      return foldDoor(folding, change, author, now)
    case "delegate":
    case "delegation revoke":
    case "deny":
      return foldDelegation(folding, change, id, chain)
    case "zone table":
      folding.zones.set(change.table.zone, change.table)
      return null
    case "plan":
      folding.plans.set(change.floor, change.rooms)
      return null
    case "receiver set":
    case "receiver remove":
      return foldReceiver(folding, change)
    case "offline code":
      return offlineCodeFault(folding, change)
    case "order":
      return "not for the log"
    default:
      return unreachable(change)
  }
}

/**
 * Forgets statements that can no longer come again; they stand in the order in which they came. A statement's time is judged
 * in whole seconds, so all of its last second counts.
 */
function forgetExpired(folding: Folding, now: UnixMillis): void {
  for (const [id, notAfter] of folding.recent.now) {
    if (notAfter >= secondsOf(now)) return
    folding.recent.delete(id)
  }
}

/** One statement, given that it may be said. On a fault nothing was folded. */
export function foldStatement(folding: Folding, statement: Statement, admittedAt: UnixMillis): FoldFault | null {
  const others = othersAtRisk(folding, statement)
  const fault = foldChange(folding, statement, admittedAt)
  if (fault !== null) return fault
  noteEnded(folding, others, admittedAt)
  for (const object of objectsOf(statement.change)) folding.touched.set(object, folding.size)
  forgetExpired(folding, admittedAt)
  folding.recent.set(statement.id, statement.notAfter)
  folding.size += 1
  folding.admittedAt = admittedAt
  return null
}

export type EntryFault = FoldFault | "malformed" | "root does not verify" | "admitted before the last"

/** One entry of any type. Types of other rooms only count. */
export function foldEntry(folding: Folding, entry: LogEntry, site: State["site"], crypto: Crypto): EntryFault | null {
  if (entry.admittedAt < folding.admittedAt) return "admitted before the last"
  if (entry.type === ENTRY_STATEMENT) {
    const decoded = decodeStatement(site, entry.bytes, crypto)
    return decoded.ok ? foldStatement(folding, decoded.statement, entry.admittedAt) : "malformed"
  }
  if (entry.type === ENTRY_ROOT) {
    const next = verifyNextRoot(entry.bytes, site, folding.root, crypto)
    if (!next.ok) return "root does not verify"
    folding.root = next.root
  } else if (entry.type === ENTRY_ISSUED) {
    const issued = decodeIssued(entry.bytes)
    if (issued === null) return "malformed"
    if (!folding.doors.has(issued.door)) return "unknown door"
    folding.issued.set(issued.door, issued)
  }
  folding.size += 1
  folding.admittedAt = entry.admittedAt
  return null
}

export type Folded =
  | { readonly ok: true; readonly state: State; readonly paired: readonly PairedKey[] }
  | { readonly ok: false; readonly index: number; readonly fault: EntryFault }

/** From when on the word of this administrator alone pairs a board with a door; null where it takes another one's. */
export function pairsAloneFrom(state: State, person: PersonId): UnixMillis | null {
  return aloneFrom(new Folding(state), person)
}

/** Founds the state from the log's first entry. */
export function foundSite(entry: LogEntry, crypto: Crypto): Folded {
  const first = entry.type === ENTRY_ROOT ? verifyFirstRoot(entry.bytes, crypto) : null
  if (first === null || !first.ok) return { ok: false, index: 0, fault: "root does not verify" }
  return { ok: true, state: foundedState(first.site, first.root, entry.admittedAt), paired: [] }
}

/** Folds a run of admitted entries, copying each map of the state at most once. Stops at the first that does not fit. */
export function fold(state: State, entries: readonly LogEntry[], crypto: Crypto): Folded {
  const folding = new Folding(state)
  for (const entry of entries) {
    const fault = foldEntry(folding, entry, state.site, crypto)
    if (fault !== null) return { ok: false, index: folding.size, fault }
  }
  const next = folding.state()
  assert(next.size === state.size + entries.length, "every entry counts")
  return { ok: true, state: next, paired: folding.paired }
}
