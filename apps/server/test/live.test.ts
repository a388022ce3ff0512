/** Live events: the ring by itself, then over HTTP with resume, slow readers and ended sessions. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { once } from "node:events"
import { createServer } from "node:http"
import { type AddressInfo, connect } from "node:net"
import { test } from "node:test"
import { idOf, type PersonId } from "@holdfast/base"
import { type Heard, LiveEvent } from "@holdfast/contract"
import { FLAG_URGENT } from "@holdfast/lock"
import { Compile } from "typebox/compile"
import { Hub } from "../src/live/hub.ts"
import { listen } from "../src/live/listener.ts"
import { postgresForTests } from "./embedded-postgres.ts"
import { type Given, withServer } from "./running-server.ts"
import type { WrittenLock } from "./written-site.ts"

const postgres = postgresForTests()
const event = (size: number) => ({ event: "log", class: "events", period: "2026Q4", size }) as const

test("the ring keeps the newest events and forgets the oldest", () => {
  const hub = new Hub("abc")
  equal(hub.at(1), "not yet")
  for (let size = 1; size <= 5_000; size++) hub.publish(event(size))
  equal(hub.at(1), "gone")
  equal(hub.at(5_001), "not yet")
  const last = hub.at(5_000)
  ok(typeof last === "object" && last.text.startsWith('id: abc.5000\ndata: {"event":"log"'))
})

test("the ring is bounded by its length too", () => {
  const hub = new Hub("abc")
  const period = "x".repeat(1024 * 1024)
  for (let size = 1; size <= 40; size++) hub.publish({ ...event(size), period })
  equal(hub.at(20), "gone")
  ok(typeof hub.at(40) === "object")
})

test("I-19: a sheet is for one person, the newest takes the place of the last, and the ring keeps none", () => {
  const hub = new Hub("abc")
  const [ana, bo] = [1, 2].map((byte) => idOf<"PersonId">(new Uint8Array(16).fill(byte))) as [PersonId, PersonId]
  let woken = 0
  hub.listen(() => woken++)
  hub.publish(event(1))
  for (const sealed of ["QQ==", "Qg=="]) hub.tell(new Map([[ana, { event: "sheet", sealed }]]))
  deepEqual(hub.sheetOf(ana), { number: 2, data: '{"event":"sheet","sealed":"Qg=="}' })
  equal(hub.sheetOf(bo), null)
  equal(woken, 3)
  equal(hub.next, 2)
  hub.tell(new Map())
  equal(hub.sheetOf(ana), null, "whoever is no longer a receiver is told nothing more")
})

/** After 5,000 events the ring begins at 905. */
const RESUMES: readonly (readonly [string, string, number | null])[] = [
  ["the last one", "abc.5000", 5_001],
  ["one that is kept", "abc.4000", 4_001],
  ["the one before the oldest that is kept", "abc.904", 905],
  ["one that left the ring", "abc.903", null],
  ["one that never was", "abc.9000", null],
  ["one of another run", "xyz.4000", null],
  ["no id", "", null],
  ["a number that is none", "abc.-1", null],
  ["a number spelled otherwise", "abc.1e3", null],
]
for (const [what, id, next] of RESUMES)
  test(`resuming after ${what}`, () => {
    const hub = new Hub("abc")
    for (let size = 1; size <= 5_000; size++) hub.publish(event(size))
    equal(hub.after(id), next)
  })

/** Listens until `enough` holds for what was heard. */
async function hear(
  { client }: Given,
  token: string,
  last_event_id: string | null,
  enough: (heard: readonly Heard[]) => boolean,
  meanwhile: () => void = () => {},
): Promise<Heard[]> {
  const stop = new AbortController()
  const listening = await client.listen({ token, last_event_id, signal: stop.signal })
  ok(listening.ok)
  meanwhile()
  const heard: Heard[] = []
  for await (const each of listening.answer) {
    ok(Compile(LiveEvent).Check(each.event), JSON.stringify(each.event).slice(0, 200))
    heard.push(each)
    if (enough(heard)) break
  }
  stop.abort()
  return heard
}

const has =
  (kind: string, count = 1) =>
  (heard: readonly Heard[]) =>
    heard.filter(({ event }) => event.event === kind).length >= count

test("what happens is told, and whoever comes back hears what was missed", { timeout: 60_000 }, () => {
  let lock: WrittenLock | null = null
  return withServer(
    postgres(),
    (site) => {
      lock = site.door(1)
    },
    async (given) => {
      const { site } = given
      const token = await given.token()
      const happen = (wall_ms: number) => {
        if (lock !== null)
          site.happen(
            lock.batch(wall_ms, [
              ["refused", "no grant"],
              ["door opened", "done"],
            ]),
          )
      }
      const first = await hear(given, token, null, has("log"), () => happen(1_000))
      deepEqual(
        first.map(({ event }) => event.event),
        ["records", "door", "log"],
      )
      const [records, door] = first
      ok(records?.event.event === "records" && door?.event.event === "door")
      deepEqual(
        records.event.records.map(({ kind, result, at_ms }) => [kind, result, at_ms]),
        [
          ["refused", "no-grant", 1_000],
          ["door-opened", "done", 2_000],
        ],
      )
      equal(door.event.door.position.is, "open")

      // Missed: what was said after `records` and all of the second happening.
      happen(5_000)
      await hear(given, token, null, has("log"), () => happen(9_000))
      const missed = await hear(given, token, records.id, has("log", 3))
      deepEqual(missed.filter(({ event }) => event.event === "records").length, 2)
      equal(missed[0]?.id, door.id)
      const numbers = missed.map(({ id }) => Number(id.split(".")[1]))
      deepEqual(
        numbers,
        numbers.map((_, at) => (numbers[0] ?? 0) + at),
      )

      const strange = await hear(given, token, "otherrun.3", has("begin-again"))
      equal(strange.length, 1)
    },
  )
})

test("C77: an urgent record is told live however many of its batch came after it", { timeout: 60_000 }, () => {
  let lock: WrittenLock | null = null
  return withServer(
    postgres(),
    (site) => {
      lock = site.door(1)
    },
    async (given) => {
      const rest = Array.from({ length: 200 }, () => ["refused", "no grant"] as const)
      const heard = await hear(given, await given.token(), null, has("records"), () => {
        if (lock !== null)
          given.site.happen(lock.batch(1_000, [["boot", "done"], ["finding", "drill", FLAG_URGENT], ...rest]))
      })
      const told = heard.find(({ event }) => event.event === "records")?.event
      ok(told?.event === "records")
      deepEqual([told.records[0]?.result, told.records[0]?.position], ["drill", 1])
      equal(told.records.length + told.left_out, 202)
    },
  )
})

test("a listener's stream ends with the revocation of its person", { timeout: 60_000 }, () =>
  withServer(
    postgres(),
    () => {},
    async (given) => {
      const { site, client } = given
      const token = await given.token(200)
      const listening = await client.listen({ token, last_event_id: null })
      ok(listening.ok)
      site.state({ kind: "person revoke", person: site.id<"PersonId">(200) })
      const heard: Heard[] = []
      for await (const each of listening.answer) heard.push(each)
      deepEqual(heard, [])
    },
  ),
)

test("a listener who does not read costs no memory of its own, and is told to begin again", async () => {
  const hub = new Hub("abc")
  const http = createServer((_request, response) => {
    response.writeHead(200)
    void listen({ hub, response, last_event_id: null, person: idOf(new Uint8Array(16)), isWelcome: () => true })
  })
  http.listen(0, "127.0.0.1")
  await once(http, "listening")
  const slow = connect((http.address() as AddressInfo).port, "127.0.0.1")
  slow.write("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
  await once(slow, "data")
  slow.pause()
  const period = "x".repeat(256 * 1024)
  for (let size = 1; size <= 200; size++) {
    hub.publish({ ...event(size), period })
    await new Promise((resolve) => setImmediate(resolve))
  }
  equal(hub.at(1), "gone")
  const again = new Promise<void>((resolve) => {
    let tail = ""
    slow.setEncoding("utf8").on("data", (text: string) => {
      tail = (tail + text).slice(-text.length - 100)
      if (tail.includes("begin-again")) resolve()
    })
  })
  slow.resume()
  await again
  slow.destroy()
  http.close()
  while (hub.listeners > 0) await new Promise((resolve) => setImmediate(resolve))
})
