/**
 * Folding what happens to people, their credentials and their groups. Both sides of each link are kept: a person lists groups
 * and credentials, a group its members. What they may open by it is compiled, not folded.
 */
import { type CredentialId, type PersonId, unreachable } from "@holdfast/base"
import type { CredentialChange } from "../change/credential.ts"
import type { GroupChange } from "../change/group.ts"
import type { PersonChange } from "../change/person.ts"
import { KEEPER_AUTHOR, ROOT_AUTHOR } from "../envelope.ts"
import { endDelegations } from "./authority.ts"
import type { FoldFault } from "./fault.ts"
import type { Folding } from "./folding.ts"

export function foldPerson(folding: Folding, change: PersonChange): FoldFault | null {
  const person = folding.people.get(change.person)
  if (change.kind === "person add") {
    if (person !== undefined || change.person === ROOT_AUTHOR || change.person === KEEPER_AUTHOR) return "already there"
    const { commitment } = change
    const nothing = { credentials: new Set<never>(), groups: new Set<never>(), traits: [] }
    folding.people.set(change.person, { commitment, standing: "good", ...nothing })
    return null
  }
  if (person === undefined) return "unknown person"
  switch (change.kind) {
    case "person label":
      folding.people.set(change.person, { ...person, commitment: change.commitment })
      return null
    case "person revoke":
      folding.people.set(change.person, { ...person, standing: "revoked" })
      endDelegations(folding, change.person)
      return null
    case "person restore":
      folding.people.set(change.person, { ...person, standing: "good" })
      return null
    case "person traits":
      folding.people.set(change.person, { ...person, traits: change.traits })
      return null
    default:
      return unreachable(change)
  }
}

function removeCredential(folding: Folding, id: CredentialId): FoldFault | null {
  const credential = folding.credentials.get(id)
  if (credential === undefined) return "unknown credential"
  folding.credentials.delete(id)
  const person = folding.people.get(credential.person)
  if (person === undefined) return "unknown person"
  const credentials = new Set(person.credentials)
  credentials.delete(id)
  folding.people.set(credential.person, { ...person, credentials })
  return null
}

export function foldCredential(folding: Folding, change: CredentialChange): FoldFault | null {
  switch (change.kind) {
    case "credential remove":
      return removeCredential(folding, change.credential)
    case "credential add": {
      const person = folding.people.get(change.person)
      if (person === undefined) return "unknown person"
      if (folding.credentials.has(change.credential)) return "already there"
      if (person.standing === "revoked") return "person revoked"
      const { kind: _, credential, ...said } = change
      folding.credentials.set(credential, { ...said, denied: false })
      const credentials = new Set(person.credentials).add(credential)
      folding.people.set(change.person, { ...person, credentials })
      return null
    }
    default:
      return unreachable(change)
  }
}

function joinGroup(folding: Folding, change: Extract<GroupChange, { kind: "member add" }>): FoldFault | null {
  const group = folding.groups.get(change.group)
  const person = folding.people.get(change.person)
  if (group === undefined) return "unknown group"
  if (person === undefined) return "unknown person"
  folding.membersOf(change.group, group).set(change.person, { from: change.from, until: change.until })
  if (person.groups.has(change.group)) return null
  folding.people.set(change.person, { ...person, groups: new Set(person.groups).add(change.group) })
  return null
}

function leaveGroup(folding: Folding, change: Extract<GroupChange, { kind: "member remove" }>): FoldFault | null {
  const group = folding.groups.get(change.group)
  const person: PersonId = change.person
  const known = folding.people.get(person)
  if (group === undefined) return "unknown group"
  if (known === undefined || !group.members.has(person)) return "not a member"
  folding.membersOf(change.group, group).delete(person)
  const groups = new Set(known.groups)
  groups.delete(change.group)
  folding.people.set(person, { ...known, groups })
  return null
}

export function foldGroup(folding: Folding, change: GroupChange): FoldFault | null {
  switch (change.kind) {
    case "group set": {
      const group = folding.groups.get(change.group)
      const members = group?.members ?? new Map()
      folding.groups.set(change.group, { name: change.name, members, grants: group?.grants ?? new Set() })
      return null
    }
    case "member add":
      return joinGroup(folding, change)
    case "member remove":
      return leaveGroup(folding, change)
    default:
      return unreachable(change)
  }
}
