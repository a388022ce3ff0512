/** From a key press at a lock to the API and back: real keeper process, real broker, real database, a real lock on a real line. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { test } from "node:test"
import { defaultConfig } from "@holdfast/access/door"
import {
  type CredentialId,
  decodeCbor,
  type DoorId,
  fromBase64,
  type PersonId,
  readMap,
  readText,
} from "@holdfast/base"
import type { Client, RequestOf } from "@holdfast/contract"
import { client as clientOf } from "@holdfast/contract"
import { hpkeInfo, newHpkeKeyPair, openSealed } from "@holdfast/port-node"
import { type Running, startServer } from "../src/context.ts"
import { lineLog } from "../src/log.ts"
import { makeAuthority, makePair } from "./certificates.ts"
import { freshFolder, postgresForTests, withDatabase } from "./embedded-postgres.ts"
import { FoundedSite, freshId, KeeperProcess, labelled } from "./keeper-process.ts"
import { MqttLock } from "./mqtt-lock.ts"
import { ORIGIN, settingsFor, urlOf } from "./running-server.ts"
import { rmSync } from "node:fs"

const postgres = postgresForTests()
const TEST_MS_MAX = 90_000

type Building = {
  readonly data: string
  readonly founded: FoundedSite
  readonly keeper: KeeperProcess
  readonly client: Client
  readonly server: Running
  readonly token: string
  readonly lines: string[]
  lock(door: DoorId): MqttLock
  link(lock: MqttLock): Promise<void>
  until(what: string, fact: () => Promise<boolean> | boolean): Promise<void>
  door(door: DoorId): Promise<Awaited<ReturnType<typeof shown>>>
}

async function shown(client: Client, token: string, door: DoorId) {
  const answered = await client.ask("door", { params: { door } }, { token })
  ok(answered.ok, "the door is shown")
  return answered.answer
}

async function inBuilding(run: (building: Building) => Promise<void>): Promise<void> {
  const data = freshFolder()
  const authority = makeAuthority("this site")
  const keeper = await KeeperProcess.start(data)
  const locks: MqttLock[] = []
  const closers: (() => void)[] = []
  try {
    const founded = await FoundedSite.found(keeper, ORIGIN)
    await withDatabase(postgres(), async (connection) => {
      const lines: string[] = []
      const settings = {
        ...settingsFor({ data, site: founded.site }, urlOf(connection), authority),
        keeper_socket: keeper.socket,
      }
      const server = await startServer(
        settings,
        lineLog((line) => lines.push(line), Date.now),
      )
      try {
        const client = clientOf(`http://127.0.0.1:${server.api_port}`, fetch)
        const token = await founded.token(client)
        // Facts are looked at again whenever the server tells something.
        const stop = new AbortController()
        const listening = await client.listen({ token, last_event_id: null, signal: stop.signal })
        ok(listening.ok)
        const events = listening.answer[Symbol.asyncIterator]()
        closers.push(() => stop.abort())
        await run({
          data,
          founded,
          keeper,
          client,
          server,
          token,
          lines,
          lock(door) {
            const lock = new MqttLock(founded.site, door, keeper.keys)
            locks.push(lock)
            return lock
          },
          link: (lock) =>
            lock.link({
              port: server.mqtt_port,
              ca: authority.certificate,
              pair: makePair(authority, "client", `lock:${lock.door}`),
            }),
          door: (door) => shown(client, token, door),
          async until(what, fact) {
            const end = Date.now() + 30_000
            while (!(await fact())) {
              ok(Date.now() < end, `${what}; the server said ${lines.slice(-20).join("\n")}`)
              await events.next()
            }
          },
        })
      } finally {
        for (const close of closers) close()
        for (const lock of locks) await lock.off()
        await server.stop()
      }
    })
  } finally {
    await keeper.stop()
    rmSync(data, { recursive: true })
  }
}

const inTime = (name: string, run: (building: Building) => Promise<void>) =>
  test(name, { timeout: TEST_MS_MAX }, () => inBuilding(run))

/** A door that wants a PIN, a lock paired with it, a person with a PIN who may always come in. */
async function furnish({
  founded,
  client,
  token,
  lock,
}: Building): Promise<{ readonly lock: MqttLock; readonly person: PersonId; readonly pin: string }> {
  const [door, person] = [freshId<"DoorId">(), freshId<"PersonId">()]
  const [group, grant] = [freshId<"GroupId">(), freshId<"GrantId">()]
  const made = lock(door)
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
  return { lock: made, person, pin: pinIn(opened, credential) }
}

function pinIn(opened: Uint8Array | null, credential: CredentialId): string {
  const decoded = opened === null ? null : decodeCbor(opened)
  const pin = decoded?.ok ? readText(readMap(decoded.value, [0, 1, 2])?.get(2), 12) : null
  ok(pin !== null, `the keeper issued a PIN for ${credential}`)
  return pin
}

/** The lock is on, linked, and applies the newest policy under a lease. */
async function work(building: Building, lock: MqttLock): Promise<void> {
  lock.switchOn()
  await building.link(lock)
  await building.until("the policy is applied under a lease", async () => {
    const { issued, applied, lease_ends_at_ms } = await building.door(lock.door)
    return (
      issued !== null && applied !== null && applied.version.size === issued.version.size && lease_ends_at_ms !== null
    )
  })
}

async function kinds(building: Building, query: RequestOf<"activity">["query"]): Promise<string[]> {
  const answered = await building.client.ask("activity", { query }, { token: building.token })
  ok(answered.ok)
  return answered.answer.records.map(({ kind, result }) => (result === "done" ? kind : `${kind}: ${result}`))
}

/** Sequences of a door's records that are missing or come twice. */
async function gaps({ client, token }: Building, door: DoorId): Promise<number[]> {
  const answered = await client.ask("activity", { query: { door, limit: 500 } }, { token })
  ok(answered.ok)
  const sequences = answered.answer.records.map(({ sequence }) => sequence).sort((a, b) => a - b)
  ok(sequences.length > 0, "there are records")
  return sequences.filter((sequence, at) => sequence !== at + 1)
}

inTime("a PIN opens the door, the record arrives with evidence, a revocation ends it", async (building) => {
  const { lock, person, pin } = await furnish(building)
  await work(building, lock)
  lock.enter(pin)
  await building.until("the bolt is shown drawn", async () => (await building.door(lock.door)).bolt.is === "drawn")
  await building.until("the record is in the log", async () =>
    (await kinds(building, { door: lock.door })).includes("admitted"),
  )
  await building.until("the receipt reached the lock", () => lock.heard.includes("receipt"))

  const { door } = lock
  const before = await building.door(door)
  await building.founded.state(building.client, building.token, { change: { kind: "person revoke", person } })
  await building.until("the lock applies the policy without the person", async () => {
    const answered = await building.client.ask("revocation", { params: { person } }, { token: building.token })
    ok(answered.ok && answered.answer.statement !== null, "the revocation is known as soon as it was admitted")
    return answered.answer.doors.every(({ done }) => done)
  })
  ok((before.applied?.version.size ?? 0) < ((await building.door(door)).applied?.version.size ?? 0))
  lock.enter(pin)
  await building.until(
    "the next try is refused",
    async () => (await kinds(building, { door, kind: "refused" })).length === 1,
  )
  deepEqual(await kinds(building, { door, kind: "refused" }), ["refused: revoked"])
})

inTime("what did not arrive while the line was down arrives once, in order, when it is up", async (building) => {
  const { lock, pin } = await furnish(building)
  await work(building, lock)
  await lock.unlink()
  await building.until("the link is shown down", async () => !(await building.door(lock.door)).link.up)
  lock.enter(pin)
  lock.enter("000000")
  const sequence = lock.lock?.journal.next ?? 0
  await building.link(lock)
  await building.until(
    "every record arrived",
    async () => (await building.door(lock.door)).last_sequence >= sequence - 1,
  )
  deepEqual(await gaps(building, lock.door), [])
})

inTime("the same batch again, another door's, a changed one, and noise change nothing", async (building) => {
  const { lock } = await furnish(building)
  const other = await furnish(building)
  await work(building, lock)
  await work(building, other.lock)
  await building.until("the journals are in", async () => {
    const reached = await Promise.all(
      [lock, other.lock].map(
        async (each) => (await building.door(each.door)).last_sequence >= (each.lock?.journal.next ?? 0) - 1,
      ),
    )
    return reached.every(Boolean)
  })
  const refused = async () => {
    const health = await building.client.ask("health", {})
    ok(health.ok)
    return health.answer.refused.messages
  }
  const counted = await refused()
  const batch = lock.sent.find((up) => up.kind === "batch")
  ok(batch?.kind === "batch")
  await lock.say(batch)
  await building.until(
    "a batch again is answered with its receipt",
    () =>
      lock.heard.filter((kind) => kind === "receipt").length > lock.sent.filter((up) => up.kind === "batch").length - 2,
  )
  await other.lock.say(batch)
  const changed = batch.entry.slice()
  changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1
  await lock.say({ ...batch, entry: changed })
  await lock.sayBytes("batch", new Uint8Array(100).fill(0xff))
  await lock.sayBytes("beat", new Uint8Array(0))
  const beat = other.lock.sent.findLast((up) => up.kind === "beat")
  ok(beat?.kind === "beat")
  await lock.say(beat)
  await building.until("all of it was counted", async () => (await refused()) >= counted + 5)
  for (const { door } of [lock, other.lock]) deepEqual(await gaps(building, door), [])
})

inTime(
  "the keeper is killed while locks report: nothing acknowledged is lost, nothing comes twice",
  async (building) => {
    const { lock, pin } = await furnish(building)
    await work(building, lock)
    lock.enter(pin)
    await building.keeper.killAndStart()
    lock.enter("000000")
    const sequence = lock.lock?.journal.next ?? 0
    await building.until(
      "every record arrived",
      async () => (await building.door(lock.door)).last_sequence >= sequence - 1,
    )
    deepEqual(await gaps(building, lock.door), [])
  },
)

inTime(
  "signing in takes a fresh delegation, once; statements are judged one by one",
  async ({ founded, client, token }) => {
    const body = founded.signIn()
    const first = await client.ask("signIn", { body })
    ok(first.ok)
    const again = await client.ask("signIn", { body })
    ok(!again.ok && (again.fault === "statement-refused" || again.fault === "sign-in-already-used"))
    const session = await client.ask("session", {}, { token: first.answer.token })
    ok(session.ok)
    equal(session.answer.person, founded.admin)
    const stale = await client.ask("signIn", { body: founded.signIn(Math.floor(Date.now() / 1_000) - 10) })
    equal(stale.ok ? "" : stale.fault, "not-a-sign-in")

    const person = freshId<"PersonId">()
    const good = founded.submission(
      labelled(person, "Bo", (commitment) => ({ kind: "person add", person, commitment })),
    )
    const bad = founded.submission({ change: { kind: "person revoke", person: freshId<"PersonId">() } })
    const both = { statements: [...bad.statements, ...good.statements], attachments: good.attachments }
    const answered = await client.ask("submit", { body: both }, { token })
    ok(answered.ok)
    deepEqual(
      answered.answer.outcomes.map(({ admitted }) => admitted),
      [false, true],
    )
    const look = await client.ask("look", { body: { look: "AAAA" } }, { token })
    equal(look.ok ? "" : look.fault, "look-refused")
  },
)

inTime("a door that is removed loses its line, and its lock is not let in again", async (building) => {
  const { lock } = await furnish(building)
  await work(building, lock)
  await building.founded.state(building.client, building.token, { change: { kind: "door remove", door: lock.door } })
  await building.until("the line is closed", () => lock.lock?.linked === false)
  const answered = await building.client.ask("door", { params: { door: lock.door } }, { token: building.token })
  equal(answered.ok ? "" : answered.fault, "not-found")
  await rejects(building.link(lock), { name: "NotLetInError" })
})
