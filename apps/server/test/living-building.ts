/**
 * A building alive for one test: a real keeper process, the server as the command starts it, a real database, real locks on
 * real lines, and an administrator at the API.
 */
import { ok } from "node:assert/strict"
import { rmSync } from "node:fs"
import { test } from "node:test"
import { decodeIssuedSecret } from "@holdfast/access"
import { defaultConfig } from "@holdfast/access/door"
import type { CredentialId, DoorId, PersonId } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import {
  type Answered,
  type Client,
  client as clientOf,
  type Door,
  type Heard,
  type RequestOf,
} from "@holdfast/contract"
import { boardName } from "@holdfast/lock/pairing"
import { hpkeInfo, newHpkeKeyPair, nodeCrypto, openSealed } from "@holdfast/port-node"
import type { Settings } from "../src/settings.ts"
import { type Authority, makeAuthority, makeBoardPair } from "./certificates.ts"
import { freshFolder, postgresForTests, withDatabase } from "./embedded-postgres.ts"
import { FoundedSite, freshId, KeeperProcess, labelled } from "./keeper-process.ts"
import { MqttLock } from "./mqtt-lock.ts"
import { ORIGIN, settingsFor, urlOf } from "./written-settings.ts"
import { ServerProcess } from "./server-process.ts"
import { Stirring } from "./stirring.ts"

const TEST_MS_MAX = 90_000
const FACT_MS_MAX = 45_000

export class Building {
  readonly data: string
  readonly founded: FoundedSite
  readonly keeper: KeeperProcess
  readonly authority: Authority
  settings: Settings
  server: ServerProcess
  client: Client
  token = ""
  readonly #locks: MqttLock[] = []
  #listening = new AbortController()
  readonly #stirring = new Stirring()

  private constructor(
    data: string,
    founded: FoundedSite,
    authority: Authority,
    settings: Settings,
    server: ServerProcess,
  ) {
    this.data = data
    this.founded = founded
    this.keeper = founded.keeper
    this.authority = authority
    this.settings = settings
    this.server = server
    this.client = clientOf(this.api, fetch)
  }

  get api(): string {
    return `http://127.0.0.1:${this.server.said.api_port}`
  }

  static async open(data: string, keeper: KeeperProcess, database_url: string): Promise<Building> {
    const founded = await FoundedSite.found(keeper, ORIGIN)
    const authority = makeAuthority("this site")
    const settings = {
      ...settingsFor({ data, site: founded.site }, database_url, authority),
      keeper_socket: keeper.socket,
    }
    const building = new Building(data, founded, authority, settings, await ServerProcess.start(settings))
    building.token = await founded.token(building.client)
    await building.#listen()
    return building
  }

  /** Kills the server without a warning and starts it again on its ports. */
  async killServer(): Promise<void> {
    const { api_port, mqtt_port } = this.server.said
    await this.server.kill()
    const { api, mqtt } = this.settings
    this.settings = { ...this.settings, api: { ...api, port: api_port ?? 0 }, mqtt: { ...mqtt, port: mqtt_port ?? 0 } }
    this.server = await ServerProcess.start(this.settings)
    await this.#listen()
  }

  async close(): Promise<void> {
    this.#listening.abort()
    for (const lock of this.#locks) await lock.off()
    await this.server.stop()
  }

  lock(door: DoorId): MqttLock {
    const lock = new MqttLock(this.founded.site, door, this.keeper.keys, () => this.#stirring.stir())
    this.#locks.push(lock)
    return lock
  }

  link(lock: MqttLock): Promise<void> {
    const pair = makeBoardPair(this.authority, `lock:${lock.door}`, boardName(lock.journal.publicKey, nodeCrypto))
    return lock.link({ port: this.server.said.mqtt_port ?? 0, ca: this.authority.certificate, pair })
  }

  async door(door: DoorId): Promise<Door> {
    const answered = await this.client.ask("door", { params: { door } }, { token: this.token })
    return answerOf(answered)
  }

  /** Facts are looked at again whenever the server tells something or a lock here takes a turn. */
  async until(what: string, fact: () => Promise<boolean> | boolean): Promise<void> {
    const end_ms = Date.now() + FACT_MS_MAX
    for (;;) {
      const seen = this.#stirring.count
      if (await fact()) return
      const isMore = await this.#stirring.beyond(seen, end_ms)
      ok(isMore, `${what}; the server said ${this.server.lines.slice(-20).join("\n")}`)
    }
  }

  async #listen(): Promise<void> {
    this.#listening.abort()
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const events = answerOf(await this.client.listen({ token: this.token, last_event_id: null, signal }))
    void this.#follow(events).catch(() => undefined) // Killed or closed: what waits then fails at its own time.
  }

  async #follow(events: AsyncIterable<Heard>): Promise<void> {
    for await (const _ of events) this.#stirring.stir()
  }
}

/** The answer, which no fault took the place of. */
export function answerOf<Answer>(answered: Answered<Answer>): Answer {
  ok(answered.ok, answered.ok ? "" : `${answered.fault} ${answered.detail}`)
  return answered.answer
}

const postgres = postgresForTests()

/** A test with a building of its own. */
export function inBuilding(name: string, run: (building: Building) => Promise<void>): void {
  test(name, { timeout: TEST_MS_MAX }, async () => {
    const data = freshFolder()
    const keeper = await KeeperProcess.start(data)
    try {
      await withDatabase(postgres(), async (connection) => {
        const building = await Building.open(data, keeper, urlOf(connection))
        try {
          await run(building)
        } finally {
          await building.close()
        }
      })
    } finally {
      await keeper.stop()
      rmSync(data, { recursive: true })
    }
  })
}

export type Furnished = {
  readonly lock: MqttLock
  readonly person: PersonId
  readonly pin: string
  readonly duress: string
}

/** A door that wants a PIN, a lock paired with it, a person with a PIN who may always come in. */
export async function furnish(building: Building): Promise<Furnished> {
  const [door, person] = [freshId<"DoorId">(), freshId<"PersonId">()]
  const [group, grant] = [freshId<"GroupId">(), freshId<"GrantId">()]
  const { founded, client, token } = building
  const made = building.lock(door)
  const config = { ...defaultConfig("Europe/Berlin"), modes: [{ schedule: null, factors: "pin" as const }] }
  const keys = { journalKey: made.journal.publicKey, hpkeKey: made.hpke.publicKey, serial: "lock 1" }
  const recipient = newHpkeKeyPair()
  const credential = freshId<"CredentialId">()
  const pinChange = {
    kind: "credential add",
    credential,
    person,
    what: "pin",
    commitment: new Uint8Array(32),
    recipient: recipient.publicKey,
  } as const
  const { issued } = await founded.state(
    client,
    token,
    labelled(door, "Front door", (commitment) => ({ kind: "door set", door, commitment, config, place: null })),
    { change: { kind: "lock pair", door, ...keys } },
    labelled(person, "Ana", (commitment) => ({ kind: "person add", person, commitment })),
    { change: pinChange },
    { change: { kind: "group set", group, name: "Staff" } },
    { change: { kind: "member add", group, person, from: null, until: null } },
    { change: { kind: "grant set", grant, group, doors: [door], schedule: null } },
  )
  const [secret] = issued
  const opened = openSealed(
    recipient,
    hpkeInfo("issued", founded.site),
    fromBase64(secret?.sealed ?? "") ?? new Uint8Array(),
  )
  return { lock: made, person, ...codesIn(opened, credential) }
}

function codesIn(opened: Uint8Array | null, credential: CredentialId): Pick<Furnished, "pin" | "duress"> {
  const issued = opened === null ? null : decodeIssuedSecret(opened)
  ok(issued?.kind === "pin" && issued.duress !== undefined, `the keeper issued codes for ${credential}`)
  return { pin: issued.pin, duress: issued.duress }
}

/** The lock is on, linked, and applies the newest policy under a lease. */
export async function work(building: Building, lock: MqttLock): Promise<void> {
  lock.switchOn()
  await building.link(lock)
  await building.until("the policy is applied under a lease", async () => {
    const { issued, applied, lease_ends_at_ms } = await building.door(lock.door)
    return (
      issued !== null && applied !== null && applied.version.size === issued.version.size && lease_ends_at_ms !== null
    )
  })
}

export async function kinds(building: Building, query: RequestOf<"activity">["query"]): Promise<string[]> {
  const answered = await building.client.ask("activity", { query }, { token: building.token })
  ok(answered.ok)
  return answered.answer.records.map(({ kind, result }) => (result === "done" ? kind : `${kind}: ${result}`))
}

/** Sequences of a door's records that are missing or come twice. */
export async function gaps({ client, token }: Building, door: DoorId): Promise<number[]> {
  const answered = await client.ask("activity", { query: { door, limit: 500 } }, { token })
  ok(answered.ok)
  const sequences = answered.answer.records.map(({ sequence }) => sequence).sort((a, b) => a - b)
  ok(sequences.length > 0, "there are records")
  return sequences.filter((sequence, at) => sequence !== at + 1)
}
