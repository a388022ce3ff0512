/**
 * An administrator who wants more for herself than she was given, and states whatever could bring it, with nobody's help.
 *
 * What she tries is a ladder: one statement, or some that each look harmless and lead somewhere together. She keeps what is
 * admitted. She puts nobody else out of the way: that she may, and everybody reads it.
 */
import type { Change } from "@holdfast/access"
import type { DoorConfig, Mode } from "@holdfast/access/door"
import { ACTS } from "@holdfast/access/rules"
import { assert, type DoorId, type ScheduleId } from "@holdfast/base"
import { hpkeKeyPair } from "@holdfast/port-node"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Truth } from "../truth/truth.ts"
import { cardDraft, pinDraft, scheduleDraft, type Site } from "./founding.ts"
import type { KeeperMachine } from "./keeper-machine.ts"
import type { Draft, Owner } from "./owner.ts"
import type { Plan } from "./plan.ts"

type Ladder = readonly [name: string, steps: () => readonly Draft[]]
const ALWAYS = [{ days: 127, from_min: 0, until_min: 24 * 60 }]

export class Climber {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #truth: Truth
  readonly #machine: KeeperMachine
  readonly #owner: Owner
  readonly #plan: Plan
  readonly #site: Site
  /** Of a board that she bought. */
  readonly #board: Es256Key
  readonly #ladders: readonly Ladder[]

  constructor(
    at: { agenda: Agenda; chance: Chance; truth: Truth; machine: KeeperMachine; signing: Signing },
    owner: Owner,
    plan: Plan,
    site: Site,
  ) {
    this.#agenda = at.agenda
    this.#chance = at.chance
    this.#truth = at.truth
    this.#machine = at.machine
    this.#owner = owner
    this.#plan = plan
    this.#site = site
    this.#board = at.signing.es256(at.chance.branch("board"))
    this.#ladders = [...this.#ofRights(), ...this.#ofDoors(), ...this.#ofOffices()]
  }

  /** She tries one way up. */
  async climb(): Promise<void> {
    const [what, steps] = this.#chance.pick(this.#ladders)
    const { climber } = this.#site
    const before = this.#truth.now
    for (const { change, attachment } of steps()) {
      const statement = this.#owner.signAs(change, climber)
      await this.#machine.ask((keeper) => keeper.submit([statement], attachment === undefined ? [] : [attachment]))
    }
    const after = this.#truth.now
    const { publicKey: boardKey } = this.#board
    this.#truth.alone.push({ person: climber.id, boardKey, at_ms: this.#agenda.now_ms, what, before, after })
  }

  #said(...changes: readonly Change[]): readonly Draft[] {
    return changes.map((change) => ({ change }))
  }

  #everywhere(): readonly DoorId[] {
    return [...this.#site.doors.map(({ id }) => id), this.#site.vault]
  }

  /** Groups, grants, schedules, cards: whatever ends in coming in. */
  #ofRights(): readonly Ladder[] {
    const { groups, grants, schedules, enroller, climber } = this.#site
    const { id: person } = climber
    const open = { from: null, until: null }
    const recipient = enroller.publicKey
    const pick = <Item>(items: readonly Item[]): Item => this.#chance.pick(items)
    const card = () => ({ credential: this.#owner.newId<"CredentialId">(), uid: this.#chance.bytes(7), keys: null })
    return [
      ["member add", () => this.#said({ kind: "member add", group: pick(groups), person, ...open })],
      ["person restore", () => this.#said({ kind: "person restore", person })],
      ["person traits", () => this.#said({ kind: "person traits", person, traits: ["extended", "responder"] })],
      ["credential add", () => [cardDraft(this.#owner, person, card(), recipient)]],
      ["credential add, a PIN", () => [pinDraft(person, this.#owner.newId<"CredentialId">(), recipient)]],
      [
        "grant set, an old one",
        () => {
          const { id: grant, group } = pick(grants)
          return this.#said({ kind: "grant set", grant, group, doors: this.#everywhere(), schedule: null })
        },
      ],
      [
        "a group, a grant and herself",
        () => {
          const [group, grant] = [this.#owner.newId<"GroupId">(), this.#owner.newId<"GrantId">()]
          return this.#said(
            { kind: "group set", group, name: "Ladder" },
            { kind: "grant set", grant, group, doors: this.#everywhere(), schedule: null },
            { kind: "member add", group, person, ...open },
          )
        },
      ],
      [
        "herself in a group, and a grant for it",
        () => {
          const [group, grant] = [this.#owner.newId<"GroupId">(), this.#owner.newId<"GrantId">()]
          return this.#said(
            { kind: "group set", group, name: "Ladder" },
            { kind: "member add", group, person, ...open },
            { kind: "grant set", grant, group, doors: this.#everywhere(), schedule: null },
          )
        },
      ],
      [
        "schedule set",
        () => {
          const { id, plan } = pick(schedules)
          return [scheduleDraft(id, plan.name, this.#plan.zone, ALWAYS)]
        },
      ],
      [
        "a schedule, and a grant by it",
        () => {
          const id = this.#owner.newId<"ScheduleId">()
          const { id: grant, group } = pick(grants)
          return [
            scheduleDraft(id, "Ladder", this.#plan.zone, ALWAYS),
            ...this.#said({ kind: "grant set", grant, group, doors: this.#everywhere(), schedule: id }),
          ]
        },
      ],
    ]
  }

  /** What a door wants to see, how many people it wants, whose orders it takes, and which board it has. */
  #ofDoors(): readonly Ladder[] {
    const { vault } = this.#site
    const night = this.#site.schedules.at(-1)?.id
    assert(night !== undefined, "there is a schedule for the night")
    const modes: readonly Mode<ScheduleId>[] = [
      { schedule: night, factors: "pin" },
      { schedule: null, factors: "card or pin" },
    ]
    const journalKey = this.#board.publicKey
    const hpkeKey = hpkeKeyPair(this.#chance.bytes(32)).publicKey
    const pair: Change = { kind: "lock pair", door: vault, journalKey, hpkeKey, serial: "Ladder" }
    return [
      ["door set, what it wants", () => this.#set(this.#chance.pick(this.#everywhere()), { modes })],
      ["door set, whose orders it takes", () => this.#set(vault, { remoteActs: ACTS })],
      ["door set, how many people it wants", () => this.#set(vault, { twoPerson_ms: 0 })],
      ["lock pair", () => this.#said(pair)],
      ["lock pair, twice", () => this.#said(pair, pair)],
    ]
  }

  #set(door: DoorId, changed: Partial<DoorConfig<ScheduleId>>): readonly Draft[] {
    const known = this.#truth.now.doors.get(door)
    if (known === undefined) return []
    const config = { ...known.config, ...changed }
    return [
      this.#owner.labelled(door, "Ladder", (commitment) => ({
        kind: "door set",
        door,
        commitment,
        config,
        place: null,
      })),
    ]
  }

  /** Keys, sheets, and what only the keeper or a lock may be told. */
  #ofOffices(): readonly Ladder[] {
    const { climber, doors } = this.#site
    const { id: person } = climber
    const key = this.#board.publicKey
    const terms = { keyKind: "software", kinds: null, notAfter: null, credentialId: null, backupFlags: 0 } as const
    const sheets = hpkeKeyPair(this.#chance.bytes(32))
    this.#truth.receiverKeys.set(person, sheets) // Where nobody else may name her, she may.
    return [
      ["delegate", () => this.#said({ kind: "delegate", person, key, ...terms })],
      ["receiver set", () => this.#said({ kind: "receiver set", person, key: sheets.publicKey })],
      [
        "order",
        () => {
          const { id: door } = this.#chance.pick(doors)
          const version = this.#truth.now.issued.get(door)?.version
          return version === undefined ? [] : this.#said({ kind: "order", door, act: "unlock", value: 0, version })
        },
      ],
    ]
  }
}
