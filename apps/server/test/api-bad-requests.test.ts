/** Bad requests get their fault and a uniform body; nothing that is not in the contract is answered. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { connect } from "node:net"
import { FAULTS } from "@holdfast/contract"
import { asks, onServer, problemOf } from "./running-server.ts"
import { ORIGIN } from "./written-settings.ts"
import { PERIOD } from "./written-site.ts"

const ID = "aa".repeat(16)
const SHA = "bb".repeat(32)
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

onServer("bad requests get their fault, and a uniform body", async ({ api, token }, context) => {
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
})

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
    const live = await asks(api, "/live", { token: mine, headers: { origin: ORIGIN } })
    equal(live.headers.get("access-control-allow-origin"), ORIGIN)
    equal(live.headers.get("content-security-policy"), "default-src 'none'; frame-ancestors 'none'")
    await live.body?.cancel()
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
