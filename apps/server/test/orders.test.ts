/** Orders end to end: the API, a real keeper, a real broker, a real lock; the administrator's own key, and everybody else's. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Change } from "@holdfast/access"
import { type Act, ACTS } from "@holdfast/access/rules"
import { defaultConfig } from "@holdfast/access/door"
import { idOf } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { newEs256 } from "@holdfast/port-node"
import { Nonces } from "../src/courier/nonces.ts"
import { answerOf, type Building, furnish, inBuilding, kinds, work } from "./living-building.ts"
import { freshId, labelled } from "./keeper-process.ts"
import type { MqttLock } from "./mqtt-lock.ts"

const VALUES: Partial<Record<Act, number>> = { service: 3_600, office: 3_600, "threat level": 2 }

/** What one asks the lock for before one orders. */
async function asked(
  building: Building,
  lock: MqttLock,
): Promise<{ order: Omit<Order, "act" | "value">; nonce: Uint8Array }> {
  const { client, token } = building
  const { nonce, version } = answerOf(await client.ask("askNonce", { params: { door: lock.door } }, { token }))
  const bytes = fromBase64(nonce)
  ok(bytes?.length === 16)
  return { order: { kind: "order", door: lock.door, version }, nonce: bytes }
}
type Order = Extract<Change, { kind: "order" }>

async function send(building: Building, lock: MqttLock, statement: string): Promise<string> {
  const request = { params: { door: lock.door }, body: { statement } }
  const answered = await building.client.ask("order", request, { token: building.token })
  return answered.ok ? "carried" : answered.fault
}

async function orderOf(
  building: Building,
  lock: MqttLock,
  act: Act,
  key?: ReturnType<typeof newEs256>,
): Promise<string> {
  const { order, nonce } = await asked(building, lock)
  return building.founded.order({ ...order, act, value: VALUES[act] ?? 0 }, nonce, key)
}

async function said(building: Building, lock: MqttLock, count: number): Promise<string[]> {
  const orders = async () =>
    (await kinds(building, { door: lock.door, limit: 500 })).filter((each) => each.startsWith("order")).reverse()
  await building.until(
    `the lock said ${count} times what it did with an order`,
    async () => (await orders()).length >= count,
  )
  return orders()
}

/** A furnished door that takes orders, as only the root can set it for a site's one administrator. */
async function obedient(building: Building): Promise<MqttLock> {
  const { lock } = await furnish(building)
  const { client, token, founded } = building
  const config = {
    ...defaultConfig("Europe/Berlin"),
    modes: [{ schedule: null, factors: "pin" as const }],
    remoteActs: ACTS,
  }
  const { door } = lock
  const draft = labelled(door, "Front door", (commitment) => ({
    kind: "door set",
    door,
    commitment,
    config,
    place: null,
  }))
  const alone = answerOf(await client.ask("submit", { body: founded.submission(draft) }, { token }))
  deepEqual(
    alone.outcomes.map((each) => (each.admitted ? "admitted" : each.because)),
    ["needs-another-person"],
  )
  const set = answerOf(await client.ask("submit", { body: founded.submissionOfRoot(draft) }, { token }))
  ok(
    set.outcomes.every(({ admitted }) => admitted),
    JSON.stringify(set.outcomes),
  )
  await work(building, lock)
  return lock
}

inBuilding(
  "attack 96: the administrator's key opens the door and locks it down; a forged order does nothing (I-07)",
  async (building) => {
    const lock = await obedient(building)
    equal(await send(building, lock, await orderOf(building, lock, "unlock")), "carried")
    await building.until("the bolt is drawn", () => lock.lock?.bolt.is === "drawn")
    await building.until("and thrown again", () => {
      lock.do({ kind: "tick" })
      return lock.lock?.bolt.is === "thrown"
    })
    equal(await send(building, lock, await orderOf(building, lock, "lockdown")), "carried")
    await building.until("the door is locked down", () => lock.lock?.ruled === "lockdown")
    equal(await send(building, lock, await orderOf(building, lock, "unlock")), "carried")
    equal(await send(building, lock, await orderOf(building, lock, "normal", newEs256())), "carried")
    equal(await send(building, lock, await orderOf(building, lock, "normal")), "carried")
    await building.until("the lockdown is over", () => lock.lock?.ruled === "normal")
    deepEqual(await said(building, lock, 5), [
      "order-taken",
      "order-taken",
      "order-refused: in-lockdown",
      "order-refused: unknown-signer",
      "order-taken",
    ])
  },
)

inBuilding(
  "attack 84: an order again, for another door, or for no door, is refused and moves nothing",
  async (building) => {
    const lock = await obedient(building)
    const locate = await orderOf(building, lock, "locate")
    equal(await send(building, lock, locate), "carried")
    await said(building, lock, 1)
    equal(await send(building, lock, locate), "carried")
    deepEqual(await said(building, lock, 2), ["order-taken", "order-refused: old-nonce"])
    const { order, nonce } = await asked(building, lock)
    const elsewhere = building.founded.order({ ...order, act: "unlock", value: 0, door: freshId<"DoorId">() }, nonce)
    equal(await send(building, lock, elsewhere), "not-an-order", "the courier sees the mistake")
    const deny: Change = { kind: "deny", person: building.founded.admin, credential: null }
    const denial = building.founded.submission({ change: deny }).statements[0] ?? ""
    equal(await send(building, lock, denial), "not-an-order")
    equal(await send(building, lock, "AAAA"), "not-an-order")
    equal(lock.lock?.bolt.is, "thrown")
  },
)

inBuilding("no order is kept for a lock that is away, and none enters the log", async (building) => {
  const lock = await obedient(building)
  const statement = await orderOf(building, lock, "unlock")
  await lock.unlink()
  await building.until("the link is shown down", async () => !(await building.door(lock.door)).link.up)
  equal(await send(building, lock, statement), "door-not-connected")
  const { client, token } = building
  const nonce = await client.ask("askNonce", { params: { door: lock.door } }, { token })
  equal(nonce.ok ? "" : nonce.fault, "door-not-connected")
  const unknown = await client.ask("askNonce", { params: { door: freshId<"DoorId">() } }, { token })
  equal(unknown.ok ? "" : unknown.fault, "not-found")
  const submitted = answerOf(
    await client.ask("submit", { body: { statements: [statement], attachments: [] } }, { token }),
  )
  deepEqual(
    submitted.outcomes.map((each) => (each.admitted ? "" : each.because)),
    ["not-for-the-log"],
  )
  await building.link(lock)
  await building.until("the link is up", async () => (await building.door(lock.door)).link.up)
  equal(lock.lock?.bolt.is, "thrown")
  ok(!lock.heard.includes("order"))
})

test("whoever waits for a nonce gets the next one, a bounded crowd of them, and nobody waits for ever", async () => {
  const nonces = new Nonces()
  const door = idOf<"DoorId">(new Uint8Array(16))
  const nonce = { nonce: new Uint8Array(16), version: { epoch: 0, size: 1 } }
  const crowd = Array.from({ length: 20 }, () => nonces.next(door))
  nonces.came(door, nonce)
  const given = await Promise.all(crowd)
  equal(given.filter((each) => each === nonce).length, 16)
  nonces.came(door, nonce)
  equal(await nonces.next(door, 1), null)
})
