/**
 * Whoever runs the simulated site: revokes and restores people, changes groups, hours and doors, gives out cards anew, and lets
 * the guard deny somebody at once.
 */
import type { Change } from "@holdfast/access"
import { assert, unixSeconds } from "@holdfast/base"
import type { Keeper } from "@holdfast/keeper"
import type { Attachment } from "@holdfast/wire"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Truth } from "../truth/truth.ts"
import type { Courier } from "./courier.ts"
import { type Cardholder, cardDraft, hand, scheduleDraft, type Site } from "./founding.ts"
import type { KeeperMachine } from "./keeper-machine.ts"
import type { Draft, Owner } from "./owner.ts"
import type { Plan } from "./plan.ts"

const HOUR_S = 3_600

export class Administrator {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #truth: Truth
  readonly #machine: KeeperMachine
  readonly #courier: Courier
  readonly #owner: Owner
  readonly #plan: Plan
  readonly #site: Site
  /** What was submitted, for whoever wants to submit it again. */
  readonly submitted: Uint8Array[] = []

  constructor(
    at: { agenda: Agenda; chance: Chance; truth: Truth; machine: KeeperMachine; courier: Courier },
    owner: Owner,
    plan: Plan,
    site: Site,
  ) {
    this.#agenda = at.agenda
    this.#chance = at.chance
    this.#truth = at.truth
    this.#machine = at.machine
    this.#courier = at.courier
    this.#owner = owner
    this.#plan = plan
    this.#site = site
  }

  /** One piece of work. */
  async work(): Promise<void> {
    const person = this.#chance.pick(this.#site.people)
    if (this.#chance.happens(12)) return this.#deny(person)
    const drafts = this.#drafts(person)
    const attachments = drafts.map(({ attachment }) => attachment).filter((each) => each !== undefined)
    await this.#submit(
      drafts.map(({ change }) => this.#owner.sign(change).bytes),
      attachments,
    )
  }

  /** Takes everything from somebody. */
  async revoke({ id }: Cardholder): Promise<void> {
    await this.#submit([this.#owner.sign({ kind: "person revoke", person: id }).bytes], [])
  }

  async #submit(statements: readonly Uint8Array[], attachments: Parameters<typeof this.sendOn>[1]): Promise<boolean> {
    this.submitted.push(...statements)
    const answer = await this.sendOn(statements, attachments)
    if (answer === null) return false
    let admitted = true
    for (const outcome of answer.outcomes) {
      if (outcome.admitted)
        this.#truth.acknowledged.authority = Math.max(this.#truth.acknowledged.authority, outcome.index + 1)
      else admitted = false
    }
    for (const { sealed } of answer.issued)
      hand(this.#site.people, this.#truth, this.#site.enroller, this.#owner, sealed)
    return admitted
  }

  /** As any courier may. */
  sendOn(
    statements: readonly Uint8Array[],
    attachments: readonly Attachment[],
  ): Promise<Awaited<ReturnType<Keeper["submit"]>> | null> {
    return this.#machine.ask((keeper) => keeper.submit(statements, attachments))
  }

  /** The guard denies somebody: the keeper hears of it, and every lock directly. */
  async #deny(person: Cardholder): Promise<void> {
    const { id, delegation } = this.#site.guard
    if (person.id === id) return
    const statement = this.#owner.signAsGuard({ kind: "deny", person: person.id, credential: null }, id, delegation)
    await this.#submit([statement], [])
    this.#courier.deny(statement)
  }

  #drafts(person: Cardholder): readonly Draft[] {
    const stated = this.#truth.now.people.get(person.id)?.standing
    if (stated !== "good" && this.#chance.happens(60))
      return [{ change: { kind: "person restore", person: person.id } }]
    switch (this.#chance.below(6)) {
      case 0:
        return [{ change: { kind: "person revoke", person: person.id } }]
      case 1:
        return [this.#membership(person)]
      case 2:
        return [this.#hours()]
      case 3:
        return [this.#grant()]
      case 4:
        return [this.#door()]
      default:
        return this.#newCard(person)
    }
  }

  #membership(person: Cardholder): Draft {
    const group = this.#chance.pick(this.#site.groups)
    const isMember = this.#truth.now.groups.get(group)?.members.has(person.id) ?? false
    if (isMember) return { change: { kind: "member remove", group, person: person.id } }
    const now_s = Math.floor(this.#agenda.now_ms / 1000)
    const lasts = this.#chance.happens(50)
    const from = lasts ? null : unixSeconds(now_s + this.#chance.between(-HOUR_S, HOUR_S))
    const until = from === null ? null : unixSeconds(from + this.#chance.between(1, 8) * HOUR_S)
    return { change: { kind: "member add", group, person: person.id, from, until } }
  }

  #hours(): Draft {
    const { id, plan } = this.#chance.pick(this.#site.schedules)
    const from_min = this.#chance.below(23 * 60)
    const rules = [{ days: 127, from_min, until_min: this.#chance.between(from_min + 1, 24 * 60) }]
    return scheduleDraft(id, plan.name, this.#plan.zone, this.#chance.happens(50) ? plan.rules : rules)
  }

  #grant(): Draft {
    const { id, group, doors } = this.#chance.pick(this.#site.grants)
    const some = doors.filter(() => this.#chance.happens(75))
    const schedule = this.#chance.happens(40) ? this.#chance.pick(this.#site.schedules).id : null
    const change: Change = { kind: "grant set", grant: id, group, doors: some.length === 0 ? doors : some, schedule }
    return { change }
  }

  #door(): Draft {
    const door = this.#chance.pick(this.#site.doors)
    const night = this.#chance.pick(this.#site.schedules)
    const modes = this.#chance.happens(50) ? [{ schedule: night.id, factors: "card and pin" as const }] : []
    door.config = { ...door.config, modes: [...modes, { schedule: null, factors: door.plan.factors }] }
    return this.#owner.labelled(door.id, door.plan.name, (commitment) => {
      return { kind: "door set", door: door.id, commitment, config: door.config, place: null }
    })
  }

  /** The old card was lost: its credential ends, and a new card begins. */
  #newCard(person: Cardholder): readonly Draft[] {
    const uid = this.#chance.bytes(7)
    uid[0] = 0x04
    const old = person.card.credential
    const isThere = this.#truth.now.credentials.has(old)
    person.card = { credential: this.#owner.newId<"CredentialId">(), uid, keys: null }
    assert(person.card.credential !== old, "ids do not come twice")
    const added = cardDraft(this.#owner, person.id, person.card, this.#site.enroller.publicKey)
    return isThere ? [{ change: { kind: "credential remove", credential: old } }, added] : [added]
  }
}
