/** What the courier owes a lock that had no room for it: asked for and brought again at the next tick, until it is on its way. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { idOf } from "@holdfast/base"
import { decodeDown } from "@holdfast/wire"
import { Courier } from "../src/courier/courier.ts"
import type { Delivery } from "../src/courier/outbox.ts"
import { ReportedDoors } from "../src/doors/reported.ts"
import { type Keeper, KeeperError } from "../src/keeper.ts"
import { NamedFiles } from "../src/named-files.ts"
import { SiteView } from "../src/site/view.ts"

const SITE = idOf<"SiteId">(new Uint8Array(16).fill(1))
const DOOR = idOf<"DoorId">(new Uint8Array(16).fill(2))
const TICKET = Uint8Array.of(1, 2, 3)

/** All that was begun is through. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A courier with one lock on a line; the keeper and the line answer what stands first in their lists, then well. */
function line(keeperFails: number, deliveries: Delivery[]) {
  const carried: string[] = []
  const refused: string[] = []
  let asked = 0
  const keeper: Keeper = {
    isUp: true,
    heard_at_ms: null,
    ask: async () => {
      if (asked++ < keeperFails) throw new KeeperError("no answer")
      return { operation: "narrowing", ticket: TICKET } as never
    },
  }
  const files = new NamedFiles("nowhere", 1)
  const courier = new Courier({
    site: SITE,
    view: new SiteView(SITE),
    keeper,
    policies: files,
    images: files,
    reported: new ReportedDoors(),
    news: { door: () => undefined, heard: () => undefined, link: () => undefined },
    log: () => undefined,
    publish: async (_door, payload) => {
      const decoded = decodeDown(payload)
      const delivery = deliveries.shift() ?? "delivered"
      carried.push(`${decoded.ok ? decoded.down.kind : decoded.fault} ${delivery}`)
      return delivery
    },
    refused: (_door, what) => refused.push(what),
    statementBytes: async () => null,
    now: () => 0,
  })
  courier.link(DOOR, "up")
  return { courier, carried, refused, asked: () => asked }
}

test("C82: a narrowing that finds no room is brought again at the next ticks, and once it is on its way no more", async () => {
  const { courier, carried, refused, asked } = line(0, ["busy", "busy"])
  courier.narrowed([DOOR])
  for (let tick = 0; tick < 5; tick++) {
    await settled()
    courier.tick()
  }
  await settled()
  deepEqual(carried, ["narrowing busy", "narrowing busy", "narrowing delivered"])
  deepEqual(
    refused,
    Array.from({ length: 2 }, () => "no room on the way down: narrowing"),
  )
  equal(asked(), 3)
})

test("C82: a narrowing for which the keeper did not answer is asked for again", async () => {
  const { courier, carried, asked } = line(1, [])
  courier.narrowed([DOOR])
  await settled()
  deepEqual(carried, [])
  courier.tick()
  await settled()
  deepEqual(carried, ["narrowing delivered"])
  equal(asked(), 2)
})

test("whose line broke is owed nothing: it says hello when it is back", async () => {
  const { courier, carried, asked } = line(0, ["busy"])
  courier.narrowed([DOOR])
  await settled()
  courier.link(DOOR, "down")
  courier.link(DOOR, "up")
  courier.tick()
  await settled()
  deepEqual(carried, ["narrowing busy"])
  equal(asked(), 1)
})
