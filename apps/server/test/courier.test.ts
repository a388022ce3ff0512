/** From a key press at a lock to the API and back: real keeper process, real broker, real database, a real lock on a real line. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { defaultConfig } from "@holdfast/access/door"
import type { DoorId } from "@holdfast/base"
import { freshId, labelled } from "./keeper-process.ts"
import { type Building, furnish, gaps, inBuilding, kinds, work } from "./living-building.ts"

/** Has a door stay unlocked for as long as any may, so that it is still open when a busy machine gets to look. */
async function leaveOpen({ founded, client, token }: Building, door: DoorId): Promise<void> {
  const modes = [{ schedule: null, factors: "pin" as const }]
  const config = { ...defaultConfig("Europe/Berlin"), modes, unlock_ms: 60_000 }
  const draft = labelled(door, "Front door", (commitment) => ({
    kind: "door set",
    door,
    commitment,
    config,
    place: null,
  }))
  await founded.state(client, token, draft)
}

inBuilding("a PIN opens the door, the record arrives with evidence, a revocation ends it", async (building) => {
  const { lock, person, pin } = await furnish(building)
  await leaveOpen(building, lock.door)
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

inBuilding(
  "C77, C82: what one lock finds is told at once, and narrows the lock that heeds it, by that record",
  async (building) => {
    const [{ lock: one }, { lock: two }] = [await furnish(building), await furnish(building)]
    const { founded, client, token } = building
    const modes = [{ schedule: null, factors: "pin" as const }]
    const config = { ...defaultConfig("Europe/Berlin"), modes, heeds: { narrowed_s: 3_600, doors: [one.door] } }
    const { door } = two
    await founded.state(
      client,
      token,
      labelled(door, "Lab", (commitment) => ({ kind: "door set", door, commitment, config, place: null })),
    )
    await work(building, one)
    await work(building, two)
    one.do({ kind: "sensed", sensed: { kind: "case", open: true } })
    const narrowed = () => two.lock?.modes.ordered.has("narrowed") === true
    await building.until("the other lock is narrowed", narrowed)
    equal(two.lock?.modes.narrowed?.door, one.door)
    await building.until("both say so in the log", async () => {
      const found = await kinds(building, { door: one.door, kind: "finding" })
      const taken = await kinds(building, { door, kind: "narrowing-taken" })
      return found.includes("finding: case-opened") && taken.length === 1
    })
    deepEqual(await kinds(building, { door, kind: "narrowing-taken" }), ["narrowing-taken: case-opened"])

    const end_s = two.lock?.modes.narrowed?.end_s
    await two.unlink()
    await building.link(two)
    await building.until("it is told again", () => two.heard.filter((kind) => kind === "narrowing").length >= 2)
    equal(two.lock?.modes.narrowed?.end_s, end_s)
    deepEqual(await kinds(building, { door, kind: "narrowing-taken" }), ["narrowing-taken: case-opened"])
    equal(one.heard.includes("narrowing"), false)
  },
)

inBuilding("what did not arrive while the line was down arrives once, in order, when it is up", async (building) => {
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

inBuilding("the same batch again, another door's, a changed one, and noise change nothing", async (building) => {
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

inBuilding(
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

inBuilding(
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
    ok((await client.ask("signOut", {}, { token: first.answer.token })).ok)
    const replayed = await client.ask("signIn", { body })
    equal(replayed.ok ? "" : replayed.fault, "sign-in-already-used", "also when it was signed out (attack 104)")
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

inBuilding("a door that is removed loses its line, and its lock is not let in again", async (building) => {
  const { lock } = await furnish(building)
  await work(building, lock)
  await building.founded.state(building.client, building.token, { change: { kind: "door remove", door: lock.door } })
  await building.until("the line is closed", () => lock.lock?.linked === false)
  const answered = await building.client.ask("door", { params: { door: lock.door } }, { token: building.token })
  equal(answered.ok ? "" : answered.fault, "not-found")
  await rejects(building.link(lock), { name: "NotLetInError" })
})

inBuilding("a denial goes straight to the lock, and sticks before any policy says so", async (building) => {
  const { lock, person, pin } = await furnish(building)
  await work(building, lock)
  const { founded, client, token } = building
  await founded.state(client, token, { change: { kind: "deny", person, credential: null } })
  await building.until("the lock took the denial", () => lock.heard.includes("deny"))
  lock.enter(pin)
  await building.until(
    "the try is refused",
    async () => (await kinds(building, { door: lock.door, kind: "refused" })).length === 1,
  )
  const taken = await kinds(building, { door: lock.door, kind: "deny-taken" })
  const [refusal] = await kinds(building, { door: lock.door, kind: "refused" })
  deepEqual([taken, refusal], [["deny-taken"], "refused: denied"])
})
