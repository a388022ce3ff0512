/**
 * Folding delegations and denials: whose key may speak, until when, and who is to be kept out at once.
 *
 * That whoever says so may say so was judged before (judge.ts); here it only takes effect, or does not fit.
 */
import { type PersonId, secondsOf, type UnixMillis, unixMillis, unreachable } from "@holdfast/base"
import type { DelegationChange } from "../change/delegation.ts"
import type { Kind } from "../kinds.ts"
import { DENIALS_MAX, DENIERS_MAX } from "../policy.ts"
import type { Delegation } from "../state.ts"
import type { Statement } from "../statement.ts"
import type { StatementId } from "../statement-id.ts"
import type { FoldFault } from "./fault.ts"
import type { Folding } from "./folding.ts"

function revoke(folding: Folding, ends: (id: StatementId, delegation: Delegation) => boolean): void {
  for (const [id, delegation] of folding.delegations.now)
    if (!delegation.revoked && ends(id, delegation)) folding.delegations.set(id, { ...delegation, revoked: true })
}

/** All keys of a person, sessions included: they stay ended when the person is restored. */
export function endDelegations(folding: Folding, person: PersonId): void {
  revoke(folding, (_, delegation) => delegation.person === person)
}

/** Whose own keys, which stand on the root, may say this kind at the time of the log's last entry. */
export function administratorsFor(folding: Folding, kind: Kind): ReadonlySet<PersonId> {
  const found = new Set<PersonId>()
  for (const { person, parent, revoked, kinds, notAfter } of folding.delegations.now.values()) {
    const isOver = notAfter !== null && notAfter < secondsOf(folding.admittedAt) // All of its last second counts.
    if (parent !== null || revoked || isOver || (kinds !== null && !kinds.includes(kind))) continue
    if (folding.people.get(person)?.standing === "good") found.add(person)
  }
  return found
}

/** How long whoever ended the others is not alone: the log tells of it, and the root can name another one meanwhile. */
const ALONE_AFTER_MS = 86_400_000
/** By which an administrator can come to be none. */
const ENDING: readonly Kind[] = ["person revoke", "delegation revoke", "deny"]

/** Who may pair a board beside the author of a statement that could end them; nobody where the root says it. */
export function othersAtRisk(folding: Folding, { author, change }: Statement): ReadonlySet<PersonId> {
  const others = new Set<PersonId>()
  if (author === "root" || author === "keeper" || !ENDING.includes(change.kind)) return others
  for (const person of administratorsFor(folding, "lock pair")) if (person !== author) others.add(person)
  return others
}

/** Remembers that one of these is no administrator any more. Whoever goes by his own word is none of them. */
export function noteEnded(folding: Folding, others: ReadonlySet<PersonId>, now: UnixMillis): void {
  if (others.size === 0) return
  const left = administratorsFor(folding, "lock pair")
  if ([...others].some((person) => !left.has(person))) folding.administratorEndedAt = now
}

/** From when on whoever is left counts as alone: at once, where no administrator was ended by another one. */
export function leftAloneFrom({ administratorEndedAt }: Folding): UnixMillis {
  return unixMillis(administratorEndedAt === null ? 0 : administratorEndedAt + ALONE_AFTER_MS)
}

/** From when on this administrator's word alone pairs a board; null where there is another one to ask, or he is none. */
export function aloneFrom(folding: Folding, person: PersonId): UnixMillis | null {
  const administrators = administratorsFor(folding, "lock pair")
  return administrators.size === 1 && administrators.has(person) ? leftAloneFrom(folding) : null
}

function delegate(
  folding: Folding,
  change: Extract<DelegationChange, { kind: "delegate" }>,
  id: StatementId,
  parent: StatementId | null,
): FoldFault | null {
  const person = folding.people.get(change.person)
  if (person === undefined) return "unknown person"
  if (person.standing === "revoked") return "person revoked"
  let own_count = 0
  for (const each of folding.delegations.now.values()) if (!each.revoked && each.parent === null) own_count++
  if (parent === null && own_count >= DENIERS_MAX) return "too many delegations"
  const { key, keyKind, kinds, notAfter, credentialId, backupFlags } = change
  const rights = { key, keyKind, kinds, notAfter, credentialId, backupFlags }
  folding.delegations.set(id, { person: change.person, ...rights, parent, revoked: false })
  return null
}

function deny(
  folding: Folding,
  change: Extract<DelegationChange, { kind: "deny" }>,
  id: StatementId,
): FoldFault | null {
  const person = change.person === null ? null : folding.people.get(change.person)
  const credential = change.credential === null ? null : folding.credentials.get(change.credential)
  if (person === undefined) return "unknown person"
  if (credential === undefined) return "unknown credential"
  if (change.person !== null && person?.standing === "good")
    folding.people.set(change.person, { ...person, standing: "denied" })
  if (change.credential !== null && credential !== null)
    folding.credentials.set(change.credential, { ...credential, denied: true })
  folding.denials = [...folding.denials, { id, person: change.person, credential: change.credential }].slice(
    -DENIALS_MAX,
  )
  return null
}

/** `id` is the statement's own; `chain` what it was said through. */
export function foldDelegation(
  folding: Folding,
  change: DelegationChange,
  id: StatementId,
  chain: readonly StatementId[],
): FoldFault | null {
  switch (change.kind) {
    case "delegate":
      return delegate(folding, change, id, chain[0] ?? null)
    case "delegation revoke": {
      const target = change.delegation
      if (!folding.delegations.has(target)) return "unknown delegation"
      revoke(folding, (each, delegation) => each === target || delegation.parent === target)
      return null
    }
    case "deny":
      return deny(folding, change, id)
    default:
      return unreachable(change)
  }
}
