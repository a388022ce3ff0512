/** The API over real HTTP: strangers and bad requests first, then what it answers. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { connect } from "node:net"
import { test } from "node:test"
import { fromBase64, fromUtf8, toHex } from "@holdfast/base"
import { FAULTS, type Problem, ROUTES, type Route, type RouteName, urlOf as pathOf } from "@holdfast/contract"
import { parseReceipt, parseVkey, verifyReceipt } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import { Compile } from "typebox/compile"
import { postgresForTests } from "./embedded-postgres.ts"
import { type Given, ORIGIN, sessionsOf, withServer } from "./running-server.ts"
import { PERIOD, type WrittenSite } from "./written-site.ts"

const postgres = postgresForTests()
const ID = "aa".repeat(16)
const SHA = "bb".repeat(32)

/** A server that only the tests of one file share: none of them changes what another sees. */
function onServer(
  name: string,
  run: (given: Given) => Promise<void>,
  write: (site: WrittenSite) => void = () => {},
): void {
  test(name, { timeout: 30_000 }, () => withServer(postgres(), write, run))
}

const routes: readonly (readonly [RouteName, Route])[] = Object.entries(ROUTES) as [RouteName, Route][]

/** A request that has the form the contract asks for, for any route. */
function wellFormed(route: Route): { readonly path: string; readonly init: RequestInit } {
  const given: Record<string, unknown> = {
    door: ID,
    person: ID,
    sha256: SHA,
    class: "events",
    period: PERIOD,
    file: "checkpoint",
  }
  const query =
    route.query === undefined ? {} : { from_ms: 0, until_ms: 1, ...(route.path === "/heat" ? { zone: "UTC" } : {}) }
  const body: Record<string, unknown> = {
    "/sessions": { statement: "AAAA" },
    "/statements": { statements: ["AAAA"], attachments: [] },
    "/look": { look: "AAAA" },
  }
  const init: RequestInit = { method: route.method }
  if (route.body !== undefined) {
    init.body = JSON.stringify(body[route.path])
    init.headers = { "content-type": "application/json" }
  }
  return { path: pathOf(route, { params: given, query }), init }
}

async function problemOf(response: Response): Promise<Problem> {
  match(response.headers.get("content-type") ?? "", /^application\/problem\+json/)
  return (await response.json()) as Problem
}

async function asks(api: string, path: string, init: RequestInit & { token?: string } = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (init.token !== undefined) headers.set("authorization", `Bearer ${init.token}`)
  return fetch(api + path, { ...init, headers })
}

onServer(
  "nobody without a session gets anything but health, the way in and the document",
  async ({ api, database, site, token }) => {
    const good = await token()
    const expired = await sessionsOf(site, database).open(
      site.id<"PersonId">(3),
      "cc".repeat(32) as never,
      Date.now() - 1,
    )
    const strangers: readonly (readonly [string, string | undefined, string])[] = [
      ["no token", undefined, "no-token"],
      ["another scheme", "Basic abc", "no-token"],
      ["a short token", `Bearer ${good.slice(1)}`, "no-token"],
      ["two tokens", `Bearer ${good} ${good}`, "no-token"],
      ["a token that was never given", `Bearer ${"A".repeat(43)}`, "session-ended"],
      ["an expired token", `Bearer ${expired}`, "session-ended"],
    ]
    for (const [name, route] of routes) {
      for (const [what, authorization, fault] of strangers) {
        const { path, init } = wellFormed(route)
        const headers = new Headers(init.headers)
        if (authorization !== undefined) headers.set("authorization", authorization)
        const response = await fetch(api + path, { ...init, headers })
        if (route.session === "not needed") {
          notEqual(response.status, 401, `${name}, ${what}`)
          await response.body?.cancel()
          continue
        }
        equal(response.status, 401, `${name}, ${what}`)
        equal((await problemOf(response)).fault, fault, `${name}, ${what}`)
      }
    }
  },
)

onServer(
  "a session ends with its person's revocation, at once and for every route",
  async ({ api, site, token, client }) => {
    const mine = await token(200)
    const other = await token(201)
    equal((await client.ask("session", {}, { token: mine })).ok, true)
    site.state({ kind: "person revoke", person: site.id<"PersonId">(200) })
    // The keeper's notice is not there in this test; the server looks by itself.
    for (let is = 200; is === 200; ) is = (await asks(api, "/doors", { token: mine })).status
    for (const [name, route] of routes) {
      if (route.session === "not needed") continue
      const { path, init } = wellFormed(route)
      const response = await asks(api, path, { ...init, token: mine })
      equal(response.status, 401, name)
      await response.body?.cancel()
    }
    equal((await client.ask("session", {}, { token: other })).ok, true)
  },
)

onServer("signing out ends one session and no other", async ({ client, token }) => {
  const [mine, other] = [await token(200), await token(201)]
  deepEqual(await client.ask("signOut", {}, { token: mine }), { ok: true, answer: null })
  const after = await client.ask("session", {}, { token: mine })
  equal(after.ok ? "" : after.fault, "session-ended")
  equal((await client.ask("session", {}, { token: other })).ok, true)
})

onServer("a delegation opens one session, ever", async ({ database, site }) => {
  const { person, delegation } = site.session(200, Math.floor(Date.now() / 1000) + 60)
  const sessions = sessionsOf(site, database)
  const tokens = await Promise.all([1, 2, 3].map(() => sessions.open(person, delegation, Date.now() + 1_000)))
  equal(tokens.filter((each) => each !== null).length, 1)
})

onServer("the table keeps no token, only its hash", async ({ database, token }) => {
  const mine = await token()
  const [row] = await database.selectFrom("session").selectAll().execute()
  equal(row?.token_sha256.toString("hex"), toHex(nodeCrypto.sha256(Buffer.from(mine, "base64url"))))
  ok(!JSON.stringify(row).includes(mine))
})

const BAD: readonly (readonly [string, string, RequestInit, number, string])[] = [
  [
    "no JSON",
    "/statements",
    { method: "POST", body: "{", headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "no body",
    "/statements",
    { method: "POST", headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "a prototype in JSON",
    "/look",
    { method: "POST", body: '{"look":"AAAA","__proto__":{}}', headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "another media type",
    "/statements",
    { method: "POST", body: "a=b", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "media-type-not-supported",
  ],
  [
    "plain text",
    "/statements",
    { method: "POST", body: "{}", headers: { "content-type": "text/plain" } },
    415,
    "media-type-not-supported",
  ],
  [
    "an unknown field",
    "/look",
    { method: "POST", body: '{"look":"AAAA","more":1}', headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "a number for a text",
    "/look",
    { method: "POST", body: '{"look":1}', headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "an array for an object",
    "/look",
    { method: "POST", body: "[]", headers: { "content-type": "application/json" } },
    400,
    "request-not-valid",
  ],
  [
    "a body beyond the cap",
    "/look",
    { method: "POST", body: `{"look":"${"A".repeat(40_000)}"}`, headers: { "content-type": "application/json" } },
    413,
    "too-large",
  ],
  ["an unknown parameter", "/activity?more=1", {}, 400, "request-not-valid"],
  ["a parameter twice", "/activity?limit=1&limit=2", {}, 400, "request-not-valid"],
  ["a limit beyond the cap", "/activity?limit=501", {}, 400, "request-not-valid"],
  ["a limit of nothing", "/activity?limit=0", {}, 400, "request-not-valid"],
  ["a cursor of somebody's own", "/activity?after=x.y.z", {}, 400, "request-not-valid"],
  ["a door in upper case", `/doors/${ID.toUpperCase()}`, {}, 400, "request-not-valid"],
  ["a door that is not there", `/doors/${ID}`, {}, 404, "not-found"],
  ["a policy that is not there", `/policies/${SHA}`, {}, 404, "not-found"],
  ["a zone that nobody knows", "/heat?from_ms=0&until_ms=1&zone=Mars/Olympus", {}, 400, "request-not-valid"],
  ["a range of years", "/heat?from_ms=0&until_ms=99999999999999&zone=UTC", {}, 400, "request-not-valid"],
  ["the looks log", `/ledger/looks/${PERIOD}/checkpoint`, {}, 400, "request-not-valid"],
  ["a way out of the ledger", `/ledger/events/${PERIOD}/tile/..%2f..%2f..%2fkeeper`, {}, 404, "not-found"],
  ["dots in the ledger", `/ledger/events/${PERIOD}/tile/0/../../checkpoint.x`, {}, 400, "request-not-valid"],
  ["a tile spelled another way", `/ledger/events/${PERIOD}/tile/0/x000/000`, {}, 404, "not-found"],
  ["a path that does not exist", "/keeper", {}, 404, "not-found"],
  ["another method", "/doors", { method: "POST" }, 405, "method-not-allowed"],
  ["HEAD", "/doors", { method: "HEAD" }, 405, "method-not-allowed"],
]

test("bad requests get their fault, and a uniform body", { timeout: 30_000 }, (context) =>
  withServer(
    postgres(),
    () => {},
    async ({ api, token }) => {
      const mine = await token()
      for (const [what, path, init, status, fault] of BAD)
        await context.test(what, async () => {
          const response = await asks(api, path, { ...init, token: mine })
          equal(response.status, status)
          if (init.method === "HEAD") return
          const problem = await problemOf(response)
          deepEqual([problem.fault, problem.status, problem.type], [fault, status, `/faults/${fault}`])
          equal(problem.title, FAULTS[fault as keyof typeof FAULTS].title)
        })
    },
  ),
)

onServer("broken HTTP is answered once and closed", async ({ server }) => {
  for (const bytes of ["GET\r\n\r\n", "\x00\x01\x02\r\n\r\n", `GET / HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n\r\n`]) {
    const socket = connect(server.api_port, "127.0.0.1")
    socket.write(bytes)
    let said = ""
    for await (const part of socket.setEncoding("latin1")) said += part
    match(said, /^HTTP\/1\.1 400 /)
  }
})

onServer("a body beyond its cap is refused before a stranger's is read", async ({ api }) => {
  const body = JSON.stringify({ statements: ["A".repeat(4_000_000)], attachments: [] })
  const response = await asks(api, "/statements", {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  }).catch(() => null)
  ok(response === null || response.status === 401)
})

onServer(
  "every answer carries the strict headers, and only the front's origin is let in by browsers",
  async ({ api, token }) => {
    const mine = await token()
    for (const path of ["/health", "/doors", "/nowhere", "/openapi.json"]) {
      const { headers } = await asks(api, path, { token: mine, headers: { origin: "http://evil.example" } })
      equal(headers.get("x-content-type-options"), "nosniff", path)
      equal(headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'", path)
      equal(headers.get("cache-control"), "no-store", path)
      equal(headers.get("access-control-allow-credentials"), null, path)
      notEqual(headers.get("access-control-allow-origin"), "http://evil.example", path)
      notEqual(headers.get("access-control-allow-origin"), "*", path)
    }
    const preflight = {
      method: "OPTIONS",
      headers: {
        origin: ORIGIN,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    }
    const asked = await asks(api, "/statements", preflight)
    deepEqual([asked.status, asked.headers.get("access-control-allow-origin")], [204, ORIGIN])
  },
)

onServer("too many requests of one peer wait", async ({ api }) => {
  const statuses = new Set<number>()
  for (let at = 0; at < 30; at++) {
    const response = await asks(api, "/sessions", {
      method: "POST",
      body: '{"statement":"AAAA"}',
      headers: { "content-type": "application/json" },
    })
    statuses.add(response.status)
    await response.body?.cancel()
  }
  deepEqual([...statuses], [422, 429])
})

onServer("what is no sign-in never reaches the keeper", async ({ client }) => {
  const answer = await client.ask("signIn", { body: { statement: "AAAA" } })
  deepEqual(answer.ok ? null : answer.fault, "not-a-sign-in")
})

onServer("without a keeper statements are refused, and nothing else", async ({ client, token }) => {
  const mine = await token()
  const submitted = await client.ask("submit", { body: { statements: ["AAAA"], attachments: [] } }, { token: mine })
  equal(submitted.ok ? "" : submitted.fault, "keeper-not-reachable")
  const health = await client.ask("health", {})
  ok(health.ok)
  deepEqual([health.answer.status, health.answer.keeper.up], ["degraded", false])
  equal((await client.ask("doors", {}, { token: mine })).ok, true)
})

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
      deepEqual(Object.keys(document.paths).sort(), [...new Set(routes.map(([, { path }]) => path))].sort())
    })
  }),
)
