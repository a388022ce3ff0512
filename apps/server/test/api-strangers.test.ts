/** Who may ask: strangers, ended sessions and revoked people, against every route. */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { toHex } from "@holdfast/base/text"
import { ROUTES, type Route, type RouteName, urlOf as pathOf } from "@holdfast/contract"
import { nodeCrypto } from "@holdfast/port-node"
import { asks, onServer, problemOf, sessionsOf } from "./running-server.ts"
import { PERIOD } from "./written-site.ts"

const ID = "aa".repeat(16)
const SHA = "bb".repeat(32)
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
    const listening = await client.listen({ token: mine, last_event_id: null })
    ok(listening.ok)
    site.state({ kind: "person revoke", person: site.id<"PersonId">(200) })
    for await (const _ of listening.answer); // The stream ends when the server has seen it.
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

onServer(
  "attack 104: a delegation whose session was signed out opens no other, though every reader of the log has it",
  async ({ client, token }) => {
    deepEqual(await client.ask("signOut", {}, { token: await token(200) }), { ok: true, answer: null })
    equal(await token(200), "")
  },
)

onServer("the table keeps no token, only its hash", async ({ database, token }) => {
  const mine = await token()
  const [row] = await database.selectFrom("session").selectAll().execute()
  equal(row?.token_sha256.toString("hex"), toHex(nodeCrypto.sha256(Buffer.from(mine, "base64url"))))
  ok(!JSON.stringify(row).includes(mine))
})
