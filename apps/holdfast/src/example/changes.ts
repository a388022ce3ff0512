/**
 * From an example's plain data to the changes that found it. Ids and salts are random, given in.
 *
 * The order matters to the keeper: schedules before doors, groups before members and grants.
 */
import type { Change, SecretKind } from "@holdfast/access"
import { labelCommitment, uidCommitment } from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import {
  assert,
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  idOf,
  type PersonId,
  type ScheduleId,
} from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import type { Draft } from "../founder.ts"
import type { Example, ExampleDoor, ExampleSchedule } from "./office.ts"

export type Random = (size: number) => Uint8Array

/** A named thing's id, by the name that the example's data use. */
export type Names = {
  readonly doors: ReadonlyMap<string, DoorId>
  readonly people: ReadonlyMap<string, PersonId>
  readonly schedules: ReadonlyMap<string, ScheduleId>
}

function of<Value>(map: ReadonlyMap<string, Value>, name: string): Value {
  const value = map.get(name)
  assert(value !== undefined, `the example has something called ${name}`)
  return value
}

export function labelled(
  change: (commitment: Uint8Array) => Change,
  object: DoorId | PersonId,
  text: string,
  random: Random,
): Draft {
  const salt = random(16)
  return { change: change(labelCommitment(salt, text, nodeCrypto)), opening: { object, salt, value: text } }
}

function minutes(time: string): number {
  const [hours, rest] = time.split(":").map(Number)
  assert(hours !== undefined && rest !== undefined, "a wall time is written 07:30")
  return hours * 60 + rest
}

function days(letters: string): number {
  return letters.split("").reduce((bits, letter, day) => (letter === "." ? bits : bits | (1 << day)), 0)
}

function scheduleDraft(schedule: ExampleSchedule, id: ScheduleId, zone: string): Draft {
  const rules = schedule.rules.map((rule) => ({
    days: days(rule.days),
    from_min: minutes(rule.from),
    until_min: minutes(rule.until),
  }))
  return { change: { kind: "schedule set", schedule: id, name: schedule.name, zone, rules, closedDays: [] } }
}

export function doorDraft(door: ExampleDoor, id: DoorId, zone: string, random: Random): Draft {
  const [x_cm, y_cm, angle_deg] = door.at
  const config = {
    ...defaultConfig(zone),
    grade: door.grade,
    modes: [{ schedule: null, factors: door.factors }],
    failMode: door.failMode,
    ...(door.lease_s === undefined ? {} : { lease_s: door.lease_s }),
    fireReleases: door.failMode === "safe", // What frees a door without power frees it in a fire.
    ...(door.battery === undefined ? {} : { battery: door.battery }),
    ...(door.remoteActs === undefined ? {} : { remoteActs: door.remoteActs }),
  }
  const place = { floor: door.floor, x_cm, y_cm, angle_deg }
  return labelled((commitment) => ({ kind: "door set", door: id, commitment, config, place }), id, door.name, random)
}

function groupDrafts(example: Example, names: Names, random: Random): Draft[] {
  return example.groups.flatMap((group) => {
    const id = idOf<"GroupId">(random(16))
    const members = group.members.map(
      (name): Change => ({ kind: "member add", group: id, person: of(names.people, name), from: null, until: null }),
    )
    const grants = group.opens.map(
      (opens): Change => ({
        kind: "grant set",
        grant: idOf<"GrantId">(random(16)) satisfies GrantId,
        group: id satisfies GroupId,
        doors: opens.doors.map((name) => of(names.doors, name)).sort(),
        schedule: of(names.schedules, opens.schedule),
      }),
    )
    return [{ kind: "group set", group: id, name: group.name } as const, ...members, ...grants].map((change) => ({
      change,
    }))
  })
}

function ids<Name extends string>(
  names: readonly string[],
  random: Random,
): ReadonlyMap<string, ReturnType<typeof idOf<Name>>> {
  return new Map(names.map((name) => [name, idOf<Name>(random(16))]))
}

/** Every change but the pairing of locks and the credentials, which need keys from elsewhere. */
export function exampleDrafts(example: Example, random: Random): { readonly names: Names; readonly drafts: Draft[] } {
  const names: Names = {
    doors: ids<"DoorId">(
      example.doors.map((door) => door.name),
      random,
    ),
    people: ids<"PersonId">(
      example.people.map((person) => person.name),
      random,
    ),
    schedules: ids<"ScheduleId">(
      example.schedules.map((schedule) => schedule.name),
      random,
    ),
  }
  const drafts: Draft[] = [
    ...example.floors.map(({ floor, rooms }): Draft => {
      const drawn = rooms.map(({ name, at: [x_cm, y_cm, width_cm, height_cm] }) => {
        return { name, x_cm, y_cm, width_cm, height_cm }
      })
      return { change: { kind: "plan", floor, rooms: drawn } }
    }),
    ...example.schedules.map((each) => scheduleDraft(each, of(names.schedules, each.name), example.zone)),
    ...example.doors.map((door) => doorDraft(door, of(names.doors, door.name), example.zone, random)),
    ...example.people.map(({ name }) => {
      const person = of(names.people, name)
      return labelled((commitment) => ({ kind: "person add", person, commitment }), person, name, random)
    }),
    ...groupDrafts(example, names, random),
  ]
  return { names, drafts }
}

/** A credential for a person. A card's UID is committed to; a PIN has nothing to commit to. */
export function credentialDraft(
  person: PersonId,
  credential: CredentialId,
  what: SecretKind,
  uid: Uint8Array | null,
  recipient: Uint8Array,
  random: Random,
): Draft {
  if (uid === null) {
    assert(what === "pin", "a card has a UID")
    return { change: { kind: "credential add", credential, person, what, commitment: new Uint8Array(32), recipient } }
  }
  const salt = random(16)
  const commitment = uidCommitment(salt, uid, nodeCrypto)
  return {
    change: { kind: "credential add", credential, person, what, commitment, recipient },
    opening: { object: credential, salt, value: uid },
  }
}
