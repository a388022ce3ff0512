/**
 * Whether a policy admits a subset of what the policy before it admitted. Then a session key suffices for the change.
 *
 * Exact for people over time: whoever may still open, and with which credential, and when, could do so before. Conservative
 * for hours given to somebody who has no credential yet, and for the door itself: any change of its configuration, or of the
 * hours of its modes, counts as widening. What one person gains is gains.ts's question.
 */
import { byteAt, equalBytes } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { encodeConfig } from "./config.ts"
import { isSubset } from "./interval.ts"
import { phoneOf, type Policy } from "./policy.ts"
import { Reach } from "./reach.ts"
import {
  CREDENTIAL_ROW,
  findCredential,
  findGrants,
  idAt,
  KIND_AT,
  OWNER_AT,
  PERSON_ROW,
  PHONE_CREDENTIAL_AT,
  PHONE_ROW,
  STANDING_AT,
  STANDING_GOOD,
  TRAITS_AT,
  u16At,
  u32At,
} from "./table.ts"

/** The configuration with each schedule replaced by its hours, so that equal behaviour has equal bytes. */
function behaviour(policy: Policy): Uint8Array {
  const hours = (index: number): Cbor => policy.schedules[index] ?? null
  return encodeCbor(encodeConfig(policy.config, hours))
}

function hasGrants(policy: Policy, person_index: number): boolean {
  const row = findGrants(policy.grants, person_index)
  return row < policy.grants.length && u32At(policy.grants, row) === person_index
}

/** Every credential that opens something after was there before: same person, same kind, good standing. */
function credentialsNarrow(before: Policy, after: Policy): boolean {
  for (let at = 0; at < after.credentials.length; at += CREDENTIAL_ROW) {
    const owner = u32At(after.credentials, at + OWNER_AT)
    if (byteAt(after.credentials, at + STANDING_AT) !== STANDING_GOOD || !hasGrants(after, owner)) continue
    const row = findCredential(before.credentials, idAt<"CredentialId">(after.credentials, at))
    if (row < 0 || byteAt(before.credentials, row + STANDING_AT) !== STANDING_GOOD) return false
    if (byteAt(before.credentials, row + KIND_AT) !== byteAt(after.credentials, at + KIND_AT)) return false
    if ((u16At(after.credentials, at + TRAITS_AT) & ~u16At(before.credentials, row + TRAITS_AT)) !== 0) return false
    const person = owner * PERSON_ROW
    const owner_before = u32At(before.credentials, row + OWNER_AT) * PERSON_ROW
    if (idAt(after.people, person) !== idAt(before.people, owner_before)) return false
  }
  return true
}

/** Nobody may order what nobody with that key could order before. */
function actorsNarrow(before: Policy, after: Policy): boolean {
  return after.actors.every(({ person, key, acts }) => {
    const known = before.actors.find((each) => each.person === person && equalBytes(each.key, key))
    return acts.every((act) => known?.acts.includes(act) === true)
  })
}

/** Every phone's key stood for the same credential before. */
function phonesNarrow(before: Policy, after: Policy): boolean {
  for (let at = 0; at < after.phones.length; at += PHONE_ROW) {
    const x = after.phones.subarray(at, at + PHONE_CREDENTIAL_AT)
    if (phoneOf(before, x) !== phoneOf(after, x)) return false
  }
  return true
}

function hoursNarrow(before: Reach, after: Reach): boolean {
  const known = new Map<string, boolean>() // Many people share a pattern of rows: each pair of patterns is compared once.
  for (let index = 0; index < after.people_count; index++) {
    if (!hasGrants(after.policy, index)) continue
    const person_before = before.indexOf(after.person(index))
    if (person_before < 0) return false
    const pair = `${after.pattern(index)}|${before.pattern(person_before)}`
    let narrow = known.get(pair)
    if (narrow === undefined) {
      narrow = isSubset(after.hours(index), before.hours(person_before))
      narrow &&= !after.timeless(index) || before.timeless(person_before)
      known.set(pair, narrow)
    }
    if (!narrow) return false
  }
  return true
}

/** Whether `after` admits nobody, at no instant and with no credential, whom `before` would have refused. Null: no policy. */
export function narrower(before: Policy | null, after: Policy | null): boolean {
  if (after === null) return true
  if (before === null) return after.grants.length === 0 && after.actors.length === 0
  // Whoever has no grant there comes in too while the door stands unlocked.
  if (!equalBytes(behaviour(before), behaviour(after))) return false
  if (!credentialsNarrow(before, after) || !phonesNarrow(before, after) || !actorsNarrow(before, after)) return false
  return hoursNarrow(new Reach(before), new Reach(after))
}
