/**
 * A site to test with: a keeper on a disk of one's choice under a clock that only the test moves, its root key, and one lock.
 *
 * Everything signed is signed for real. Names of objects are words, and the same word is always the same id.
 */
import type { Change, Root } from "@holdfast/access"
import {
  encodeOpening,
  labelCommitment,
  encodeRoot,
  rootToSign,
  siteIdOf,
  statementToSign,
  uidCommitment,
} from "@holdfast/access/author"
import { type DoorConfig, defaultConfig } from "@holdfast/access/door"
import {
  assert,
  type CredentialId,
  type DoorId,
  type GrantId,
  type GroupId,
  type Id,
  idOf,
  type PersonId,
  type SiteId,
  secondsOf,
  unixMillis,
  unixSeconds,
  uptime,
} from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { Keeper, type KeeperPorts, nodeKeyring, nodeZoneTable } from "@holdfast/keeper"
import {
  type Batch,
  type ChainHead,
  commitment,
  type Detail,
  encodeDetail,
  encodeOpenings,
  encodeRecord,
  genesis,
  headAfter,
  type JournalRecord,
  makeBatch,
  batchToSign,
  signedBatch,
} from "@holdfast/lock"
import {
  type Disk,
  type Es256Signer,
  type HpkeKeyPair,
  hpkeInfo,
  newEs256,
  newHpkeKeyPair,
  nodeCrypto,
  sealTo,
} from "@holdfast/port-node"
import type { Attachment } from "@holdfast/wire"
import { randomBytes } from "node:crypto"

export const NOW_MS = 1_795_305_600_000 // 2026-11-22T00:00:00Z

export function idFor<Name extends string>(word: string): Id<Name> {
  return idOf<Name>(nodeCrypto.sha256(utf8(word)).slice(0, 16))
}

export const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

/** Time that stands still until the test moves it. */
export class TestClock {
  wall_ms = NOW_MS
  uptime_ms = 0
  pass(ms: number): void {
    this.wall_ms += ms
    this.uptime_ms += ms
  }
}

export function portsOf(disk: Disk, clock: TestClock): KeeperPorts {
  return {
    disk,
    crypto: nodeCrypto,
    now: () => unixMillis(clock.wall_ms),
    uptime: () => clock.uptime_ms,
    random,
    zoneTable: nodeZoneTable,
    keyring: nodeKeyring,
  }
}

export type Draft = { readonly change: Change; readonly attachment?: Attachment }

/** A root key and what it states. It outlives the keeper's process, as an owner does. */
export class Owner {
  readonly key: Es256Signer = newEs256()
  readonly clock: TestClock
  readonly hpke: Uint8Array
  readonly site: SiteId
  readonly root: Uint8Array

  constructor(keeper: Keeper, clock: TestClock) {
    this.clock = clock
    this.hpke = keeper.keys().keeperHpke
    const root: Root = {
      version: 1,
      keys: [this.key.publicKey],
      threshold: 1,
      ...keeper.keys(),
      origins: ["http://localhost:8080"],
      rpId: "localhost",
      epoch: 1,
      createdAt: secondsOf(unixMillis(clock.wall_ms)),
    }
    this.site = siteIdOf(encodeRoot(root), nodeCrypto)
    const signable = rootToSign(root, this.site, this.key.publicKey, nodeCrypto)
    this.root = signable.finish(this.key.sign(signable.bytes))
  }

  sign(change: Change, expects: readonly { object: PersonId | DoorId; index: number }[] = []): Uint8Array {
    const now = secondsOf(unixMillis(this.clock.wall_ms))
    const body = {
      author: "root" as const,
      chain: [],
      issuedAt: now,
      notAfter: unixSeconds(now + 240),
      nonce: random(16),
      expects,
      change,
    }
    const statement = statementToSign(this.site, body, this.key.publicKey, "key", nodeCrypto)
    return statement.finish(this.key.sign(statement.bytes))
  }

  attach(object: Id<string>, salt: Uint8Array, value: string | Uint8Array): Attachment {
    const sealed = sealTo(this.hpke, hpkeInfo("attachment", this.site), encodeOpening({ salt, value }))
    assert(sealed !== null, "the keeper's key is a point")
    return { object, sealed }
  }

  person(name: string): Draft {
    const person = idFor<"PersonId">(name)
    const salt = random(16)
    const change: Change = { kind: "person add", person, commitment: labelCommitment(salt, name, nodeCrypto) }
    return { change, attachment: this.attach(person, salt, name) }
  }

  door(name: string, lease_s = 86_400, more: Partial<DoorConfig<never>> = {}): Draft {
    const door = idFor<"DoorId">(name)
    const salt = random(16)
    const config = {
      ...defaultConfig("Europe/Berlin"),
      modes: [{ schedule: null, factors: "card or pin" as const }],
      lease_s,
      ...more,
    }
    const named = labelCommitment(salt, name, nodeCrypto)
    return {
      change: { kind: "door set", door, commitment: named, config, place: null },
      attachment: this.attach(door, salt, name),
    }
  }

  pin(name: string, person: string, recipient: Uint8Array): Draft {
    const credential = idFor<"CredentialId">(name)
    return {
      change: {
        kind: "credential add",
        credential,
        person: idFor<"PersonId">(person),
        what: "pin",
        commitment: new Uint8Array(32),
        recipient,
      },
    }
  }

  card(name: string, person: string, uid: Uint8Array, recipient: Uint8Array): Draft {
    const credential: CredentialId = idFor<"CredentialId">(name)
    const salt = random(16)
    const committed = uidCommitment(salt, uid, nodeCrypto)
    return {
      change: {
        kind: "credential add",
        credential,
        person: idFor<"PersonId">(person),
        what: "card",
        commitment: committed,
        recipient,
      },
      attachment: this.attach(credential, salt, uid),
    }
  }

  /** A group of people that may always open a door. */
  access(group: string, people: readonly string[], doors: readonly string[]): Draft[] {
    const id: GroupId = idFor<"GroupId">(group)
    const grant: GrantId = idFor<"GrantId">(group)
    return [
      { change: { kind: "group set", group: id, name: group } },
      ...people.map((name): Draft => {
        return { change: { kind: "member add", group: id, person: idFor<"PersonId">(name), from: null, until: null } }
      }),
      {
        change: {
          kind: "grant set",
          grant,
          group: id,
          doors: doors.map((door) => idFor<"DoorId">(door)),
          schedule: null,
        },
      },
    ]
  }

  submit(keeper: Keeper, drafts: readonly Draft[]): ReturnType<Keeper["submit"]> {
    const attachments = drafts.map(({ attachment }) => attachment).filter((each) => each !== undefined)
    return keeper.submit(
      drafts.map(({ change }) => this.sign(change)),
      attachments,
    )
  }

  /** The same, where every statement must be admitted. */
  async state(keeper: Keeper, drafts: readonly Draft[]): ReturnType<Keeper["submit"]> {
    const answer = await this.submit(keeper, drafts)
    for (const outcome of answer.outcomes)
      assert(outcome.admitted, `the keeper admits it: ${outcome.admitted ? "" : outcome.fault}`)
    return answer
  }
}

/** A lock's keys and journal, without the lock. */
export class TestLock {
  readonly key: Es256Signer = newEs256()
  readonly hpke: HpkeKeyPair = newHpkeKeyPair()
  readonly door: DoorId
  readonly site: SiteId
  readonly keeperHpke: Uint8Array
  head: ChainHead

  constructor(owner: Owner, door: string) {
    this.door = idFor<"DoorId">(door)
    this.site = owner.site
    this.keeperHpke = owner.hpke
    this.head = genesis(nodeCrypto, this.site, this.door, this.key.publicKey)
  }

  pairing(): Draft {
    const { door, key, hpke } = this
    return {
      change: { kind: "lock pair", door, journalKey: key.publicKey, hpkeKey: hpke.publicKey, serial: "TEST-1" },
    }
  }

  /** The next batch of so many records, signed, with its openings sealed; the last with more in its detail, or another word. */
  batch(
    count: number,
    more: Detail = {},
    said: Partial<JournalRecord> = {},
  ): { readonly entry: Uint8Array; readonly openings: Uint8Array; readonly batch: Batch } {
    const records = new Uint8Array(64 * count)
    const openings = []
    for (let i = 0; i < count; i++) {
      const sequence = this.head.next + i
      const salt = random(16)
      const detail = encodeDetail({ person: idFor<"PersonId">("Ana Vidal"), ...(i + 1 === count ? more : {}) })
      openings.push({ sequence, salt, detail })
      const record = encodeRecord({
        sequence,
        boot: 1,
        kind: "admitted",
        result: "done",
        flags: 0,
        uptime_ms: uptime(0),
        wall_ms: unixMillis(NOW_MS + sequence),
        commitment: commitment(nodeCrypto, salt, detail),
        ...(i + 1 === count ? said : {}),
      })
      records.set(record, 64 * i)
    }
    const held = { size: 0, root: nodeCrypto.sha256(new Uint8Array(0)) }
    const batch = makeBatch(nodeCrypto, this.door, this.head, records, held, null)
    this.head = headAfter(batch)
    const signature = this.key.sign(batchToSign(nodeCrypto, this.site, this.key.publicKey, batch))
    const sealed = sealTo(this.keeperHpke, hpkeInfo("openings", this.site), encodeOpenings(openings))
    assert(sealed !== null, "the keeper's key is a point")
    return { entry: signedBatch(nodeCrypto, this.key.publicKey, batch, signature), openings: sealed, batch }
  }
}

export const ANA = "Ana Vidal"
export const BO = "Bo Lindqvist"
export const LOBBY = "Lobby, ground floor"

/** A founded site with two people, a door with its lock, and a PIN and a card for Ana. */
export async function foundedSite(disk: Disk): Promise<{
  keeper: Keeper
  owner: Owner
  lock: TestLock
  clock: TestClock
  enroller: HpkeKeyPair
  issued: Uint8Array[]
}> {
  const clock = new TestClock()
  const keeper = await Keeper.open(portsOf(disk, clock))
  const owner = new Owner(keeper, clock)
  const founded = await keeper.found(owner.root)
  assert(founded.ok, "the site is founded")
  const lock = new TestLock(owner, LOBBY)
  const enroller = newHpkeKeyPair()
  const { issued } = await owner.state(keeper, [
    owner.door(LOBBY),
    lock.pairing(),
    owner.person(ANA),
    owner.person(BO),
    owner.pin("ana's pin", ANA, enroller.publicKey),
    owner.card("ana's card", ANA, Uint8Array.of(4, 1, 2, 3, 4, 5, 6), enroller.publicKey),
    ...owner.access("staff", [ANA], [LOBBY]),
  ])
  return { keeper, owner, lock, clock, enroller, issued: issued.map(({ sealed }) => sealed) }
}
