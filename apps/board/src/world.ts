/**
 * The port of the virtual hardware: what people at the doors of an example building do, over loopback HTTP with a token.
 *
 * It drives the world and never Holdfast: it can push a leaf, present a card or pull a plug, and knows no word for "unlock".
 * The server has neither its address nor its token. What an act is, and which ones there are, is world-act.ts's.
 */
import { timingSafeEqual } from "node:crypto"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { SEALINGS, SEEN, type SeenWord } from "@holdfast/lock/diagnosis"
import type { CardView } from "./cards.ts"
import { type Fitting, readFitting } from "./fitting.ts"
import type { PhoneView } from "./phones.ts"
import type { LineState } from "./sensors.ts"
import { readAct, type WorldAct } from "./world-act.ts"

export type DoorView = {
  readonly door: string
  readonly bolt: "thrown" | "drawn" | "between"
  readonly door_position: "open" | "closed"
  readonly power: boolean
  readonly linked: boolean
  readonly signal: "granted" | "denied" | "busy" | "idle"
  readonly obstacle: "none" | "jam" | "short throw"
  readonly forced: boolean
  /** Whether the buzzer sounds. */
  readonly alarm: boolean
  /** What the cells hold, in percent; null at a door on mains. */
  readonly battery: number | null
  readonly mains: boolean
  readonly external: boolean
  readonly temperature_c: number
  /** How far the bolt misses its strike, in percent. */
  readonly misaligned: number
  readonly magnet: boolean
  /** Whether the battery's contacts are corroded, and percent of moisture in the case. */
  readonly corroded: boolean
  readonly moisture: number
  /** Whether the lock's case is open, what its wire is like, and whether somebody jams the radio. */
  readonly cover: boolean
  readonly line: LineState
  readonly jammed: boolean
  /** What the fire panel's wire says, and the partner's contact. */
  readonly fire: boolean
  readonly partner_open: boolean
  /** What the lamp beside the door shows: the mode that rules, and the delayed way out. Null without power. */
  readonly mode: string | null
  readonly way_out: "ready" | "counting" | "free" | null
}

export type NewBoard = {
  readonly journal_key: string
  readonly hpke_key: string
  readonly serial: string
  readonly fingerprint: string
}

/** What the port needs from the world behind it. */
export interface World {
  doors(): readonly DoorView[]
  /** False when there is no such door or card. */
  act(door: string, act: WorldAct): boolean
  /** What a locksmith reads at a door, and the signed report under it; null where there is no such door or no power. */
  diagnose(door: string, seen: readonly SeenWord[]): { readonly report: Uint8Array; readonly text: string } | null
  cards(): readonly CardView[]
  makeCard(label: string): { readonly card: string; readonly uid: string; readonly encoder_key: string }
  personalise(card: string, issued: Uint8Array): boolean
  phones(): readonly PhoneView[]
  makePhone(label: string): PhoneView
  /** Puts a new board at a door that was added; null when the door has one or its id is no id. */
  attach(door: string, fitting: Fitting): Promise<NewBoard | null>
  onChange(told: (door: DoorView) => void): () => void
}

export type WorldPort = { readonly world: World; readonly token: string; readonly origin: string }

const BODY_BYTES_MAX = 16 * 1024
const LABEL_LENGTH_MAX = 100

type Body = Readonly<Record<string, unknown>>

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, {
    "Content-Type": status >= 400 ? "application/problem+json" : "application/json",
    "Cache-Control": "no-store",
  })
  response.end(JSON.stringify(body))
}

function problem(response: ServerResponse, status: number, slug: string, title: string): void {
  send(response, status, { type: `urn:holdfast:world:${slug}`, title, status })
}

function authorised(request: IncomingMessage, token: string): boolean {
  const said = Buffer.from(request.headers.authorization ?? "")
  const expected = Buffer.from(`Bearer ${token}`)
  return said.length === expected.length && timingSafeEqual(said, expected)
}

async function readBody(request: IncomingMessage): Promise<Body | null> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    const chunk = Buffer.from(part)
    size += chunk.length
    if (size > BODY_BYTES_MAX) return null
    parts.push(chunk)
  }
  if (size === 0) return {}
  try {
    const value: unknown = JSON.parse(Buffer.concat(parts).toString("utf8"))
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    return null
  }
}

/** Server-sent events: every door as it is, then each change. */
function stream(port: WorldPort, response: ServerResponse): void {
  response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" })
  const tell = (door: DoorView): void => {
    response.write(`event: door\ndata: ${JSON.stringify(door)}\n\n`)
  }
  port.world.doors().forEach(tell)
  const off = port.world.onChange(tell)
  response.on("close", off)
}

async function attach(port: WorldPort, body: Body, response: ServerResponse): Promise<void> {
  const door = body["door"]
  const fitting = readFitting(body)
  if (fitting === null) return problem(response, 422, "fitting", "No board is built like that.")
  const board = typeof door === "string" ? await port.world.attach(door, fitting) : null
  if (board === null) return problem(response, 409, "attach", "That door has a board already, or is no door.")
  send(response, 200, board)
}

function personalise(port: WorldPort, card: string, body: Body, response: ServerResponse): void {
  const issued = body["issued"]
  const sealed = typeof issued === "string" ? Buffer.from(issued, "base64") : null
  if (sealed !== null && port.world.personalise(card, sealed)) return send(response, 200, {})
  problem(response, 422, "personalise", "These keys were not sealed to that card.")
}

/** The sealing check list in its order; what is left out was not looked at. */
function diagnose(port: WorldPort, door: string, body: Body, response: ServerResponse): void {
  const list = Array.isArray(body["seen"]) ? body["seen"] : []
  const seen = SEALINGS.map((_, at) => SEEN.find((word) => word === list[at]) ?? "not looked at")
  const made = port.world.diagnose(door, seen)
  if (made === null) return problem(response, 404, "not-found", "There is no such door, or it has no power.")
  send(response, 200, { report: Buffer.from(made.report).toString("base64"), text: made.text })
}

/** A new card or phone with a label on it. */
function make(body: Body, response: ServerResponse, made: (label: string) => unknown): void {
  const label = body["label"] ?? ""
  if (typeof label !== "string" || label.length > LABEL_LENGTH_MAX)
    return problem(response, 422, "label", `A label has at most ${LABEL_LENGTH_MAX} letters.`)
  send(response, 200, made(label))
}

async function post(port: WorldPort, path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request)
  if (body === null) return problem(response, 400, "malformed", "The body is no JSON object of at most 16 KiB.")
  const [, first, second, third] = path.split("/")
  if (first === "cards" && second === undefined) return make(body, response, (label) => port.world.makeCard(label))
  if (first === "phones" && second === undefined) return make(body, response, (label) => port.world.makePhone(label))
  if (first === "boards" && second === undefined) return attach(port, body, response)
  if (first === "cards" && second !== undefined && third === "personalise")
    return personalise(port, second, body, response)
  if (first === "doors" && second !== undefined && third === "diagnosis") return diagnose(port, second, body, response)
  if (first !== "doors" || second === undefined || third !== "act")
    return problem(response, 404, "not-found", "The world has no such thing.")
  const act = readAct(body)
  if (act === null) return problem(response, 422, "act", "That is nothing one can do at a door.")
  if (!port.world.act(second, act)) return problem(response, 404, "not-found", "There is no such door or card.")
  send(response, 200, {})
}

async function answer(port: WorldPort, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("Access-Control-Allow-Origin", port.origin)
  response.setHeader("Access-Control-Allow-Headers", "authorization, content-type")
  response.setHeader("Access-Control-Max-Age", "600")
  response.setHeader("Vary", "Origin")
  if (request.method === "OPTIONS") {
    response.writeHead(204).end()
    return
  }
  if (!authorised(request, port.token)) return problem(response, 401, "token", "The world wants its token.")
  const path = new URL(request.url ?? "/", "http://world").pathname
  if (request.method === "POST") return post(port, path, request, response)
  if (path === "/live") return stream(port, response)
  if (path === "/doors") return send(response, 200, port.world.doors())
  if (path === "/cards") return send(response, 200, port.world.cards())
  if (path === "/phones") return send(response, 200, port.world.phones())
  problem(response, 404, "not-found", "The world has no such thing.")
}

/** An HTTP server that is not yet listening; its caller binds it to loopback. */
export function createWorldServer(port: WorldPort): Server {
  return createServer((request, response) => {
    answer(port, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else problem(response, 500, "internal", "The world could not answer.")
    })
  })
}
