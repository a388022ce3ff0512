/**
 * Reading the whole history at a start: the authority log is admitted again, statement by statement at its own time, and the
 * policy that was noted last for each door is compiled again and compared.
 *
 * It believes the entries' bytes, since the log's tree was verified before, and nothing else. What is wrong it names by
 * entry; the keeper then does not start. The locks' chains are `journals.ts`'s.
 */
import {
  admitAll,
  compile,
  decodeIssued,
  ENTRY_ISSUED,
  foundSite,
  type Issued,
  type State,
  type StatementId,
} from "@holdfast/access"
import { type Crypto, type DoorId, equalBytes, type UnixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { decodeEntry, type Entry } from "@holdfast/ledger"

export type Folded = {
  readonly state: State
  /** Where each statement stands. */
  readonly places: Map<StatementId, { index: number; admittedAt: UnixMillis }>
  /** Every key that was ever paired with a door, oldest first. */
  readonly pairings: ReadonlyMap<DoorId, readonly PublicKey[]>
  /** Doors whose policy the power kept from being made: statements after their last note touch them. */
  readonly outdated: ReadonlySet<DoorId>
}

export type FoldedAnswer =
  | { readonly ok: true; readonly folded: Folded }
  | { readonly ok: false; readonly index: number; readonly fault: string }

/** The entries of a log whose times never decrease, one after the other. */
export class EntryReader {
  #last = 0

  /** The next entry, or what is wrong with it. */
  take(bytes: Uint8Array): Entry | string {
    const decoded = decodeEntry(bytes)
    if (!decoded.ok) return decoded.fault
    if (decoded.entry.admittedAt < this.#last) return "admitted before the last"
    this.#last = decoded.entry.admittedAt
    return decoded.entry
  }

  /** When the last one was admitted. */
  get last(): number {
    return this.#last
  }
}

/** Folds the authority log from its first entry on. */
export function foldAuthority(entries: readonly Entry[], crypto: Crypto): FoldedAnswer {
  const [first, ...rest] = entries
  if (first === undefined) return { ok: false, index: 0, fault: "is missing" }
  const founded = foundSite(first, crypto)
  if (!founded.ok) return founded
  const refolding = new Refolding(founded.state, crypto, lastIssued(rest))
  for (let at = 0; at < rest.length; ) {
    const run = refolding.nextRun(rest, at)
    const wrong = refolding.take(run)
    if (wrong !== null) return { ok: false, ...wrong }
    at += run.length
  }
  const { state, places, pairings, outdated } = refolding
  return { ok: true, folded: { state, places, pairings, outdated } }
}

/** The last note about each door, by the size of the tree that its policy was compiled from. */
function lastIssued(entries: readonly Entry[]): Map<number, Issued[]> {
  const last = new Map<DoorId, Issued>()
  for (const { type, bytes } of entries) {
    const issued = type === ENTRY_ISSUED ? decodeIssued(bytes) : null
    if (issued !== null) last.set(issued.door, issued)
  }
  const bySize = new Map<number, Issued[]>()
  for (const issued of last.values())
    bySize.set(issued.version.size, [...(bySize.get(issued.version.size) ?? []), issued])
  return bySize
}

class Refolding {
  state: State
  readonly places = new Map<StatementId, { index: number; admittedAt: UnixMillis }>()
  readonly pairings = new Map<DoorId, PublicKey[]>()
  readonly outdated = new Set<DoorId>()
  readonly #crypto: Crypto
  readonly #issued: ReadonlyMap<number, readonly Issued[]>

  constructor(state: State, crypto: Crypto, issued: ReadonlyMap<number, readonly Issued[]>) {
    this.state = state
    this.#crypto = crypto
    this.#issued = issued
  }

  /** Entries that were admitted at one time, up to the next tree that a policy was compiled from. */
  nextRun(entries: readonly Entry[], from: number): readonly Entry[] {
    let to = from + 1
    while (entries[to]?.admittedAt === entries[from]?.admittedAt && !this.#issued.has(this.state.size + to - from)) to++
    return entries.slice(from, to)
  }

  /** What is wrong with the run, by the entry's index, or null. */
  take(run: readonly Entry[]): { readonly index: number; readonly fault: string } | null {
    const [first] = run
    if (first === undefined) return null
    const { size } = this.state
    const fault = this.#recompile()
    if (fault !== null) return { index: size, fault }
    for (const { door } of this.#issued.get(size) ?? []) this.outdated.delete(door)
    const admission = admitAll(this.state, run, first.admittedAt, this.#crypto)
    for (const [at, outcome] of admission.outcomes.entries()) {
      if (!outcome.ok) return { index: size + at, fault: outcome.fault }
      const { statement, index } = outcome
      if (statement === null) continue
      this.places.set(statement.id, { index, admittedAt: first.admittedAt })
    }
    for (const { door, journalKey } of admission.paired)
      this.pairings.set(door, [...(this.pairings.get(door) ?? []), journalKey])
    for (const door of admission.touched) this.outdated.add(door)
    this.state = admission.state
    return null
  }

  /** Compiles the policies that were made from the present tree; a text names the one that differs from its note. */
  #recompile(): string | null {
    for (const { door, compiledAt, policyHash } of this.#issued.get(this.state.size) ?? []) {
      const compiled = compile(this.state, door, compiledAt)
      if (!compiled.ok) return `the policy noted for door ${door} does not compile: ${compiled.fault}`
      if (!equalBytes(this.#crypto.sha256(compiled.bytes), policyHash))
        return `the policy noted for door ${door} differs from what the statements before it make`
    }
    return null
  }
}
