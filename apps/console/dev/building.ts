/**
 * A pretend site for working on the console alone: real keys, real logs, real statements, and doors that make things up.
 *
 * Everything that the console verifies is made with the same core that the keeper and the locks use, so a proof that holds
 * here holds for the right reason. It is no keeper: it admits what is signed and compiles nothing. Never part of the bundle.
 */
import {
  admitAll,
  type Change,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  foundSite,
  type ObjectId,
  type Root,
  type State,
} from "@holdfast/access"
import { encodeRoot, labelCommitment, rootToSign, siteIdOf, statementToSign } from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import {
  type CredentialId,
  type DoorId,
  type GroupId,
  idOf,
  type PersonId,
  secondsOf,
  unixMillis,
  unixSeconds,
  uptime,
} from "@holdfast/base"
import { publicKey } from "@holdfast/base/cose"
import {
  checkpointBytesToSign,
  encodeCheckpoint,
  encodeEntry,
  LogWriter,
  pathOf,
  type TreeHead,
  type Verifier,
  verifierOf,
} from "@holdfast/ledger"
import {
  batchToSign,
  type ChainHead,
  commitment,
  type Detail,
  encodeDetail,
  encodeRecord,
  genesis,
  headAfter,
  makeBatch,
  type RecordKind,
  type Result,
  signedBatch,
} from "@holdfast/lock"
import {
  type Ed25519Signer,
  type Es256Signer,
  newEd25519,
  newEs256,
  newHpkeKeyPair,
  nodeCrypto,
} from "@holdfast/port-node"
import { randomBytes } from "node:crypto"

const PERIOD = "2026Q4"
const ZONE = "Europe/Berlin"
const NAMES =
  "Ana Weber,Bo Lindqvist,Chidi Okafor,Dana Novak,Emre Yilmaz,Farah Haddad,Grete Hansen,Hugo Moreau,Ines Costa"

export const chance = (size: number): Uint8Array => Uint8Array.from(randomBytes(size))
export const newId = <Name extends string>() => idOf<Name>(chance(16))

/** One log in memory. */
export class MemoryLog {
  readonly files = new Map<string, Uint8Array>()
  readonly writer = new LogWriter(nodeCrypto)
  readonly verifier: Verifier
  head: TreeHead = { size: 0, root: new Uint8Array(32) }
  readonly #key: Ed25519Signer

  constructor(origin: string, key: Ed25519Signer) {
    this.#key = key
    this.verifier = verifierOf(origin, key.publicKey, nodeCrypto)
  }

  append(entries: readonly Uint8Array[]): void {
    for (const entry of entries) this.writer.append(entry)
    const { files, size, root } = this.writer.grow()
    for (const { file, bytes } of files) this.files.set(pathOf(file), bytes)
    this.head = { size, root }
    const checkpoint = { origin: this.verifier.name, size, root, extensions: [] }
    const signature = this.#key.sign(checkpointBytesToSign(checkpoint))
    this.files.set("checkpoint", encodeCheckpoint(checkpoint, this.verifier, signature))
  }
}

type Lock = { readonly key: Es256Signer; head: ChainHead }
export type MadeRecord = {
  readonly door: DoorId
  readonly sequence: number
  readonly entry: number
  readonly kind: RecordKind
  readonly result: Result
  readonly at_ms: number
  readonly commitment: Uint8Array
  readonly salt: Uint8Array
  readonly detail: Uint8Array
}

export class Building {
  readonly founding = newEs256()
  readonly hpke = newHpkeKeyPair()
  readonly logKey = newEd25519()
  readonly site: ReturnType<typeof siteIdOf>
  readonly rootBytes: Uint8Array
  readonly authority: MemoryLog
  readonly events: MemoryLog
  readonly labels = new Map<string, { salt: Uint8Array; text: string }>()
  readonly records: MadeRecord[] = []
  readonly locks = new Map<DoorId, Lock>()
  state: State

  constructor(origin: string) {
    const root: Root = {
      version: 1,
      keys: [this.founding.publicKey],
      threshold: 1,
      keeper: newEs256().publicKey,
      logKey: this.logKey.publicKey,
      keeperHpke: this.hpke.publicKey,
      origins: [origin],
      rpId: "localhost",
      epoch: 1,
      createdAt: unixSeconds(Math.floor(Date.now() / 1000)),
    }
    this.site = siteIdOf(encodeRoot(root), nodeCrypto)
    const signable = rootToSign(root, this.site, this.founding.publicKey, nodeCrypto)
    this.rootBytes = signable.finish(this.founding.sign(signable.bytes))
    this.authority = new MemoryLog(`${this.site}/authority/${PERIOD}`, this.logKey)
    this.events = new MemoryLog(`${this.site}/events/${PERIOD}`, this.logKey)
    const first = { type: ENTRY_ROOT, admittedAt: unixMillis(Date.now()), bytes: this.rootBytes }
    const founded = foundSite(first, nodeCrypto)
    if (!founded.ok) throw new RangeError(founded.fault)
    this.state = founded.state
    this.authority.append([encodeEntry(first)])
  }

  /** Admits statements as a keeper would and logs those that may be. */
  admit(statements: readonly Uint8Array[]): ReturnType<typeof admitAll>["outcomes"] {
    const now = unixMillis(Math.max(Date.now(), this.state.admittedAt))
    const candidates = statements.map((bytes) => ({ type: ENTRY_STATEMENT, bytes }))
    const admission = admitAll(this.state, candidates, now, nodeCrypto)
    this.state = admission.state
    const entries = statements.flatMap((bytes, at) =>
      admission.outcomes[at]?.ok === true ? [encodeEntry({ type: ENTRY_STATEMENT, admittedAt: now, bytes })] : [],
    )
    if (entries.length > 0) this.authority.append(entries)
    return admission.outcomes
  }

  /** States a change as the founding key. */
  stateAsRoot(changes: readonly Change[]): void {
    const now = secondsOf(unixMillis(Date.now()))
    const statements = changes.map((change) => {
      const body = {
        author: "root" as const,
        chain: [],
        issuedAt: now,
        notAfter: unixSeconds(now + 200),
        nonce: chance(16),
        expects: [],
        change,
      }
      const prepared = statementToSign(this.site, body, this.founding.publicKey, "key", nodeCrypto)
      return prepared.finish(this.founding.sign(prepared.bytes))
    })
    for (const outcome of this.admit(statements)) if (!outcome.ok) throw new RangeError(outcome.fault)
  }

  label(id: ObjectId, text: string): Uint8Array {
    const salt = chance(16)
    this.labels.set(id, { salt, text })
    return labelCommitment(salt, text, nodeCrypto)
  }

  /** The first person enters at the first door with the code for duress. */
  somebodyIsForced(at_ms: number): void {
    const [person] = this.state.people.keys()
    const [door] = this.locks.keys()
    if (person === undefined || door === undefined) throw new RangeError("nobody")
    this.happen(door, "admitted", "done", { person, mark: 1 }, at_ms)
  }

  /** One event at a door, signed by its lock and logged as a batch of its own. */
  happen(door: DoorId, kind: RecordKind, result: Result, detail: Detail, at_ms: number): MadeRecord {
    const lock = this.locks.get(door)
    if (lock === undefined) throw new RangeError("no lock")
    const salt = chance(16)
    const detailBytes = encodeDetail(detail)
    const committed = commitment(nodeCrypto, salt, detailBytes)
    const sequence = lock.head.next
    const record = encodeRecord({
      sequence,
      boot: 1,
      kind,
      result,
      flags: 0,
      uptime_ms: uptime(sequence * 977),
      wall_ms: unixMillis(at_ms),
      commitment: committed,
    })
    const batch = makeBatch(nodeCrypto, door, lock.head, record, this.authority.head, null)
    const signature = lock.key.sign(batchToSign(nodeCrypto, this.site, lock.key.publicKey, batch))
    const bytes = signedBatch(nodeCrypto, lock.key.publicKey, batch, signature)
    const entry = this.events.writer.size
    this.events.append([encodeEntry({ type: 16, admittedAt: unixMillis(Math.max(at_ms, 0)), bytes })])
    lock.head = headAfter(batch)
    const made = { door, sequence, entry, kind, result, at_ms, commitment: committed, salt, detail: detailBytes }
    this.records.push(made)
    return made
  }
}

const ROOMS: readonly (readonly [string, readonly (readonly [string, number, number, number, number])[]])[] = [
  [
    "Ground floor",
    [
      ["Entrance hall", 900, 1000, 600, 600],
      ["Reception", 1500, 1000, 500, 600],
      ["Corridor", 0, 700, 2400, 300],
      ["Workshop", 0, 1000, 900, 600],
      ["Store", 2000, 1000, 400, 600],
      ["Office west", 0, 0, 800, 700],
      ["Meeting room", 800, 0, 600, 700],
      ["Kitchen", 1400, 0, 500, 700],
      ["Stairs", 1900, 0, 500, 700],
    ],
  ],
  [
    "First floor",
    [
      ["Laboratory", 0, 0, 1200, 800],
      ["Server room", 1200, 0, 500, 800],
      ["Landing", 0, 800, 1700, 300],
    ],
  ],
]
const DOORS: readonly (readonly [string, string, number, number, number])[] = [
  ["Main entrance", "Ground floor", 1200, 1600, 180],
  ["Hall to corridor", "Ground floor", 1200, 1000, 0],
  ["Workshop", "Ground floor", 450, 1000, 0],
  ["Goods entrance", "Ground floor", 0, 1300, 270],
  ["Store", "Ground floor", 2200, 1000, 0],
  ["Office west", "Ground floor", 400, 700, 180],
  ["Meeting room", "Ground floor", 1000, 700, 180],
  ["Stairs", "Ground floor", 2150, 700, 180],
  ["Laboratory", "First floor", 600, 800, 180],
  ["Server room", "First floor", 1450, 800, 180],
]

/** Founds the pretend building: two floors, ten doors, `people` people, three groups. */
export function makeBuilding(origin: string, people: number): Building {
  const building = new Building(origin)
  const doors = DOORS.map((door) => [newId<"DoorId">(), ...door] as const)
  const persons = Array.from({ length: people }, () => newId<"PersonId">())
  const names = NAMES.split(",")
  const groups = ["Everybody", "Laboratory", "Cleaners"].map(
    (name) => [newId<"GroupId">() satisfies GroupId, name] as const,
  )
  building.stateAsRoot([
    ...ROOMS.map(
      ([floor, rooms]): Change => ({
        kind: "plan",
        floor,
        rooms: rooms.map(([name, x_cm, y_cm, width_cm, height_cm]) => ({ name, x_cm, y_cm, width_cm, height_cm })),
      }),
    ),
    ...doors.map(
      ([door, name, floor, x_cm, y_cm, angle_deg], at): Change => ({
        kind: "door set",
        door,
        commitment: building.label(door, name),
        config: { ...defaultConfig(ZONE), failMode: at % 3 === 0 ? "safe" : "secure" },
        place: { floor, x_cm, y_cm, angle_deg },
      }),
    ),
    ...persons.map(
      (person, at): Change => ({
        kind: "person add",
        person,
        commitment: building.label(person, names[at] ?? `Person ${at + 1}`),
      }),
    ),
    ...persons.map(
      (person): Change => ({
        kind: "credential add",
        credential: newId<"CredentialId">() satisfies CredentialId,
        person,
        what: "card",
        commitment: chance(32),
        recipient: newHpkeKeyPair().publicKey,
      }),
    ),
    ...groups.map(([group, name]): Change => ({ kind: "group set", group, name })),
    ...persons.map(
      (person, at): Change => ({
        kind: "member add",
        group: groups[at % 3 === 0 ? 1 : 0]?.[0] ?? newId<"GroupId">(),
        person,
        from: null,
        until: null,
      }),
    ),
    ...groups.map(
      ([group], at): Change => ({
        kind: "grant set",
        grant: newId<"GrantId">(),
        group,
        doors: doors
          .slice(at * 3, at * 3 + 4)
          .map(([door]) => door)
          .sort(),
        schedule: null,
      }),
    ),
  ])
  building.stateAsRoot(
    doors.slice(0, 9).map(([door], at): Change => {
      const key = newEs256()
      building.locks.set(door, { key, head: genesis(nodeCrypto, building.site, door, key.publicKey) })
      return {
        kind: "lock pair",
        door,
        journalKey: publicKey(key.publicKey),
        hpkeKey: newHpkeKeyPair().publicKey,
        serial: `VB-${String(at + 1).padStart(4, "0")}`,
      }
    }),
  )
  return building
}

/** Names an administrator whose software key is this one; answers the delegation's id. */
export function appoint(building: Building, key: Uint8Array, text: string): { person: PersonId; delegation: string } {
  const person = newId<"PersonId">()
  const change: Change = {
    kind: "delegate",
    person,
    key: publicKey(key),
    keyKind: "software",
    kinds: null,
    notAfter: null,
    credentialId: null,
    backupFlags: 0,
  }
  const before = new Set(building.state.delegations.keys())
  building.stateAsRoot([{ kind: "person add", person, commitment: building.label(person, text) }, change])
  const delegation = [...building.state.delegations.keys()].find((id) => !before.has(id))
  return { person, delegation: delegation ?? "" }
}
