/**
 * Admission: the one gate into the authority log, used by the keeper when it writes and by an auditor when it reads.
 *
 * Each candidate is judged against the state just before it, folded, and asked what needs before and after: does a session's
 * statement only narrow, does its author gain nothing himself, do not too many PINs open one door. Given (state, candidates,
 * admission time) the answer is always the same. It writes nothing and signs nothing: that is the keeper's.
 */
import {
  assert,
  type Crypto,
  type DoorId,
  type PersonId,
  secondsOf,
  type UnixMillis,
  type UnixSeconds,
} from "@holdfast/base"
import { instantsAhead } from "./ahead.ts"
import { type CompileFault, compile } from "./compile.ts"
import { couldCrowd, couldGain, namesHimself } from "./concerns.ts"
import { ENTRY_STATEMENT, type EntryFault, foldEntry, foldStatement, type LogEntry } from "./fold.ts"
import { Folding, type PairedKey } from "./fold/folding.ts"
import { type JudgeFault, judge, type Signer } from "./judge.ts"
import { gains } from "./gains.ts"
import { narrower } from "./narrower.ts"
import type { Policy } from "./policy.ts"
import { shrinks, silences } from "./shrinks.ts"
import type { State } from "./state.ts"
import { decodeStatement, type Statement } from "./statement.ts"
import { admittingDoors, touchedDoors } from "./touched.ts"

export type AdmitFault =
  | EntryFault
  | JudgeFault
  | Exclude<CompileFault, "unknown door">
  | "too large"
  | "needs another person"
  | "unknown entry"

export type Candidate = Pick<LogEntry, "type" | "bytes">

export type Outcome =
  | { readonly ok: true; readonly index: number; readonly statement: Statement | null; readonly signer: Signer | null }
  | { readonly ok: false; readonly fault: AdmitFault }

export type Admission = {
  readonly state: State
  /** One for each candidate, in their order. */
  readonly outcomes: readonly Outcome[]
  /** The doors that still exist and whose policies may have changed. */
  readonly touched: readonly DoorId[]
  /** Those touched policies that had to be compiled on the way, at {@link secondsOf} the admission time. */
  readonly compiled: ReadonlyMap<DoorId, Uint8Array>
  /** The locks that were paired on the way, oldest first. */
  readonly paired: readonly PairedKey[]
}

const ENTRY_TYPE_MAX = 15 // The types of this room's log; others are not the authority log's.

function policyOf(state: State, door: DoorId, at: UnixSeconds, only: PersonId | null): Policy | null {
  const compiled = compile(state, door, at, only)
  return compiled.ok ? compiled.policy : null
}

/** One admission in the making: the state so far, what was touched, what was compiled. */
class Gate {
  folding: Folding
  readonly touched = new Set<DoorId>()
  readonly compiled = new Map<DoorId, Uint8Array>()
  readonly paired: PairedKey[] = []
  readonly #now: UnixMillis
  readonly #crypto: Crypto

  constructor(state: State, now: UnixMillis, crypto: Crypto) {
    this.folding = new Folding(state)
    this.#now = now
    this.#crypto = crypto
  }

  take(candidate: Candidate): Outcome {
    const index = this.folding.size
    if (candidate.type === ENTRY_STATEMENT) return this.#takeStatement(candidate.bytes, index)
    if (candidate.type < 1 || candidate.type > ENTRY_TYPE_MAX) return { ok: false, fault: "unknown entry" }
    const before = this.folding.root
    const entry = { ...candidate, admittedAt: this.#now }
    const fault = foldEntry(this.folding, entry, this.folding.site, this.#crypto)
    if (fault !== null) return { ok: false, fault }
    if (this.folding.root !== before) this.#touch([...this.folding.doors.now.keys()])
    return { ok: true, index, statement: null, signer: null }
  }

  #takeStatement(bytes: Uint8Array, index: number): Outcome {
    if (this.#now < this.folding.admittedAt) return { ok: false, fault: "admitted before the last" }
    const decoded = decodeStatement(this.folding.site, bytes, this.#crypto)
    if (!decoded.ok) return decoded
    const { statement, signed } = decoded
    const judged = judge(this.folding, statement, signed, secondsOf(this.#now), this.#crypto)
    if (!judged.ok) return judged
    if (namesHimself(this.folding, statement, this.#now)) return { ok: false, fault: "needs another person" }
    const fault = this.#foldChecked(statement, judged.signer)
    if (fault !== null) return { ok: false, fault }
    this.paired.push(...this.folding.paired.splice(0))
    return { ok: true, index, statement, signer: judged.signer }
  }

  /** Folds; where before and after must be compared, the old state is kept and comes back on a fault. */
  #foldChecked(statement: Statement, signer: Signer): AdmitFault | null {
    const doors = admittingDoors(this.folding, statement.change)
    const touched = touchedDoors(this.folding, statement.change)
    const author = couldGain(statement)
    const crowded = couldCrowd(this.folding, statement, doors)
    if (signer !== "session" && author === null && !crowded) {
      const fault = foldStatement(this.folding, statement, this.#now)
      if (fault === null) this.#touch(touched)
      return fault
    }
    const before = this.folding.state()
    const unfit = foldStatement(this.folding, statement, this.#now)
    if (unfit !== null) return unfit
    const after = this.folding.state()
    const known = new Map<DoorId, Uint8Array>()
    const fault =
      (author === null ? null : this.#gainFault(before, after, doors, author)) ??
      (signer === "session" ? this.#widenFault(statement, before, after, doors, known) : null) ??
      (crowded ? this.#crowdFault(after, doors) : null)
    if (fault !== null) {
      this.folding = new Folding(before)
      return fault
    }
    this.#touch(touched)
    for (const [door, policy] of known) this.compiled.set(door, policy)
    return null
  }

  #gainFault(before: State, after: State, doors: readonly DoorId[], author: PersonId): AdmitFault | null {
    const at = secondsOf(this.#now)
    // Whoever stands in no door's policy yet would bring his traits along when somebody else lets him in.
    const known = before.people.get(author)?.traits
    if (after.people.get(author)?.traits.some((trait) => known?.includes(trait) !== true)) return "needs another person"
    for (const then of [at, ...instantsAhead([before, after], author, at)])
      for (const door of doors) {
        const was = policyOf(before, door, then, author)
        const is = policyOf(after, door, then, author)
        if (gains(was, is, author)) return "needs another person"
      }
    return null
  }

  #widenFault(
    statement: Statement,
    before: State,
    after: State,
    doors: readonly DoorId[],
    known: Map<DoorId, Uint8Array>,
  ): AdmitFault | null {
    const at = secondsOf(this.#now)
    if (!shrinks(before, statement.change, at) || silences(before, statement.change)) return "needs a fresh signature"
    for (const door of doors) {
      const compiled = compile(after, door, at)
      if (!compiled.ok) continue // A door that is gone admits nobody.
      known.set(door, compiled.bytes)
      if (!narrower(policyOf(before, door, at, null), compiled.policy)) return "needs a fresh signature"
    }
    return null
  }

  #crowdFault(after: State, doors: readonly DoorId[]): AdmitFault | null {
    for (const door of doors) {
      const compiled = compile(after, door, secondsOf(this.#now))
      if (!compiled.ok && compiled.fault !== "unknown door") return compiled.fault
    }
    return null
  }

  #touch(doors: readonly DoorId[]): void {
    for (const door of doors) {
      this.touched.add(door)
      this.compiled.delete(door)
    }
  }
}

/** Admits what may be admitted, in order, at one admission time; a candidate that is refused changes nothing. */
export function admitAll(state: State, candidates: readonly Candidate[], now: UnixMillis, crypto: Crypto): Admission {
  const gate = new Gate(state, now, crypto)
  const outcomes = candidates.map((candidate) => gate.take(candidate))
  const next = gate.folding.state()
  const admitted = outcomes.filter((outcome) => outcome.ok).length
  assert(next.size === state.size + admitted, "what was admitted was folded, and nothing else")
  const touched = [...gate.touched].filter((door) => next.doors.has(door))
  return { state: next, outcomes, touched, compiled: gate.compiled, paired: gate.paired }
}

/** The same for one candidate. */
export function admit(
  state: State,
  candidate: Candidate,
  now: UnixMillis,
  crypto: Crypto,
): Admission & { readonly outcome: Outcome } {
  const admission = admitAll(state, [candidate], now, crypto)
  const [outcome] = admission.outcomes
  assert(outcome !== undefined, "one candidate has one outcome")
  return { ...admission, outcome }
}
