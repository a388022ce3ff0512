/** What the API answers, each answer checked against the contract. */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { test } from "node:test"
import { fromBase64, fromUtf8, toHex } from "@holdfast/base/text"
import { ROUTES, type Route, type RouteName } from "@holdfast/contract"
import { parseReceipt, parseVkey, verifyReceipt } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import { Compile } from "typebox/compile"
import { asks, postgres, withServer } from "./running-server.ts"
import { PERIOD, type WrittenSite } from "./written-site.ts"

const ID = "aa".repeat(16)
/** A site with two doors, things that happened, and a person who was revoked. */
function written(site: WrittenSite): void {
  const [one, two] = [site.door(1), site.door(2)]
  const day_ms = Date.UTC(2026, 10, 20, 6)
  site.happen(
    one.batch(day_ms, [
      ["boot", "done"],
      ["admitted", "done"],
      ["bolt drawn", "done"],
      ["refused", "no grant"],
    ]),
  )
  site.happen(
    two.batch(day_ms + 3_600_000, [
      ["refused", "unknown credential"],
      ["door forced", "done"],
    ]),
  )
  site.person(9)
  site.issue(one.door, Buffer.concat([Buffer.from("policy with "), Buffer.from("09".repeat(16), "hex")]))
  site.issue(two.door, Buffer.from("policy without"))
  site.state({ kind: "person revoke", person: site.id<"PersonId">(9) })
}

test("what the API answers", { timeout: 60_000 }, (context) =>
  withServer(postgres(), written, async ({ api, client, token, site }) => {
    const mine = await token()
    const ask = async <Name extends Exclude<RouteName, "live">>(
      name: Name,
      request: Parameters<typeof client.ask<Name>>[1],
    ) => {
      const answered = await client.ask(name, request, { token: mine })
      ok(answered.ok, `${name}: ${answered.ok ? "" : answered.fault}`)
      const route: Route = ROUTES[name]
      if (route.answer.is === "json")
        ok(Compile(route.answer.schema).Check(answered.answer), `${name} is as the contract says`)
      return answered.answer
    }
    await context.test("doors, each state with its evidence", async () => {
      const { doors } = await ask("doors", {})
      const shown = doors.map(({ bolt, position, alarms }) => [bolt.is, position.is, alarms.map(({ kind }) => kind)])
      deepEqual(shown, [
        ["drawn", "unknown", []],
        ["unknown", "open", ["door-forced"]],
      ])
      const [first] = doors
      deepEqual(first?.bolt.evidence, {
        by: "record",
        door: first?.door,
        sequence: 3,
        period: PERIOD,
        entry: 0,
        position: 2,
      })
      deepEqual(first?.position.evidence, { by: "nothing" })
      deepEqual(first, await ask("door", { params: { door: first?.door ?? "" } }))
    })
    await context.test("activity, newest first, page by page", async () => {
      const all = await ask("activity", { query: {} })
      deepEqual(
        all.records.map(({ kind }) => kind),
        ["door-forced", "refused", "refused", "bolt-drawn", "admitted", "boot"],
      )
      const paged: unknown[] = []
      for (let after: string | undefined, more = true; more; ) {
        const page = await ask("activity", { query: { limit: 1, ...(after === undefined ? {} : { after }) } })
        paged.push(...page.records)
        after = page.next ?? undefined
        more = page.next !== null
      }
      deepEqual(paged, all.records)
    })
    await context.test("activity of one door, one kind, one time", async () => {
      const door = site.id<"DoorId">(2)
      deepEqual(
        (await ask("activity", { query: { door } })).records.map(({ sequence }) => sequence),
        [2, 1],
      )
      deepEqual(
        (await ask("activity", { query: { kind: "refused" } })).records.map(({ result }) => result),
        ["unknown-credential", "no-grant"],
      )
      const from_ms = Date.UTC(2026, 10, 20, 7)
      equal((await ask("activity", { query: { from_ms } })).records.length, 2)
      equal((await ask("activity", { query: { until_ms: from_ms } })).records.length, 4)
    })
    await context.test("heat by door and hour of the zone's day", async () => {
      const range = { from_ms: Date.UTC(2026, 10, 20), until_ms: Date.UTC(2026, 10, 21) }
      const { cells } = await ask("heat", { query: { ...range, zone: "Europe/Berlin" } })
      deepEqual(cells, [
        { door: site.id<"DoorId">(1), hour: 7, admitted: 1, refused: 1 },
        { door: site.id<"DoorId">(2), hour: 8, admitted: 0, refused: 1 },
      ])
    })
    await context.test("a revocation with a receipt that verifies, and the doors it has not reached", async () => {
      const { statement, doors } = await ask("revocation", { params: { person: site.id<"PersonId">(9) } })
      ok(statement !== null)
      const { logs } = await ask("logs", {})
      const log = logs.find((each) => each.class === "authority")
      const vkey = parseVkey(log?.vkey ?? "", nodeCrypto)
      const receipt = parseReceipt(fromBase64(statement.receipt) ?? new Uint8Array())
      const entries = await ask("ledger", {
        params: { class: "authority", period: PERIOD, file: `tile/entries/000.p/${log?.size}` },
      })
      ok(vkey.ok && receipt.ok && receipt.receipt.index === statement.index)
      let at = 0
      for (let index = 0; index < statement.index; index++) at += 2 + Buffer.from(entries).readUInt16BE(at)
      const entry = entries.subarray(at + 2, at + 2 + Buffer.from(entries).readUInt16BE(at))
      ok(verifyReceipt(receipt.receipt, entry, log?.origin ?? "", vkey.verifier, nodeCrypto).ok)
      deepEqual(
        doors.map(({ done }) => done),
        [false, false],
      )
      const unknown = await ask("revocation", { params: { person: ID } })
      deepEqual(unknown, { person: ID, statement: null, doors: [] })
    })
    await context.test("policies by their hash, files of the logs by their names", async () => {
      const bytes = Buffer.from("policy without")
      equal(fromUtf8(await ask("policy", { params: { sha256: toHex(nodeCrypto.sha256(bytes)) } })), "policy without")
      match(
        fromUtf8(await ask("ledger", { params: { class: "events", period: PERIOD, file: "checkpoint" } })) ?? "",
        /\/events\/2026Q4\n2\n/,
      )
      const tile = await asks(api, `/ledger/events/${PERIOD}/tile/0/000.p/2`, { token: mine })
      deepEqual(
        [tile.headers.get("cache-control"), (await tile.arrayBuffer()).byteLength],
        ["private, max-age=31536000, immutable", 64],
      )
    })
    await context.test("health, and the document of all this", async () => {
      const health = await ask("health", {})
      deepEqual([health.site, health.database.up, health.projection.entries_behind], [site.site, true, 0])
      const document = (await (await asks(api, "/openapi.json")).json()) as { openapi: string; paths: object }
      equal(document.openapi, "3.1.0")
      deepEqual(Object.keys(document.paths).sort(), [...new Set(Object.values(ROUTES).map(({ path }) => path))].sort())
    })
  }),
)
