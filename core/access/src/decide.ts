/**
 * The decision at a door: who shows what, when, and whether the policy says "open". It refuses unless a grant says otherwise,
 * and always says which grant or which refusal it was.
 *
 * A pure look-up in the policy's tables: no clock, no memory, no throttle, no lease. Those are the lock's, which asks this
 * function only after a card proved itself or a PIN matched. Refusals come in the order of the table in refusal.ts.
 */
import { byteAt, type CredentialId, type GrantId, type PersonId, type UnixSeconds } from "@holdfast/base"
import { type Factors, satisfies } from "./factors.ts"
import type { Policy } from "./policy.ts"
import type { Refusal } from "./refusal.ts"
import {
  ALWAYS,
  findCredential,
  findGrants,
  GRANT_ROW,
  idAt,
  OPEN_END,
  openAt,
  PERSON_ROW,
  STANDING_DENIED,
  STANDING_GOOD,
  STANDING_REVOKED,
  u16At,
  u32At,
} from "./table.ts"

/** What was shown at the door. A card that authenticated, a PIN that matched, a bare UID: each names its credential. */
export type Presented = {
  readonly card: CredentialId | null
  readonly pin: CredentialId | null
  readonly identifier: CredentialId | null
}

/** What the lock was told directly to deny, until a policy contains it. */
export type Denied = { readonly people: ReadonlySet<PersonId>; readonly credentials: ReadonlySet<CredentialId> }

export const NOBODY_DENIED: Denied = { people: new Set(), credentials: new Set() }

export type Verdict =
  | { readonly open: true; readonly person: PersonId; readonly credential: CredentialId; readonly grant: GrantId }
  | {
      readonly open: false
      readonly because: Refusal
      readonly person: PersonId | null
      readonly credential: CredentialId | null
    }

const CARD = 1
const PIN = 2
const NOT_FOUND = -1

/** The offset of the credential's row if it is there and of this kind; else -1. */
function rowOf(policy: Policy, credential: CredentialId, kind: number): number {
  const row = findCredential(policy.credentials, credential)
  return row === NOT_FOUND || byteAt(policy.credentials, row + 20) !== kind ? NOT_FOUND : row
}

/** Whether a mode with this schedule holds now. Without a known time only the one without a schedule can be told. */
function holds(policy: Policy, schedule: number | null, at: UnixSeconds): boolean {
  if (schedule === null) return true
  const intervals = policy.schedules[schedule]
  return intervals !== undefined && openAt(intervals, at)
}

const CARD_SHOWN = { card: true, pin: false, identifier: false }
const PIN_SHOWN = { card: false, pin: true, identifier: false }

/** When the time is unknown: what would be enough in every mode, so that not knowing never widens. */
function strictestFactors(policy: Policy): Factors {
  const { modes } = policy.config
  const [first] = modes
  if (first !== undefined && modes.every((mode) => mode.factors === first.factors)) return first.factors
  if (modes.every((mode) => satisfies(CARD_SHOWN, mode.factors))) return "card"
  return modes.every((mode) => satisfies(PIN_SHOWN, mode.factors)) ? "pin" : "card and pin"
}

/** What the door wants to see at this time; null is an unknown time. */
export function requiredFactors(policy: Policy, at: UnixSeconds | null): Factors {
  if (at === null) return strictestFactors(policy)
  for (const mode of policy.config.modes) if (holds(policy, mode.schedule, at)) return mode.factors
  return "card and pin"
}

/** Why one grant row does not open now, or null when it does. */
function rowRefusal(policy: Policy, row: number, at: UnixSeconds | null): Refusal | null {
  const { grants } = policy
  const schedule = u16At(grants, row + 4)
  const from = u32At(grants, row + 8)
  const until = u32At(grants, row + 12)
  if (at === null) return schedule === ALWAYS && from === 0 && until === OPEN_END ? null : "time unknown"
  if (at < from) return "not yet valid"
  if (until !== OPEN_END && at >= until) return "expired"
  return schedule === ALWAYS || holds(policy, schedule, at) ? null : "outside schedule"
}

/** Of several rows that refuse, the one that came closest to opening gives the reason. */
function closest(a: Refusal | null, b: Refusal): Refusal {
  if (a === "time unknown" || a === "outside schedule") return a
  if (b === "time unknown" || b === "outside schedule") return b
  return a === "not yet valid" ? a : b
}

type GrantFound = { readonly row: number } | { readonly because: Refusal }

function findGrant(policy: Policy, person_index: number, at: UnixSeconds | null): GrantFound {
  const { grants } = policy
  let because: Refusal | null = null
  for (let row = findGrants(grants, person_index); row < grants.length; row += GRANT_ROW) {
    if (u32At(grants, row) !== person_index) break
    const refusal = rowRefusal(policy, row, at)
    if (refusal === null) return { row }
    because = closest(because, refusal)
  }
  return { because: because ?? "no grant" }
}

/** The worst standing of the credentials shown: revoked before denied before good. */
function standingOf(policy: Policy, rows: readonly number[]): number {
  let denied = false
  for (const row of rows) {
    const standing = row === NOT_FOUND ? STANDING_GOOD : byteAt(policy.credentials, row + 21)
    if (standing === STANDING_REVOKED) return STANDING_REVOKED
    denied ||= standing === STANDING_DENIED
  }
  return denied ? STANDING_DENIED : STANDING_GOOD
}

function toldToDeny(presented: Presented, person: PersonId, denied: Denied): boolean {
  const { people, credentials } = denied
  if (people.has(person)) return true
  for (const each of [presented.card, presented.pin, presented.identifier])
    if (each !== null && credentials.has(each)) return true
  return false
}

/** The index of the one person whom all shown credentials belong to; -1 where one is unknown, -2 where they are of two. */
function personIndexOf(policy: Policy, presented: Presented, rows: readonly number[]): number {
  const shown = [presented.card, presented.pin, presented.identifier]
  let person = NOT_FOUND
  for (const [index, row] of rows.entries()) {
    if (shown[index] === null) continue
    if (row === NOT_FOUND) return NOT_FOUND
    const owner = u32At(policy.credentials, row + 16)
    if (person !== NOT_FOUND && person !== owner) return -2
    person = owner
  }
  return person
}

/**
 * Decides one presentation. `at` is null when the lock does not know the time: then only grants without hours and without
 * end still open, and the door wants what would be enough at any hour.
 */
export function decide(policy: Policy, presented: Presented, at: UnixSeconds | null, denied: Denied): Verdict {
  const { card, pin, identifier } = presented
  const credential = card ?? pin ?? identifier
  if (credential === null) return { open: false, because: "nothing presented", person: null, credential: null }
  const rows = [
    card === null ? NOT_FOUND : rowOf(policy, card, CARD),
    pin === null ? NOT_FOUND : rowOf(policy, pin, PIN),
    identifier === null ? NOT_FOUND : rowOf(policy, identifier, CARD),
  ]
  const person_index = personIndexOf(policy, presented, rows)
  if (person_index === NOT_FOUND) return { open: false, because: "unknown credential", person: null, credential }
  if (person_index < 0) return { open: false, because: "credentials of two people", person: null, credential }
  const person = idAt<"PersonId">(policy.people, person_index * PERSON_ROW)
  const refuse = (because: Refusal): Verdict => ({ open: false, because, person, credential })

  const standing = standingOf(policy, rows)
  if (standing === STANDING_REVOKED) return refuse("revoked")
  if (standing === STANDING_DENIED || toldToDeny(presented, person, denied)) return refuse("denied")
  const found = findGrant(policy, person_index, at)
  if ("because" in found) return refuse(found.because)
  const shown = { card: card !== null, pin: pin !== null, identifier: identifier !== null }
  if (!satisfies(shown, requiredFactors(policy, at))) return refuse("another factor needed")
  const grant = idAt<"GrantId">(policy.grantIds, u16At(policy.grants, found.row + 6) * 16)
  return { open: true, person, credential, grant }
}
