/**
 * The console alone, against a pretend site: `node dev/main.ts [--port N] [--people N]` after `vite build`.
 *
 * It serves the bundle under the front's content security policy, answers the contract's routes from memory, and lets the
 * doors of {@link "./building.ts"} make something up every few seconds. For working on the look; proves nothing else.
 */
import { idBytes } from "@holdfast/base"
import { decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { decodeCoseKey } from "@holdfast/base/cose"
import { fromBase64, toBase64, toHex } from "@holdfast/base/text"
import type { Door, JournalRecord } from "@holdfast/contract"
import { encodeReceipt, makeProof, pathOf, planInclusion } from "@holdfast/ledger"
import { hpkeInfo, nodeCrypto, openSealed, sealTo } from "@holdfast/port-node"
import { readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { extname, join } from "node:path"
import { look } from "./look.ts"
import { answering, listening } from "./serving.ts"
import { appoint, chance, type MadeRecord, makeBuilding } from "./building.ts"

const option = (name: string, fallback: number): number => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : Number(process.argv[at + 1])
}
const port = option("port", 5199) // 0 is any three that are free.
const [frontServer, origin] = await listening(port)
const [apiServer, api] = await listening(port === 0 ? 0 : port + 1)
const [worldServer, world] = await listening(port === 0 ? 0 : port + 2)
const dist = new URL("../dist", import.meta.url).pathname
const building = makeBuilding(origin, option("people", 9))
const slug = (words: string): string => words.toLowerCase().replace(/[^a-z0-9]+/g, "-")
const doorIds = [...building.state.doors.keys()]
const listeners = new Set<ServerResponse>()
let eventId = 0

const recordOf = (made: MadeRecord): JournalRecord => ({
  door: made.door,
  sequence: made.sequence,
  period: "2026Q4",
  entry: made.entry,
  position: 0,
  kind: slug(made.kind),
  result: slug(made.result),
  flags: 0,
  boot: 1,
  uptime_ms: made.sequence * 977,
  wall_ms: made.at_ms,
  admitted_at_ms: made.at_ms,
  at_ms: made.at_ms,
  commitment: toHex(made.commitment),
})

const evidence = (made: MadeRecord | undefined): Door["bolt"]["evidence"] =>
  made === undefined
    ? { by: "nothing" }
    : { by: "record", door: made.door, sequence: made.sequence, period: "2026Q4", entry: made.entry, position: 0 }

const doors = new Map<string, Door>(
  doorIds.map((id, at) => {
    const paired = building.locks.has(id)
    const made = paired ? building.happen(id, "bolt thrown", "done", {}, Date.now() - at * 3_600_000) : undefined
    const fact = { since_ms: made?.at_ms ?? null, evidence: evidence(made) }
    const version = { epoch: 1, size: building.state.size }
    const door: Door = {
      door: id,
      paired,
      serial: paired ? `VB-${at}` : null,
      issued: paired ? { version, sha256: "0".repeat(64), compiled_at_ms: Date.now(), index: 3 } : null,
      applied: paired ? { version, sha256: null, evidence: evidence(made) } : null,
      lease_ends_at_ms: paired ? Date.now() + (at === 5 ? -3_600_000 : 82_000_000) : null,
      link: { up: paired && at !== 4, since_ms: Date.now() - 90_000 },
      last_heard_at_ms: paired ? Date.now() - (at === 4 ? 400_000 : 2_000) : null,
      last_sequence: 1,
      beat: null,
      bolt: { is: paired ? "thrown" : "unknown", ...fact },
      position: { is: paired ? "closed" : "unknown", ...fact },
      alarms: [],
    }
    return [id, door]
  }),
)

function set(at: number, part: Partial<Door>): void {
  const id = doorIds[at]
  const door = id === undefined ? undefined : doors.get(id)
  if (id !== undefined && door !== undefined) doors.set(id, { ...door, ...part })
}

/** States that a designer wants to see at once. */
function pose(): void {
  const alarm = (at: number, kind: string): Door["alarms"] => {
    const door = doors.get(doorIds[at] ?? "")
    return door === undefined ? [] : [{ kind, since_ms: Date.now() - 45_000, evidence: door.bolt.evidence }]
  }
  const fact = (at: number) =>
    doors.get(doorIds[at] ?? "")?.bolt ?? { since_ms: null, evidence: { by: "nothing" as const } }
  set(1, { bolt: { ...fact(1), is: "drawn" } })
  set(0, { bolt: { ...fact(0), is: "drawn" }, position: { ...fact(0), is: "open" } })
  set(2, { bolt: { ...fact(2), is: "jammed" }, alarms: alarm(2, "jammed") })
  set(3, { position: { ...fact(3), is: "open" }, alarms: alarm(3, "forced") })
  set(6, { bolt: { ...fact(6), is: "not-fully-thrown" } })
  set(7, { position: { ...fact(7), is: "open" }, bolt: { ...fact(7), is: "drawn" }, alarms: alarm(7, "held") })
}
if (process.argv.includes("--pose")) pose()

for (let at = 0; at < 60; at++) somethingHappens(Date.now() - (60 - at) * 240_000)
building.somebodyIsForced(Date.now() - 120_000)

function somethingHappens(at_ms: number): MadeRecord {
  const people = [...building.state.people]
  const [person, facts] = people[Math.floor(Math.random() * people.length)] ?? []
  const locks = [...building.locks.keys()]
  const door = locks[Math.floor(Math.random() * locks.length)] ?? doorIds[0]
  if (door === undefined || person === undefined) throw new RangeError("nobody")
  const [credential] = facts?.credentials ?? []
  const refused = Math.random() < 0.2
  const detail = credential === undefined ? { person } : { person, credential }
  return building.happen(door, refused ? "refused" : "admitted", refused ? "outside schedule" : "done", detail, at_ms)
}

function tell(event: object): void {
  eventId++
  for (const listener of listeners) listener.write(`id: ${eventId}\ndata: ${JSON.stringify(event)}\n\n`)
}

const beating = setInterval(() => {
  const at_ms = Date.now()
  const heard = [...doors.values()].filter((door) => door.link.up).map(({ door }) => ({ door, at_ms }))
  for (const { door } of heard) {
    const known = doors.get(door)
    if (known !== undefined) doors.set(door, { ...known, last_heard_at_ms: at_ms })
  }
  tell({ event: "heard", doors: heard })
  const made = somethingHappens(at_ms)
  tell({ event: "records", door: made.door, records: [recordOf(made)], left_out: 0 })
}, 4_000)
beating.unref()

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ""
  for await (const part of request) text += String(part)
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>)
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
}

function receiptOf(index: number): string {
  const { files, writer } = building.authority
  const plan = planInclusion(writer.size, index)
  const tiles = plan.tiles.map((tile) => files.get(pathOf(tile)) ?? new Uint8Array())
  const proof = makeProof(nodeCrypto, plan, tiles) ?? []
  const checkpoint = files.get("checkpoint") ?? new Uint8Array()
  return toBase64(encodeReceipt({ extra: null, index, proof, checkpoint }))
}

function submit(body: Record<string, unknown>): unknown {
  const statements = (body["statements"] as string[]).map((each) => fromBase64(each) ?? new Uint8Array())
  for (const { object, sealed } of body["attachments"] as { object: string; sealed: string }[]) {
    const plain = openSealed(
      building.hpke,
      hpkeInfo("attachment", building.site),
      fromBase64(sealed) ?? new Uint8Array(),
    )
    const decoded = plain === null ? null : decodeCbor(plain)
    if (decoded?.ok === true && decoded.value instanceof Map) {
      const salt = decoded.value.get(0) as Uint8Array
      const text = decoded.value.get(1)
      if (typeof text === "string") building.labels.set(object, { salt, text })
    }
  }
  const outcomes = building
    .admit(statements)
    .map((outcome) =>
      outcome.ok
        ? { admitted: true, index: outcome.index, receipt: "" }
        : { admitted: false, because: slug(outcome.fault), detail: outcome.fault },
    )
  const issued = [...building.state.credentials]
    .flatMap(([id, credential]) => (credential.what === "pin" ? [[id, credential] as const] : []))
    .slice(-1)
    .map(([credential, { recipient }]) => {
      const plain = encodeCbor(
        new Map<number, string | number | Uint8Array>([
          [0, idBytes(credential)],
          [1, 2],
          [2, "482913"],
          [4, "605174"],
        ]),
      )
      return {
        credential,
        sealed: toBase64(sealTo(recipient, hpkeInfo("issued", building.site), plain) ?? new Uint8Array()),
      }
    })
  tell({ event: "log", class: "authority", period: "2026Q4", size: building.authority.writer.size })
  return {
    outcomes: outcomes.map((each) => (each.admitted ? { ...each, receipt: receiptOf(each.index ?? 0) } : each)),
    issued,
  }
}

function heat(): unknown {
  const cells = [...building.locks.keys()].flatMap((door, at) =>
    Array.from({ length: 24 }, (_, hour) => {
      const busy = Math.max(0, 60 - (hour - 9) ** 2 * 2 + ((hour * 7 + at * 13) % 20) - at * 6)
      return { door, hour, admitted: Math.round(busy), refused: (hour + at) % 7 === 0 ? 2 : 0 }
    }).filter((cell) => cell.admitted + cell.refused > 0),
  )
  return { cells }
}

async function answerApi(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("access-control-allow-origin", origin)
  response.setHeader("access-control-allow-headers", "authorization, content-type, last-event-id")
  response.setHeader("access-control-allow-methods", "GET, POST, DELETE")
  if (request.method === "OPTIONS") return void response.writeHead(204).end()
  const url = new URL(request.url ?? "/", api)
  const path = url.pathname
  if (path === "/sessions" && request.method === "POST") {
    const body = await bodyOf(request)
    const [outcome] = building.admit([fromBase64(String(body["statement"])) ?? new Uint8Array()])
    if (outcome?.ok !== true)
      return send(response, 422, { fault: "statement-refused", detail: outcome?.ok === false ? outcome.fault : "" })
    const expires_at_ms = Date.now() + 8 * 3_600_000
    return send(response, 200, {
      token: "x".repeat(43),
      expires_at_ms,
      index: outcome.index,
      receipt: receiptOf(outcome.index),
    })
  }
  if (path === "/sessions/current") return void response.writeHead(204).end()
  if (path === "/statements") return send(response, 200, submit(await bodyOf(request)))
  if (path === "/look") return send(response, 200, look(building, await bodyOf(request)))
  if (path === "/doors") return send(response, 200, { doors: [...doors.values()] })
  if (path === "/heat") return send(response, 200, heat())
  if (path === "/activity") {
    const door = url.searchParams.get("door")
    const kind = url.searchParams.get("kind")
    const records = [...building.records].reverse().map(recordOf)
    const found = records.filter(
      (each) => (door === null || each.door === door) && (kind === null || each.kind === kind),
    )
    return send(response, 200, { records: found.slice(0, 100), next: null })
  }
  if (path.startsWith("/revocations/")) {
    const rows = [...doors.values()].slice(0, 6).map((door, at) => ({
      door: door.door,
      applied: door.applied?.version ?? null,
      done: at !== 4,
      lease_ends_at_ms: door.lease_ends_at_ms,
      evidence: door.bolt.evidence,
    }))
    return send(response, 200, { person: path.slice(13), statement: null, doors: rows })
  }
  if (path === "/images") {
    const image = { size: 1_343_208, version: "0.2.0+0", model: "HF-VB1", revisions: [1, 3], from: "0.1.0+0" }
    const signed = { signers: ["5e".repeat(32)], second_signer: "a7".repeat(32) }
    return send(response, 200, { images: [{ ...image, ...signed, sha256: "0f".repeat(32), security_counter: 2 }] })
  }
  if (path === "/logs") {
    const logs = (["authority", "events"] as const).map((name) => ({
      class: name,
      period: "2026Q4",
      origin: building[name].verifier.name,
      vkey: "",
      size: building[name].writer.size,
    }))
    return send(response, 200, { logs })
  }
  const ledger = /^\/ledger\/(authority|events)\/2026Q4\/(.+)$/.exec(path)
  if (ledger !== null) {
    const bytes = building[ledger[1] === "authority" ? "authority" : "events"].files.get(ledger[2] ?? "")
    if (bytes === undefined) return send(response, 404, { fault: "not-found" })
    return void response.writeHead(200).end(bytes)
  }
  if (path === "/live") {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(": hello\n\n")
    listeners.add(response)
    response.on("close", () => listeners.delete(response))
    return
  }
  send(response, 404, { fault: "not-found" })
}

const SWITCHED_OFF = "alarm external magnet corroded cover jammed fire partner_open".split(" ")
const worldDoor = (door: string) => ({
  door,
  bolt: "thrown",
  door_position: "closed",
  power: true,
  linked: true,
  signal: "idle",
  obstacle: "none",
  forced: false,
  ...{ battery: 71, mains: true, temperature_c: 20, misaligned: 0, moisture: 40 },
  ...{ line: "normal", mode: "normal", way_out: "ready" },
  ...Object.fromEntries(SWITCHED_OFF.map((each) => [each, false])),
})

async function answerWorld(request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("access-control-allow-origin", origin)
  response.setHeader("access-control-allow-headers", "authorization, content-type")
  if (request.method === "OPTIONS") return void response.writeHead(204).end()
  if (request.url === "/doors") return send(response, 200, [...building.locks.keys()].map(worldDoor))
  if (request.url === "/cards" && request.method === "GET") {
    const cards = ["Ana Weber", "Bo Lindqvist", "Chidi Okafor"].map((label, at) => ({
      card: `c${at}`,
      uid: `04a1b2c3d4e5${at}0`,
      encoder_key: "",
      label,
      pin: at === 1 ? "482913" : null,
      duress: at === 1 ? "605174" : null,
      personalised: true,
      credential: null,
    }))
    return send(response, 200, cards)
  }
  if (request.url === "/phones") return send(response, 200, [])
  if (request.url === "/cards") {
    const encoder_key = toBase64(building.hpke.publicKey)
    return send(response, 200, { card: "c9", uid: toHex(chance(7)), encoder_key })
  }
  if (request.url === "/live") return void response.writeHead(200, { "content-type": "text/event-stream" })
  send(response, 200, {})
}

const TYPES: Record<string, string> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".html": "text/html",
}
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "worker-src 'self'",
  `connect-src 'self' ${api} ${world}`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  process.argv.includes("--no-worker") ? "trusted-types 'none'" : "trusted-types holdfast-worker",
].join("; ")

async function answerFront(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? "/", origin).pathname
  response.setHeader("content-security-policy", POLICY)
  if (path === "/site.json") {
    const site = { site: building.site, root: toBase64(building.rootBytes), api, world: { origin: world, token: "t" } }
    return send(response, 200, site)
  }
  if (path === "/boards.json") return send(response, 200, [])
  if (path === "/claim" && request.method === "POST") {
    const body = await bodyOf(request)
    const key = decodeCoseKey(fromBase64(String(body["key"])) ?? new Uint8Array())
    if (body["token"] !== "dev" || key === null)
      return send(response, 403, { title: "This link was used or has expired." })
    const { person, delegation } = appoint(building, key, "Maxi Muster")
    return send(response, 200, {
      person,
      delegation,
      recovery: { file_name: "holdfast-founding-key.txt", text: "made up" },
    })
  }
  const file = path.includes(".") ? path : "/index.html"
  try {
    const bytes = readFileSync(join(dist, file))
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(bytes)
  } catch {
    response.writeHead(404).end()
  }
}

answering(frontServer, answerFront)
answering(apiServer, answerApi)
answering(worldServer, answerWorld)
process.stdout.write(`${origin}/claim#dev\n`)
