/**
 * Founding the building of a badge log: statements for doors, people, groups and grants, cards for badges, paired boards.
 *
 * The same founder, the same keeper and the same boards as in a building that lives; only time is virtual.
 */
import type { Change } from "@holdfast/access"
import { defaultConfig } from "@holdfast/access/door"
import {
  type CredentialId,
  type DoorId,
  idOf,
  type PersonId,
  type SiteId,
  type UnixMillis,
  unixMillis,
} from "@holdfast/base"
import { type BoardKeys, boardKeys, type Card, Cards } from "@holdfast/board"
import { credentialDraft, type Draft, Founder, labelled, signDeed } from "@holdfast/holdfast"
import type { Keeper } from "@holdfast/keeper"
import { type Disk, type Es256Signer, NodeDisk, newEs256 } from "@holdfast/port-node"
import { join } from "node:path"
import { OPEN_FROM_MIN, OPEN_UNTIL_MIN, type ReplayBuilding, ROOM_HEIGHT_CM, ROOM_WIDTH_CM } from "./building.ts"

export type FoundOptions = {
  readonly keeper: Keeper
  readonly directory: string
  readonly building: ReplayBuilding
  readonly zone: string
  readonly origin: string
  now(): UnixMillis
  random(size: number): Uint8Array
}

export type FoundDoor = { readonly id: DoorId; readonly keys: BoardKeys; readonly disk: Disk }

export type FoundBuilding = {
  readonly site: SiteId
  /** The signed root metadata. */
  readonly deed: Uint8Array
  readonly foundingKey: Es256Signer
  readonly doors: ReadonlyMap<string, FoundDoor>
  readonly cards: ReadonlyMap<string, Card>
}

const EVERY_DAY = 127
const BADGES_AT_ONCE = 64

class ReplayFounder {
  readonly #options: FoundOptions
  readonly #key = newEs256()
  readonly #doors = new Map<string, FoundDoor>()
  readonly #people = new Map<string, PersonId>()

  constructor(options: FoundOptions) {
    this.#options = options
  }

  async found(): Promise<FoundBuilding> {
    const { keeper, origin, now, random } = this.#options
    const deed = signDeed(this.#key, keeper.keys(), { origins: [origin], rpId: "localhost" }, now())
    await keeper.found(deed.bytes)
    const founder = new Founder({
      site: deed.site,
      keeperHpke: keeper.keys().keeperHpke,
      key: this.#key,
      submit: (statements, attachments) => keeper.submit(statements, attachments),
      now,
      random,
    })
    await founder.state([...this.#drawings(), ...this.#doorDrafts(), ...this.#peopleDrafts()])
    const cards = await this.#issueCards(founder, deed.site)
    await founder.state(this.#rights())
    return { site: deed.site, deed: deed.bytes, foundingKey: this.#key, doors: this.#doors, cards }
  }

  #drawings(): Draft[] {
    return this.#options.building.floors.map(({ floor, rooms }) => ({
      change: {
        kind: "plan",
        floor,
        rooms: rooms.map((room) => ({ ...room, width_cm: ROOM_WIDTH_CM, height_cm: ROOM_HEIGHT_CM })),
      },
    }))
  }

  #doorDrafts(): Draft[] {
    const { building, zone, random, directory } = this.#options
    return building.doors.flatMap((door): Draft[] => {
      const id = idOf<"DoorId">(random(16))
      const disk = new NodeDisk(join(directory, "boards", id))
      const keys = boardKeys(disk, random)
      disk.replace("board.json", Buffer.from(JSON.stringify({ failMode: "secure" })))
      this.#doors.set(door.name, { id, keys, disk })
      const place = { floor: door.floor, x_cm: door.x_cm + ROOM_WIDTH_CM / 2, y_cm: door.y_cm, angle_deg: 0 }
      const config = defaultConfig(zone)
      const { journal, hpke, serial } = keys
      return [
        labelled((commitment) => ({ kind: "door set", door: id, commitment, config, place }), id, door.name, random),
        { change: { kind: "lock pair", door: id, journalKey: journal.publicKey, hpkeKey: hpke.publicKey, serial } },
      ]
    })
  }

  #peopleDrafts(): Draft[] {
    const { building, random } = this.#options
    return building.badges.map((badge) => {
      const person = idOf<"PersonId">(random(16))
      this.#people.set(badge, person)
      return labelled((commitment) => ({ kind: "person add", person, commitment }), person, badge, random)
    })
  }

  /** One card a badge; the keeper makes its keys and seals them to it. */
  async #issueCards(founder: Founder, site: SiteId): Promise<ReadonlyMap<string, Card>> {
    const { building, random, directory } = this.#options
    const drawer = new Cards(new NodeDisk(join(directory, "boards")))
    const cards = new Map<string, Card>()
    for (let from = 0; from < building.badges.length; from += BADGES_AT_ONCE) {
      const made = new Map<CredentialId, string>()
      const drafts = building.badges.slice(from, from + BADGES_AT_ONCE).flatMap((badge): Draft[] => {
        const person = this.#people.get(badge)
        if (person === undefined) return []
        const { card, uid, encoder } = drawer.make(badge, random)
        const credential = idOf<"CredentialId">(random(16))
        made.set(credential, card)
        return [credentialDraft(person, credential, "card", uid, encoder.publicKey, random)]
      })
      for (const { credential, sealed } of await founder.state(drafts)) {
        const card = made.get(credential)
        if (card !== undefined) drawer.personalise(card, site, 0, sealed)
      }
      for (const name of made.values()) {
        const card = drawer.get(name)
        if (card !== null) cards.set(card.label, card)
      }
    }
    return cards
  }

  /** A group a door: whoever was seen there may open it, by the one schedule. */
  #rights(): Draft[] {
    const { building, zone, random } = this.#options
    const schedule = idOf<"ScheduleId">(random(16))
    const rules = [{ days: EVERY_DAY, from_min: OPEN_FROM_MIN, until_min: OPEN_UNTIL_MIN }]
    const changes: Change[] = [
      { kind: "schedule set", schedule, name: "Every day 06:00 to 20:00", zone, rules, closedDays: [] },
    ]
    for (const door of building.doors) {
      const id = this.#doors.get(door.name)?.id
      if (id === undefined || door.admits.length === 0) continue
      const group = idOf<"GroupId">(random(16))
      changes.push({ kind: "group set", group, name: door.name })
      for (const badge of door.admits) {
        const person = this.#people.get(badge)
        if (person !== undefined) changes.push({ kind: "member add", group, person, from: null, until: null })
      }
      changes.push({ kind: "grant set", grant: idOf<"GrantId">(random(16)), group, doors: [id], schedule })
    }
    return changes.map((change) => ({ change }))
  }
}

export function foundReplay(options: FoundOptions): Promise<FoundBuilding> {
  return new ReplayFounder(options).found()
}

/** When the building is founded: an hour before the first badge is shown. */
export function foundingTime(first: UnixMillis): UnixMillis {
  return unixMillis(first - 3_600_000)
}
