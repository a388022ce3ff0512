/**
 * The authority log and the state that it folds to: statements in, admitted or refused, in the order in which they came.
 *
 * Nothing is admitted here that `core/access` would not admit, at the keeper's own time; the keeper adds only what it alone
 * can do: open attachments, make secrets, and state a time zone's table when somebody names a zone that has none. Secrets are
 * durable before the statement that needs them is in the log. Calls must not overlap: the keeper lets one in at a time.
 */
import {
  type Admission,
  admitAll,
  type Candidate,
  type Change,
  decodeStatement,
  ENTRY_STATEMENT,
  type Opening,
  type Statement,
  type StatementId,
  type State,
} from "@holdfast/access"
import { attachmentOf, decodeOpening, statementToSign } from "@holdfast/access/author"
import {
  assert,
  type CredentialId,
  type DoorId,
  type Id,
  secondsOf,
  type UnixMillis,
  unixSeconds,
} from "@holdfast/base"
import { encodeEntry } from "@holdfast/ledger"
import { encodeAdmittedAt } from "@holdfast/lock"
import { hpkeInfo, openSealed } from "@holdfast/port-node"
import type { Attachment, Submitted } from "@holdfast/wire"
import { asksForPin, type Credentials } from "./credentials.ts"
import type { Keeping } from "./keeping.ts"
import type { Log } from "./log/log.ts"

const OWN_NOT_AFTER_S = 60

export type SubmitAnswer = {
  readonly outcomes: readonly Submitted[]
  readonly issued: readonly { readonly credential: CredentialId; readonly sealed: Uint8Array }[]
  /** Doors whose policies may have changed. */
  readonly touched: readonly DoorId[]
}

/** One submitted statement on its way. */
type Draft = { readonly bytes: Uint8Array; readonly statement: Statement | null; readonly fault: string | null }

export class Authority {
  readonly #keeping: Keeping
  readonly #credentials: Credentials
  readonly log: Log
  #state: State
  /** Where each statement stands, so that one that comes again gets the same answer. */
  readonly #places: Map<StatementId, { index: number; admittedAt: UnixMillis }>

  constructor(
    keeping: Keeping,
    credentials: Credentials,
    log: Log,
    folded: { state: State; places: Map<StatementId, { index: number; admittedAt: UnixMillis }> },
  ) {
    assert(folded.state.size === log.head.size, "the state is the sum of the whole log")
    this.#keeping = keeping
    this.#credentials = credentials
    this.log = log
    this.#state = folded.state
    this.#places = folded.places
  }

  /** The sum of what is durable. */
  get state(): State {
    return this.#state
  }

  async submit(statements: readonly Uint8Array[], attachments: readonly Attachment[]): Promise<SubmitAnswer> {
    const now = this.#keeping.clock.admission()
    const openings = this.#open(attachments)
    const drafts = this.#drafts(statements, openings)
    const { admission, candidates } = this.#admit(
      drafts.filter(({ fault }) => fault === null).map(({ bytes }) => bytes),
      now,
    )
    await this.#keep(admission, openings)
    await this.#append(admission, candidates, now)
    return { ...this.#answer(drafts, admission, candidates), touched: admission.touched }
  }

  /** Admits entries of the keeper's own, which nobody else can refuse. */
  async append(candidates: readonly Candidate[]): Promise<readonly DoorId[]> {
    const now = this.#keeping.clock.admission()
    const admission = admitAll(this.#state, candidates, now, this.#keeping.ports.crypto)
    for (const outcome of admission.outcomes) assert(outcome.ok, "the keeper's own entries are admitted")
    await this.#append(admission, candidates, now)
    return admission.touched
  }

  /** A statement by the keeper: facts that nobody decides. */
  ownStatement(change: Change): Candidate {
    const { ports, keys, site, clock } = this.#keeping
    const now = secondsOf(clock.admission())
    const body = {
      author: "keeper" as const,
      chain: [],
      issuedAt: now,
      notAfter: unixSeconds(now + OWN_NOT_AFTER_S),
      nonce: ports.random(16),
      expects: [],
      change,
    }
    const statement = statementToSign(site, body, keys.policy.publicKey, "key", ports.crypto)
    return { type: ENTRY_STATEMENT, bytes: statement.finish(keys.policy.sign(statement.bytes)) }
  }

  #open(attachments: readonly Attachment[]): Map<Id<string>, Opening> {
    const { keys, site } = this.#keeping
    const openings = new Map<Id<string>, Opening>()
    for (const { object, sealed } of attachments) {
      const plain = openSealed(keys.hpke, hpkeInfo("attachment", site), sealed)
      const opening = plain === null ? null : decodeOpening(plain)
      if (opening !== null) openings.set(object, opening)
    }
    return openings
  }

  #drafts(statements: readonly Uint8Array[], openings: ReadonlyMap<Id<string>, Opening>): readonly Draft[] {
    let pins = 0
    return statements.map((bytes) => {
      const draft = this.#draft(bytes, openings, pins)
      if (draft.fault === null && draft.statement !== null && asksForPin(draft.statement.change)) pins++
      return draft
    })
  }

  #draft(bytes: Uint8Array, openings: ReadonlyMap<Id<string>, Opening>, pins_ahead: number): Draft {
    const decoded = decodeStatement(this.#keeping.site, bytes, this.#keeping.ports.crypto)
    if (!decoded.ok) return { bytes, statement: null, fault: decoded.fault }
    const { statement } = decoded
    if (this.#places.has(statement.id)) return { bytes, statement, fault: "already in the log" }
    const fault = this.#credentials.fault(statement.change, openingOf(statement.change, openings), pins_ahead)
    return { bytes, statement, fault }
  }

  /** Admits, after stating the tables of zones that were named and not known. */
  #admit(statements: readonly Uint8Array[], now: UnixMillis): { admission: Admission; candidates: Candidate[] } {
    const { ports } = this.#keeping
    const candidates: Candidate[] = statements.map((bytes) => ({ type: ENTRY_STATEMENT, bytes }))
    const tried = new Set<string>()
    for (;;) {
      const admission = admitAll(this.#state, candidates, now, ports.crypto)
      const missing = this.#missingZone(admission, candidates, tried)
      if (missing === null) return { admission, candidates }
      tried.add(missing.zone)
      const table = ports.zoneTable(missing.zone, secondsOf(now))
      if (table !== null) candidates.splice(missing.at, 0, this.ownStatement({ kind: "zone table", table }))
    }
  }

  #missingZone(
    admission: Admission,
    candidates: readonly Candidate[],
    tried: ReadonlySet<string>,
  ): { at: number; zone: string } | null {
    for (const [at, outcome] of admission.outcomes.entries()) {
      const bytes = candidates[at]?.bytes
      if (outcome.ok || outcome.fault !== "unknown zone" || bytes === undefined) continue
      const decoded = decodeStatement(this.#keeping.site, bytes, this.#keeping.ports.crypto)
      const zone = decoded.ok ? zoneOf(decoded.statement.change) : null
      if (zone !== null && !tried.has(zone)) return { at, zone }
    }
    return null
  }

  async #keep(admission: Admission, openings: ReadonlyMap<Id<string>, Opening>): Promise<void> {
    for (const outcome of admission.outcomes)
      if (outcome.ok && outcome.statement !== null)
        this.#credentials.keep(outcome.statement.change, openingOf(outcome.statement.change, openings))
    await this.#keeping.vault.syncValues()
  }

  async #append(admission: Admission, candidates: readonly Candidate[], now: UnixMillis): Promise<void> {
    let last: Promise<void> | null = null
    for (const [at, outcome] of admission.outcomes.entries()) {
      const candidate = candidates[at]
      assert(candidate !== undefined, "every candidate has its outcome")
      if (!outcome.ok) continue
      const { index, durable } = this.log.append(encodeEntry({ ...candidate, admittedAt: now }))
      assert(index === outcome.index, "the log and the state count alike")
      last = durable
    }
    await last
    for (const outcome of admission.outcomes)
      if (outcome.ok && outcome.statement !== null)
        this.#places.set(outcome.statement.id, { index: outcome.index, admittedAt: now })
    this.#state = admission.state
  }

  #answer(
    drafts: readonly Draft[],
    admission: Admission,
    candidates: readonly Candidate[],
  ): Pick<SubmitAnswer, "outcomes" | "issued"> {
    const faults = new Map<Uint8Array, string>()
    for (const [at, outcome] of admission.outcomes.entries()) {
      const bytes = candidates[at]?.bytes
      if (!outcome.ok && bytes !== undefined) faults.set(bytes, outcome.fault)
    }
    const issued = []
    const outcomes: Submitted[] = []
    for (const { bytes, statement, fault } of drafts) {
      const place = statement === null ? undefined : this.#places.get(statement.id)
      if (statement === null || place === undefined) {
        outcomes.push({ admitted: false, fault: fault ?? faults.get(bytes) ?? "malformed" })
        continue
      }
      const receipt = this.log.receipt(place.index, encodeAdmittedAt(place.admittedAt))
      outcomes.push({ admitted: true, index: place.index, receipt })
      const secret = this.#credentials.issued(statement.change, this.#state)
      if (secret !== null) issued.push(secret)
    }
    return { outcomes, issued }
  }
}

function openingOf(change: Change, openings: ReadonlyMap<Id<string>, Opening>): Opening | undefined {
  const object = attachmentOf(change)
  return object === null ? undefined : openings.get(object)
}

function zoneOf(change: Change): string | null {
  if (change.kind === "schedule set") return change.zone
  return change.kind === "door set" ? change.config.zone : null
}
