/**
 * Why a person may, or may not, open a door at an instant: asked of the same compile and the same decide that the lock uses.
 *
 * It supposes that the person shows everything they own; so "another factor needed" means that they own too little.
 */
import { type CredentialId, type DoorId, type PersonId, unreachable, type UnixSeconds } from "@holdfast/base"
import { compile } from "./compile.ts"
import { decide, NOBODY_DENIED, type Presented, requiredFactors, type Verdict } from "./decide.ts"
import type { Labels } from "./describer.ts"
import { type FactorKind, type Factors, waysOf } from "./factors.ts"
import type { Refusal } from "./refusal.ts"
import type { State } from "./state.ts"
import { factorsInWords, hoursInWords, instantInWords } from "./words.ts"

export type Explained = { readonly verdict: Verdict | null; readonly sentence: string }

function first(state: State, person: PersonId, what: FactorKind): CredentialId | null {
  const owned = [...(state.people.get(person)?.credentials ?? [])].sort()
  const matching = owned.filter((id) => state.credentials.get(id)?.what === what)
  return matching.find((id) => state.credentials.get(id)?.denied === false) ?? matching[0] ?? null
}

const OWNED: readonly FactorKind[] = ["card", "pin", "phone", "biometric"]

/** All that the person owns, in the order of the first way for which it is enough. */
function presentedFor(state: State, person: PersonId, wanted: Factors): Presented {
  const owned = OWNED.flatMap((kind) => {
    const credential = first(state, person, kind)
    return credential === null ? [] : [{ kind, credential }]
  })
  for (const { kinds } of waysOf(wanted)) {
    const shown = kinds.flatMap((kind) => owned.filter((each) => each.kind === kind))
    if (shown.length === kinds.length) return [...shown, ...owned.filter((each) => !shown.includes(each))]
  }
  return owned
}

function refusalInWords(refusal: Refusal, who: string, door: string): string {
  switch (refusal) {
    case "nothing presented":
      return `${who} has no credential.`
    case "unknown credential":
    case "no grant":
      return `${who} is in no group that may open ${door}.`
    case "credentials of two people":
      return `The credentials shown at ${door} belong to two people.`
    case "revoked":
      return `${who} was revoked.`
    case "denied":
      return `${who}, or the credential, was denied.`
    case "time unknown":
      return `The lock at ${door} does not know the time, and no grant of ${who} holds at all hours.`
    case "outside schedule":
      return `${who} may open ${door}, but not at this hour.`
    case "not yet valid":
      return `The membership of ${who} has not begun.`
    case "expired":
      return `The membership of ${who} has ended.`
    case "another factor needed":
      return `${door} wants more than ${who} has.`
    default:
      return unreachable(refusal)
  }
}

/** The verdict for everything the person owns, and a sentence for it. A null verdict: no such door. */
export function explain(state: State, door: DoorId, person: PersonId, at: UnixSeconds, labels: Labels): Explained {
  const who = labels(person) ?? `person ${person.slice(0, 8)}`
  const where = labels(door) ?? `door ${door.slice(0, 8)}`
  const compiled = compile(state, door, at, person)
  if (!compiled.ok) return { verdict: null, sentence: `There is no policy for ${where}: ${compiled.fault}.` }
  const { policy } = compiled
  const wanted = requiredFactors(policy, at)
  const presented = presentedFor(state, person, wanted)
  const verdict = decide(policy, presented, at, NOBODY_DENIED)
  const wants = `${where} opens ${factorsInWords(wanted)} at ${instantInWords(at)}.`
  if (!verdict.open) return { verdict, sentence: `${refusalInWords(verdict.because, who, where)} ${wants}` }
  const grant = state.grants.get(verdict.grant)
  const schedule = grant?.schedule ?? null
  const hours = hoursInWords(schedule === null ? null : (state.schedules.get(schedule) ?? null))
  const group = grant === undefined ? "a group" : (state.groups.get(grant.group)?.name ?? "a group")
  return { verdict, sentence: `${who} may open ${where} through ${group}, ${hours}. ${wants}` }
}
