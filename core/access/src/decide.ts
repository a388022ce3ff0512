/**
 * The decision at a door: who shows what, when, and whether the policy says "open". It refuses unless a grant says otherwise,
 * and always says which grant or which refusal it was.
 *
 * A pure look-up in the policy's tables: no clock, no memory, no throttle, no lease. Those are the lock's, which asks this
 * function only after a card proved itself or a PIN matched. Refusals come in the order of the table in refusal.ts.
 */
import { assert, byteAt, type CredentialId, type GrantId, type PersonId, type UnixSeconds } from "@holdfast/base"
import { enoughForBoth, type FactorKind, type Factors, satisfies } from "./factors.ts"
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
  STANDING_REVOKED,
  u16At,
  u32At,
} from "./table.ts"

/** A card or phone that authenticated, a PIN or finger that matched, a bare UID: each names its credential. */
export type Shown = { readonly kind: FactorKind; readonly credential: CredentialId }

/** What was shown at the door, in the order of showing. */
export type Presented = readonly Shown[]

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

/** How a credential's row names its kind. A bare UID is a card's. */
const ROW_KINDS: Readonly<Record<FactorKind, number>> = { card: 1, pin: 2, phone: 3, biometric: 4, identifier: 1 }
const NOT_FOUND = -1

/** The offset of the credential's row; {@link NOT_FOUND} where it is not there or of another kind. */
function rowOf(policy: Policy, { kind, credential }: Shown): number {
  const row = findCredential(policy.credentials, credential)
  return row === NOT_FOUND || byteAt(policy.credentials, row + 20) !== ROW_KINDS[kind] ? NOT_FOUND : row
}

/** Whether a mode with this schedule holds now. Without a known time only the one without a schedule can be told. */
function holds(policy: Policy, schedule: number | null, at: UnixSeconds): boolean {
  if (schedule === null) return true
  const intervals = policy.schedules[schedule]
  return intervals !== undefined && openAt(intervals, at)
}

/** When the time is unknown: what would be enough in every mode, so that not knowing never widens. */
function strictestFactors({ config }: Policy): Factors {
  const [first, ...others] = config.modes
  if (first === undefined) return "card and pin"
  let wanted = first.factors
  for (const { factors } of others) if (factors !== wanted) wanted = enoughForBoth(wanted, factors)
  return wanted
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

/** The offset of the first grant row of this person that opens now, or {@link NOT_FOUND}. */
function openRow(policy: Policy, person_index: number, at: UnixSeconds | null): number {
  const { grants } = policy
  for (let row = findGrants(grants, person_index); row < grants.length; row += GRANT_ROW) {
    if (u32At(grants, row) !== person_index) break
    if (rowRefusal(policy, row, at) === null) return row
  }
  return NOT_FOUND
}

/** Why none of this person's grant rows opens now. */
function whyShut(policy: Policy, person_index: number, at: UnixSeconds | null): Refusal {
  const { grants } = policy
  let because: Refusal | null = null
  for (let row = findGrants(grants, person_index); row < grants.length; row += GRANT_ROW) {
    if (u32At(grants, row) !== person_index) break
    const refusal = rowRefusal(policy, row, at)
    assert(refusal !== null, "no row of this person opens")
    because = closest(because, refusal)
  }
  return because ?? "no grant"
}

/** Whether one of the shown credentials, given by their rows, stands like this. */
function anyStands(policy: Policy, rows: readonly number[], standing: number): boolean {
  return rows.some((row) => byteAt(policy.credentials, row + 21) === standing)
}

function toldToDeny(presented: Presented, person: PersonId, { people, credentials }: Denied): boolean {
  return people.has(person) || presented.some(({ credential }) => credentials.has(credential))
}

function refuse(because: Refusal, person: PersonId | null, credential: CredentialId | null): Verdict {
  return { open: false, because, person, credential }
}

/**
 * Decides one presentation. `at` is null when the lock does not know the time: then only grants without hours and without
 * end still open, and the door wants what would be enough at any hour.
 */
export function decide(policy: Policy, presented: Presented, at: UnixSeconds | null, denied: Denied): Verdict {
  // Named in the verdict: what proves more than a PIN does, where there is such a thing.
  const credential = (presented.find(({ kind }) => kind !== "pin") ?? presented[0])?.credential
  if (credential === undefined) return refuse("nothing presented", null, null)
  const rows = presented.map((shown) => rowOf(policy, shown))
  if (rows.includes(NOT_FOUND)) return refuse("unknown credential", null, credential)

  const owners = rows.map((row) => u32At(policy.credentials, row + 16))
  const [person_index] = owners
  assert(person_index !== undefined, "what was presented has an owner")
  if (owners.some((owner) => owner !== person_index)) return refuse("credentials of two people", null, credential)

  const person = idAt<"PersonId">(policy.people, person_index * PERSON_ROW)
  if (anyStands(policy, rows, STANDING_REVOKED)) return refuse("revoked", person, credential)
  if (anyStands(policy, rows, STANDING_DENIED) || toldToDeny(presented, person, denied))
    return refuse("denied", person, credential)

  const grant_row = openRow(policy, person_index, at)
  if (grant_row === NOT_FOUND) return refuse(whyShut(policy, person_index, at), person, credential)
  if (!satisfies(presented, requiredFactors(policy, at))) return refuse("another factor needed", person, credential)
  const grant = idAt<"GrantId">(policy.grantIds, u16At(policy.grants, grant_row + 6) * 16)
  return { open: true, person, credential, grant }
}
