/** The contract by itself: closed, bounded, and a client that turns whatever comes back into an answer. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { Compile } from "typebox/compile"
import {
  type Fetch,
  type Heard,
  FAULTS,
  client,
  readEvent,
  readEvents,
  ROUTES,
  type Route,
  slugOf,
  urlOf,
} from "@holdfast/contract"

const ID = "00112233445566778899aabbccddeeff"
const routes: readonly (readonly [string, Route])[] = Object.entries(ROUTES)

test("every object of the contract is closed", () => {
  const open: string[] = []
  const walk = (where: string, schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return
    if ("type" in schema && schema.type === "object" && !("additionalProperties" in schema)) open.push(where)
    for (const [name, inner] of Object.entries(schema)) walk(`${where}.${name}`, inner)
  }
  for (const [name, route] of routes) walk(name, [route.params, route.query, route.body, route.answer])
  deepEqual(open, [])
})

test("every text that a request carries has a bound", () => {
  const unbound: string[] = []
  const walk = (where: string, schema: unknown): void => {
    if (typeof schema !== "object" || schema === null) return
    const bounded =
      "maxLength" in schema ||
      "const" in schema ||
      ("pattern" in schema && /\{\d+(,\d+)?\}\$?$/.test(String(schema.pattern)))
    if ("type" in schema && schema.type === "string" && !bounded) unbound.push(where)
    if ("type" in schema && schema.type === "array" && !("maxItems" in schema)) unbound.push(where)
    for (const [name, inner] of Object.entries(schema)) walk(`${where}.${name}`, inner)
  }
  for (const [name, route] of routes) walk(name, [route.params, route.query, route.body])
  deepEqual(unbound, [])
})

test("a route with a body says how large it may be, and a path names its parameters", () => {
  for (const [name, route] of routes) {
    equal(route.body === undefined && route.takes === undefined, route.body_size_max === undefined, name)
    const named = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter)
    deepEqual(named, Object.keys(route.params?.properties ?? {}), name)
  }
})

test("only health and signing in are asked without a session", () => {
  const free = routes.filter(([, route]) => route.session === "not needed").map(([name]) => name)
  deepEqual(free, ["health", "signIn"])
})

const REFUSED: readonly (readonly [string, Route, "body" | "query" | "params", unknown])[] = [
  ["a field that is not known", ROUTES.signIn, "body", { statement: "AAAA", more: 1 }],
  ["a field that is missing", ROUTES.signIn, "body", {}],
  ["bytes in another alphabet", ROUTES.signIn, "body", { statement: "__--" }],
  ["bytes without padding", ROUTES.signIn, "body", { statement: "AA" }],
  ["a statement beyond the cap", ROUTES.signIn, "body", { statement: "A".repeat(22_000) }],
  ["no statement at all", ROUTES.submit, "body", { statements: [], attachments: [] }],
  ["too many statements", ROUTES.submit, "body", { statements: Array(129).fill("AAAA"), attachments: [] }],
  ["an id in upper case", ROUTES.door, "params", { door: ID.toUpperCase() }],
  ["an id that is short", ROUTES.door, "params", { door: ID.slice(1) }],
  ["a page beyond the cap", ROUTES.activity, "query", { limit: 501 }],
  ["a time before 1970", ROUTES.activity, "query", { from_ms: -1 }],
  ["a time that is no whole number", ROUTES.activity, "query", { from_ms: 0.5 }],
  ["a zone with a quote", ROUTES.heat, "query", { from_ms: 0, until_ms: 1, zone: "UTC'" }],
  ["a way out of the ledger", ROUTES.ledger, "params", { class: "events", period: "..", file: "checkpoint" }],
  ["the looks log", ROUTES.ledger, "params", { class: "looks", period: "2026Q4", file: "checkpoint" }],
  ["another file of the ledger", ROUTES.ledger, "params", { class: "events", period: "2026Q4", file: "log.key" }],
]
for (const [what, route, part, value] of REFUSED)
  test(`refused: ${what}`, () => {
    const schema = route[part]
    ok(schema !== undefined && !Compile(schema).Check(value))
  })

test("words become slugs by one rule", () => {
  equal(slugOf("bolt not fully thrown"), "bolt-not-fully-thrown")
  equal(slugOf("too many people for PIN only"), "too-many-people-for-pin-only")
})

test("a url fills in parameters and leaves out what is not asked", () => {
  equal(urlOf(ROUTES.door, { params: { door: ID } }), `/doors/${ID}`)
  equal(urlOf(ROUTES.activity, { query: { limit: 3, door: undefined, kind: "a b" } }), "/activity?limit=3&kind=a%20b")
  const params = { class: "events", period: "2026Q4", file: "tile/0/000.p/3" }
  equal(urlOf(ROUTES.ledger, { params }), "/ledger/events/2026Q4/tile/0/000.p/3")
})

const answers =
  (response: () => Response): Fetch =>
  async () =>
    response()

test("the client turns a problem into its fault, and anything else into one that says so", async () => {
  const problem = {
    type: "/faults/no-token",
    title: FAULTS["no-token"].title,
    status: 401,
    fault: "no-token",
    detail: "x",
  }
  const told = await client(
    "",
    answers(() => Response.json(problem, { status: 401, headers: { "retry-after": "7" } })),
  ).ask("doors", {})
  deepEqual(told, { ok: false, fault: "no-token", detail: "x", retry_after_s: 7 })
  const proxy = await client(
    "",
    answers(() => new Response("<html>", { status: 502 })),
  ).ask("doors", {})
  deepEqual(proxy, { ok: false, fault: "answer-not-understood", detail: null, retry_after_s: null })
  const page = await client(
    "",
    answers(() => new Response("<html>")),
  ).ask("doors", {})
  equal(page.ok ? "" : page.fault, "answer-not-understood")
  const silent = await client("", async () => Promise.reject(new TypeError("no route"))).ask("doors", {})
  equal(silent.ok ? "" : silent.fault, "not-reachable")
})

test("events are read whole however the bytes were cut", async () => {
  const text = `: hello\n\nid: a.1\ndata: {"event":"log","class":"events","period":"2026Q4","size":3}\n\nid: a.2\ndata: {"event":"begin-again"}\n\n`
  const bytes = new TextEncoder().encode(text)
  for (let cut = 1; cut < bytes.length; cut++) {
    const parts = [bytes.slice(0, cut), bytes.slice(cut)]
    const body = new ReadableStream<Uint8Array>({
      pull: (stream) => {
        const part = parts.shift()
        if (part === undefined) stream.close()
        else stream.enqueue(part)
      },
    })
    const heard: Heard[] = []
    for await (const each of readEvents(body)) heard.push(each)
    deepEqual(
      heard.map(({ id, event }) => [id, event.event]),
      [
        ["a.1", "log"],
        ["a.2", "begin-again"],
      ],
    )
  }
})

test("a body belongs to its listener before the first event is asked for", () => {
  const body = new ReadableStream<Uint8Array>()
  readEvents(body)
  ok(body.locked, "Node ends a body that nobody has locked once its response is collected")
})

test("a block that is no event of ours is passed over", () => {
  equal(readEvent(": keep-alive"), null)
  equal(readEvent("data: {}"), null)
  equal(readEvent("id: 1\ndata: {broken"), null)
})
