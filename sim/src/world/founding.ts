/**
 * Founding the simulated site: the deed, doors and their locks, people with cards and codes, groups, schedules, grants.
 *
 * Everything goes in by statements, as in a real building; cards and codes come back sealed to whoever enrols.
 */
import { decodeIssuedSecret } from "@holdfast/access"
import type { Kind } from "@holdfast/access/author"
import { type DoorConfig, defaultConfig, type Mode, type StatementId } from "@holdfast/access/door"
import type { Act } from "@holdfast/access/rules"
import {
  assert,
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  type PersonId,
  type ScheduleId,
  unixSeconds,
} from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Keeper } from "@holdfast/keeper"
import { type HpkeKeyPair, hpkeInfo, hpkeKeyPair, openSealed } from "@holdfast/port-node"
import type { Chance } from "../chance.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Truth } from "../truth/truth.ts"
import type { Draft, Owner } from "./owner.ts"
import type { DoorPlan, Plan } from "./plan.ts"

export type HeldCard = {
  readonly credential: CredentialId
  readonly uid: Uint8Array
  readonly keys: Uint8Array[] | null
}

/** All but those that wait for the button inside the case. */
export const ORDERED_ACTS: readonly Act[] = [
  "unlock",
  "normal",
  "lockdown",
  "evacuation",
  "office",
  "service",
  "threat level",
  "locate",
]

const TWO_PERSON_MS = 10_000

/** Somebody with pockets and a memory. */
export type Cardholder = {
  readonly id: PersonId
  readonly name: string
  card: HeldCard
  /** With the code that calls for help. */
  pin: { readonly credential: CredentialId; code: string; duress: string } | null
}

/** Somebody with a key of his own. */
export type Speaker = { readonly id: PersonId; readonly delegation: StatementId; readonly key: Es256Key }

export type NewDoor = {
  readonly id: DoorId
  readonly plan: DoorPlan
  readonly journal: Es256Key
  readonly hpke: HpkeKeyPair
  config: DoorConfig<ScheduleId>
}

export type Site = {
  readonly doors: readonly NewDoor[]
  readonly people: readonly Cardholder[]
  readonly groups: readonly GroupId[]
  readonly grants: readonly { readonly id: GrantId; readonly group: GroupId; readonly doors: readonly DoorId[] }[]
  readonly schedules: readonly { readonly id: ScheduleId; readonly plan: Plan["schedules"][number] }[]
  /** May say everything, and order everything. */
  readonly guard: Speaker
  /** May deny, and so order what narrows; nothing else. */
  readonly clerk: Speaker
  /** May say everything, and wants more for herself. */
  readonly climber: Speaker
  /** A door that wants two people, and has no lock yet. */
  readonly vault: DoorId
  /** Somebody whose own key nobody else uses, until he loses it. */
  readonly forgetful: { readonly person: Cardholder; readonly delegation: StatementId }
  /** Opens what the keeper issues. */
  readonly enroller: HpkeKeyPair
}

export class Founding {
  readonly #plan: Plan
  readonly #owner: Owner
  readonly #chance: Chance
  readonly #signing: Signing
  readonly #truth: Truth
  readonly #enroller: HpkeKeyPair

  constructor(plan: Plan, owner: Owner, chance: Chance, signing: Signing, truth: Truth) {
    this.#plan = plan
    this.#owner = owner
    this.#chance = chance
    this.#signing = signing
    this.#truth = truth
    this.#enroller = hpkeKeyPair(chance.bytes(32))
  }

  async found(keeper: Keeper): Promise<Site> {
    const founded = await keeper.found(this.#owner.deed)
    assert(founded.ok, "the site is founded")
    const schedules = this.#plan.schedules.map((plan) => ({ id: this.#owner.newId<"ScheduleId">(), plan }))
    const ids = this.#plan.doors.map(() => this.#owner.newId<"DoorId">())
    const doors = this.#plan.doors.map((plan, index) => this.#newDoor(plan, index, ids, schedules))
    const people = Array.from({ length: this.#plan.people }, (_, index) => this.#newPerson(index))
    const groups = [0, 1, 2].map(() => this.#owner.newId<"GroupId">())
    const grants = groups.flatMap((group, index) => this.#grants(group, index, doors, schedules))
    const [first, second, third, , fifth] = people
    assert(first !== undefined && second !== undefined && third !== undefined, "somebody works here")
    assert(fifth !== undefined, "somebody works here by the hours of a schedule")
    const guard = this.#delegate(first, this.#owner.guardKey, null)
    const clerk = this.#delegate(second, this.#signing.es256(this.#chance.branch("clerk")), ["deny"])
    const lost = this.#delegate(third, this.#signing.es256(this.#chance.branch("lost")), null)
    const climber = this.#delegate(fifth, this.#signing.es256(this.#chance.branch("climber")), null)
    const vault = this.#owner.newId<"DoorId">()
    const drafts = [
      ...schedules.map(({ id, plan }) => scheduleDraft(id, plan.name, this.#plan.zone, plan.rules)),
      ...doors.flatMap((door) => this.doorDrafts(door)),
      ...people.flatMap((person) => this.#personDrafts(person)),
      ...groups.map((group, index): Draft => ({ change: { kind: "group set", group, name: `Group ${index + 1}` } })),
      ...this.#members(groups, people),
      ...grants.map(({ draft }) => draft),
      ...this.#vaultDrafts(vault, groups),
      ...[first, third].map((person) => this.#receiver(person)),
    ]
    for (const { name } of people) this.#truth.names.add(name)
    await this.#state(keeper, drafts, people, [guard.bytes, clerk.bytes, lost.bytes, climber.bytes])
    return {
      doors,
      people,
      groups,
      grants,
      schedules,
      guard: guard.speaker,
      clerk: clerk.speaker,
      climber: climber.speaker,
      vault,
      forgetful: { person: third, delegation: lost.speaker.delegation },
      enroller: this.#enroller,
    }
  }

  #delegate(
    { id }: Cardholder,
    key: Es256Key,
    kinds: readonly Kind[] | null,
  ): { readonly speaker: Speaker; readonly bytes: Uint8Array } {
    const { publicKey } = key
    const terms = { keyKind: "software", kinds, notAfter: null, credentialId: null, backupFlags: 0 } as const
    const delegation = this.#owner.sign({ kind: "delegate", person: id, key: publicKey, ...terms })
    return { speaker: { id, delegation: delegation.id, key }, bytes: delegation.bytes }
  }

  /** Somebody is to be told of silent alarms. */
  #receiver({ id, name }: Cardholder): Draft {
    const pair = hpkeKeyPair(this.#chance.branch(`sheets of ${name}`).bytes(32))
    this.#truth.receiverKeys.set(id, pair)
    return { change: { kind: "receiver set", person: id, key: pair.publicKey } }
  }

  #newDoor(plan: DoorPlan, index: number, ids: readonly DoorId[], schedules: Site["schedules"]): NewDoor {
    const id = ids[index]
    const next = ids[(index + 1) % ids.length]
    assert(id !== undefined && next !== undefined, "every door has its id")
    const night = schedules.at(-1)
    const modes: Mode<ScheduleId>[] =
      plan.nightFactors === null || night === undefined ? [] : [{ schedule: night.id, factors: plan.nightFactors }]
    const day = schedules[0]
    if (plan.office !== null && day !== undefined)
      modes.push({ schedule: day.id, factors: plan.factors, office: plan.office })
    const { failMode, lease_s, unlock_ms, heldOpen_ms, zoneApplication, fireReleases, delayedEgress_s } = plan
    const heeds = plan.heeds
    return {
      id,
      plan,
      journal: this.#signing.es256(this.#chance.branch(`journal of ${plan.name}`)),
      hpke: hpkeKeyPair(this.#chance.bytes(32)),
      config: {
        ...defaultConfig(this.#plan.zone),
        modes: [...modes, { schedule: null, factors: plan.factors }],
        failMode,
        lease_s,
        unlock_ms,
        heldOpen_ms,
        zoneApplication,
        fireReleases,
        delayedEgress_s,
        threatFactors: plan.threatFactors,
        remoteActs: plan.ordered ? ORDERED_ACTS : [],
        heeds: heeds === null ? null : { narrowed_s: heeds.narrowed_s, doors: heeds.whom === "any" ? [] : [next] },
      },
    }
  }

  #newPerson(index: number): Cardholder {
    const uid = this.#chance.bytes(7)
    uid[0] = 0x04
    const credential = this.#owner.newId<"CredentialId">()
    const pin =
      index < this.#plan.withPin ? { credential: this.#owner.newId<"CredentialId">(), code: "", duress: "" } : null
    return {
      id: this.#owner.newId<"PersonId">(),
      name: `Person ${index + 1}`,
      card: { credential, uid, keys: null },
      pin,
    }
  }

  doorDrafts(door: NewDoor): readonly Draft[] {
    const { id, plan, journal, hpke, config } = door
    return [
      this.#owner.labelled(id, plan.name, (commitment) => {
        return { kind: "door set", door: id, commitment, config, place: null }
      }),
      {
        change: {
          kind: "lock pair",
          door: id,
          journalKey: journal.publicKey,
          hpkeKey: hpke.publicKey,
          serial: plan.name,
        },
      },
    ]
  }

  #personDrafts({ id, name, card, pin }: Cardholder): readonly Draft[] {
    const recipient = this.#enroller.publicKey
    const added = this.#owner.labelled(id, name, (commitment) => ({ kind: "person add", person: id, commitment }))
    return [
      added,
      cardDraft(this.#owner, id, card, recipient),
      ...(pin === null ? [] : [pinDraft(id, pin.credential, recipient)]),
    ]
  }

  /** The first two groups hold lasting members; the third holds visitors for some hours. */
  #members(groups: readonly GroupId[], people: readonly Cardholder[]): readonly Draft[] {
    const start_s = Math.floor(this.#plan.start_ms / 1000)
    return people.flatMap((person, index): Draft[] => {
      const group = groups[index % groups.length]
      assert(group !== undefined, "there is a group for everybody")
      const visits = index % groups.length === 2
      const from = visits ? unixSeconds(start_s + this.#chance.between(0, 3) * 3_600) : null
      const until = from === null ? null : unixSeconds(from + this.#chance.between(2, 10) * 3_600)
      return [{ change: { kind: "member add", group, person: person.id, from, until } }]
    })
  }

  #grants(
    group: GroupId,
    index: number,
    doors: readonly NewDoor[],
    schedules: Site["schedules"],
  ): readonly { id: GrantId; group: GroupId; doors: readonly DoorId[]; draft: Draft }[] {
    const everywhere = doors.map(({ id }) => id)
    // The first group may always come in, the second by the hours of two schedules, visitors by day or always.
    const hours = index === 0 ? [null] : index === 1 ? schedules.slice(0, 2).map(({ id }) => id) : [null]
    return hours.map((schedule) => {
      const id = this.#owner.newId<"GrantId">()
      const draft: Draft = { change: { kind: "grant set", grant: id, group, doors: everywhere, schedule } }
      return { id, group, doors: everywhere, draft }
    })
  }

  /** Everybody may open it, with somebody else. */
  #vaultDrafts(door: DoorId, groups: readonly GroupId[]): readonly Draft[] {
    const config = { ...defaultConfig(this.#plan.zone), twoPerson_ms: TWO_PERSON_MS }
    return [
      this.#owner.labelled(door, "Vault", (commitment) => ({
        kind: "door set",
        door,
        commitment,
        config,
        place: null,
      })),
      ...groups.map((group): Draft => {
        const grant = this.#owner.newId<"GrantId">()
        return { change: { kind: "grant set", grant, group, doors: [door], schedule: null } }
      }),
    ]
  }

  async #state(
    keeper: Keeper,
    drafts: readonly Draft[],
    people: readonly Cardholder[],
    delegations: readonly Uint8Array[],
  ): Promise<void> {
    const attachments = drafts.map(({ attachment }) => attachment).filter((each) => each !== undefined)
    const statements = drafts.map(({ change }) => this.#owner.sign(change).bytes)
    const { outcomes, issued } = await keeper.submit([...statements, ...delegations], attachments)
    for (const outcome of outcomes) assert(outcome.admitted, outcome.admitted ? "" : outcome.fault)
    for (const { sealed } of issued) hand(people, this.#truth, this.#enroller, this.#owner, sealed)
  }
}

/** Writes a card or tells a code: what the keeper issued reaches whom it is for. */
export function hand(
  people: readonly Cardholder[],
  truth: Truth,
  enroller: HpkeKeyPair,
  owner: Owner,
  sealed: Uint8Array,
): void {
  const plain = openSealed(enroller, hpkeInfo("issued", owner.site), sealed)
  const issued = plain === null ? null : decodeIssuedSecret(plain)
  assert(issued !== null, "the keeper seals to whoever enrols")
  for (const person of people) {
    const { pin } = person
    if (issued.kind === "pin" && pin?.credential === issued.credential) {
      pin.code = issued.pin
      pin.duress = issued.duress ?? ""
      truth.pins.set(issued.pin, issued.credential)
      truth.pins.set(pin.duress, issued.credential)
      truth.duress.set(pin.duress, issued.pin)
    }
    if (issued.kind === "card") for (const key of issued.keys) truth.cardKeys.add(toHex(key))
    if (issued.kind === "card" && person.card.credential === issued.credential)
      person.card = { ...person.card, keys: [...issued.keys] }
  }
}

export function scheduleDraft(
  schedule: ScheduleId,
  name: string,
  zone: string,
  rules: Plan["schedules"][number]["rules"],
): Draft {
  return { change: { kind: "schedule set", schedule, name, zone, rules, closedDays: [] } }
}

export function pinDraft(person: PersonId, credential: CredentialId, recipient: Uint8Array): Draft {
  const commitment = new Uint8Array(32)
  return { change: { kind: "credential add", credential, person, what: "pin", commitment, recipient } }
}

export function cardDraft(owner: Owner, person: PersonId, card: HeldCard, recipient: Uint8Array): Draft {
  const { credential, uid } = card
  return owner.carded(credential, uid, (commitment) => {
    return { kind: "credential add", credential, person, what: "card", commitment, recipient }
  })
}
