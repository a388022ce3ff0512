/**
 * The client of the contract: one function that asks, typed by the table of routes, and one that listens.
 *
 * Faults are answers, never exceptions: a server that cannot be reached is the fault "not-reachable". The client keeps
 * nothing, retries nothing and trusts nothing it is told; whoever shows an answer checks its evidence.
 */
import { type Heard, readEvents } from "./events.ts"
import { type Fault, isFault } from "./fault.ts"
import { type AnswerOf, type RequestOf, ROUTES, type Route, type RouteName } from "./routes.ts"

/** What the client needs of the platform's fetch. */
export type Fetch = (
  url: string,
  init: {
    method: string
    headers: { [name: string]: string }
    body?: string | Uint8Array<ArrayBuffer>
    signal?: AbortSignal
  },
) => Promise<Response>

export type ClientFault = Fault | "not-reachable" | "answer-not-understood"

export type Answered<Answer> =
  | { readonly ok: true; readonly answer: Answer }
  | {
      readonly ok: false
      readonly fault: ClientFault
      readonly detail: string | null
      readonly retry_after_s: number | null
    }

export type AskOptions = { readonly token?: string; readonly signal?: AbortSignal }

/** The requests that end with one answer; `live` is listened to instead. */
export type Asked = Exclude<RouteName, "live">

export type LiveOptions = {
  readonly token: string
  readonly last_event_id: string | null
  readonly signal?: AbortSignal
}

export type Client = {
  ask<Name extends Asked>(name: Name, request: RequestOf<Name>, options?: AskOptions): Promise<Answered<AnswerOf<Name>>>
  /** Events until the connection ends; then the caller waits and comes back with the last id. */
  listen(options: LiveOptions): Promise<Answered<AsyncIterable<Heard>>>
}

type Parts = { readonly params?: object; readonly query?: object; readonly body?: unknown }

/** The path of a route with its parameters filled in, and its query. */
export function urlOf(route: Route, parts: Parts): string {
  const params = new Map<string, unknown>(Object.entries(parts.params ?? {}))
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const text = String(params.get(name))
    return name === "file" ? text : encodeURIComponent(text)
  })
  const query = Object.entries(parts.query ?? {}).filter(([, value]) => value !== undefined)
  const pairs = query.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
  return pairs.length === 0 ? path : `${path}?${pairs.join("&")}`
}

async function faultOf(response: Response): Promise<Answered<never>> {
  const problem: unknown = await response.json().catch(() => null)
  const { fault, detail } = (typeof problem === "object" && problem !== null ? problem : {}) as {
    fault?: unknown
    detail?: unknown
  }
  const after = Number(response.headers.get("retry-after") ?? Number.NaN)
  return {
    ok: false,
    fault: isFault(fault) ? fault : "answer-not-understood",
    detail: typeof detail === "string" ? detail : null,
    retry_after_s: Number.isFinite(after) ? after : null,
  }
}

/** In words for a person: what the browser says of it differs from one to the next, and stands in its console. */
const NOT_REACHABLE: Answered<never> = {
  ok: false,
  fault: "not-reachable",
  detail: "the server does not answer",
  retry_after_s: null,
}

/** The one place where an answer takes its type: the server checked it against the same schema. */
async function answerOf<Name extends Asked>(route: Route, response: Response): Promise<Answered<AnswerOf<Name>>> {
  let answer: unknown = null
  try {
    if (route.answer.is === "json") answer = await response.json()
    if (route.answer.is === "bytes") answer = new Uint8Array(await response.arrayBuffer())
  } catch (error) {
    return { ok: false, fault: "answer-not-understood", detail: String(error), retry_after_s: null }
  }
  return { ok: true, answer: answer as AnswerOf<Name> }
}

/** A client of the API at `base`, an origin without a trailing slash. */
export function client(base: string, fetch: Fetch): Client {
  async function send(
    route: Route,
    parts: Parts,
    headers: { [name: string]: string },
    signal: AbortSignal | undefined,
  ) {
    const init: Parameters<Fetch>[1] = { method: route.method, headers }
    if (signal !== undefined) init.signal = signal
    if (parts.body instanceof Uint8Array) {
      init.body = new Uint8Array(parts.body)
      headers["content-type"] = "application/octet-stream"
    } else if (parts.body !== undefined) {
      init.body = JSON.stringify(parts.body)
      headers["content-type"] = "application/json"
    }
    return fetch(base + urlOf(route, parts), init)
  }
  return {
    async ask(name, request, options = {}) {
      const route: Route = ROUTES[name]
      const headers: { [name: string]: string } = {}
      if (options.token !== undefined) headers["authorization"] = `Bearer ${options.token}`
      try {
        const response = await send(route, request as Parts, headers, options.signal)
        if (!response.ok) return await faultOf(response)
        return await answerOf<typeof name>(route, response)
      } catch {
        return NOT_REACHABLE
      }
    },
    async listen(options) {
      const headers: { [name: string]: string } = {
        authorization: `Bearer ${options.token}`,
        accept: "text/event-stream",
      }
      if (options.last_event_id !== null) headers["last-event-id"] = options.last_event_id
      try {
        const response = await send(ROUTES.live, {}, headers, options.signal)
        if (!response.ok) return await faultOf(response)
        if (response.body === null) return NOT_REACHABLE
        return { ok: true, answer: readEvents(response.body) }
      } catch {
        return NOT_REACHABLE
      }
    },
  }
}
