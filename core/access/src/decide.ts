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
  FROM_AT,
  GRANT_ROW,
  idAt,
  KIND_AT,
  OPEN_END,
  openAt,
  OWNER_AT,
  PERSON_ROW,
  REF_AT,
  SCHEDULE_AT,
  STANDING_AT,
  STANDING_DENIED,
  STANDING_REVOKED,
  u16At,
  u32At,
  UNTIL_AT,
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

type Granted = { readonly row: number; readonly because: Refusal | null }

/** How a credential's row names its kind. A bare UID is a card's. */
const ROW_KINDS: Readonly<Record<FactorKind, number>> = { card: 1, pin: 2, phone: 3, biometric: 4, identifier: 1 }
const NOT_FOUND = -1

/** The offset of the credential's row; {@link NOT_FOUND} where it is not there or of another kind. */
function rowOf(policy: Policy, { kind, credential }: Shown): number {
  const row = findCredential(policy.credentials, credential)
  return row === NOT_FOUND || byteAt(policy.credentials, row + KIND_AT) !== ROW_KINDS[kind] ? NOT_FOUND : row
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

/** Why one grant row does not open now, or null when it does. Its hours are looked at whatever its dates say. */
function rowRefusal(policy: Policy, row: number, at: UnixSeconds | null): Refusal | null {
  const { grants } = policy
  const schedule = u16At(grants, row + SCHEDULE_AT)
  const from = u32At(grants, row + FROM_AT)
  const until = u32At(grants, row + UNTIL_AT)
  if (at === null) return schedule === ALWAYS && from === 0 && until === OPEN_END ? null : "time unknown"
  const inHours = holds(policy, schedule === ALWAYS ? 0 : schedule, at) || schedule === ALWAYS
  if (at < from) return "not yet valid"
  if (until !== OPEN_END && at >= until) return "expired"
  return inHours ? null : "outside schedule"
}

/** Of several rows that refuse, the one that came closest to opening gives the reason. */
function closest(a: Refusal, b: Refusal): Refusal {
  if (a === "time unknown" || a === "outside schedule") return a
  if (b === "time unknown" || b === "outside schedule") return b
  return a === "not yet valid" ? a : b
}

/** The first grant row of this person that opens now; or why none does. Every row of his is looked at, and one if he has none. */
function grantNow(policy: Policy, person_index: number, at: UnixSeconds | null): Granted {
  const { grants } = policy
  let opens = NOT_FOUND
  let because: Refusal = "no grant"
  const last = grants.length - GRANT_ROW
  if (last < 0) return { row: opens, because }
  let row = Math.min(findGrants(grants, person_index), last)
  do {
    const refusal = rowRefusal(policy, row, at)
    const isHis = u32At(grants, row) === person_index
    const nearer = closest(because, refusal ?? because)
    because = isHis ? nearer : because
    if (isHis && refusal === null && opens === NOT_FOUND) opens = row
    row += GRANT_ROW
  } while (row <= last && u32At(grants, row) === person_index)
  return { row: opens, because: opens === NOT_FOUND ? because : null }
}

/** The grant that a row stands for; the first row's where none opens, and null where there is none at all. */
function grantOf({ grants, grantIds }: Policy, row: number): GrantId | null {
  return grants.length === 0 ? null : idAt<"GrantId">(grantIds, u16At(grants, Math.max(0, row) + REF_AT) * 16)
}

/** Whether one of the shown credentials, given by their rows, stands like this. */
function anyStands(policy: Policy, rows: readonly number[], standing: number): boolean {
  return rows.filter((row) => byteAt(policy.credentials, row + STANDING_AT) === standing).length > 0
}

function toldToDeny(presented: Presented, person: PersonId, { people, credentials }: Denied): boolean {
  return people.has(person) || presented.some(({ credential }) => credentials.has(credential))
}

function refuse(because: Refusal, person: PersonId | null, credential: CredentialId | null): Verdict {
  return { open: false, because, person, credential }
}

/**
 * Decides one presentation. All questions are asked before any is answered, so that the time tells neither who is known nor
 * which refusal it was (attacks 27, 37). `at` is null when the lock does not know the time: then only grants without hours and
 * without end still open, and the door wants what would be enough at any hour.
 */
export function decide(policy: Policy, presented: Presented, at: UnixSeconds | null, denied: Denied): Verdict {
  // Named in the verdict: what proves more than a PIN does, where there is such a thing.
  const credential = (presented.find(({ kind }) => kind !== "pin") ?? presented[0])?.credential
  if (credential === undefined) return refuse("nothing presented", null, null)
  if (policy.credentials.length === 0) return refuse("unknown credential", null, credential)
  const found = presented.map((shown) => rowOf(policy, shown))
  const rows = found.map((row) => Math.max(0, row)) // In the place of one that is not there the first is looked at.
  const owners = rows.map((row) => u32At(policy.credentials, row + OWNER_AT))
  const [person_index] = owners
  assert(person_index !== undefined, "what was presented has an owner")
  const person = idAt<"PersonId">(policy.people, person_index * PERSON_ROW)
  const isOnes = owners.every((owner) => owner === person_index)
  const isRevoked = anyStands(policy, rows, STANDING_REVOKED)
  const isDenied = anyStands(policy, rows, STANDING_DENIED)
  const isTold = toldToDeny(presented, person, denied)
  const { row, because } = grantNow(policy, person_index, at)
  const grant = grantOf(policy, row)
  const isEnough = satisfies(presented, requiredFactors(policy, at))

  if (found.includes(NOT_FOUND)) return refuse("unknown credential", null, credential)
  if (!isOnes) return refuse("credentials of two people", null, credential)
  if (isRevoked) return refuse("revoked", person, credential)
  if (isDenied || isTold) return refuse("denied", person, credential)
  if (because !== null) return refuse(because, person, credential)
  if (!isEnough) return refuse("another factor needed", person, credential)
  assert(grant !== null, "what opens is a grant")
  return { open: true, person, credential, grant }
}
