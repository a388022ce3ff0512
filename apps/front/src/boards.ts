/**
 * The counter for boards that stand alone: what site this is, and their requests to be paired.
 *
 * A board knows the site by a mark that a person gave it. It fetches what the mark stands for in the clear, holds it against the
 * mark, and then speaks TLS under the authority that the mark names, on the same port. The certificate here is of that
 * authority, under a name that the server's own certificate does not carry. Nothing here is secret, and nothing is decided here.
 */
import { createServer as createHttp, type RequestListener } from "node:http"
import { createServer as createHttps } from "node:https"
import { createServer, type Server } from "node:net"
import { type Answer, problem, readJson, sendJson } from "./answer.ts"

export type CounterOptions = {
  readonly key: string
  readonly certificate: string
  /** What the site's mark stands for: signed root metadata in base64, and the authority of its TLS names, PEM. */
  readonly opening: { readonly root: string; readonly authority: string }
  /** Answers a request to be paired; whoever keeps the site's names decides. */
  pair(body: unknown): Promise<Answer>
}

const REQUEST_BYTES_MAX = 4 * 1024
const CONNECTIONS_MAX = 64
/** A line ends then, however slowly its other end speaks: a board asks once and is answered once. */
const LINE_MS_MAX = 10_000
/** A TLS record of a handshake begins with it (RFC 8446, 5.1); no HTTP method does. */
const HANDSHAKE = 0x16

const tellSite =
  ({ opening }: CounterOptions): RequestListener =>
  (request, response) => {
    if (request.method === "GET" && request.url === "/site") return sendJson(response, 200, opening)
    problem(response, 404, "not-found", "In the clear only the site is told; a request goes over TLS.")
  }

const takeRequests =
  ({ pair }: CounterOptions): RequestListener =>
  (request, response) => {
    const answer = async (): Promise<void> => {
      if (request.method !== "POST" || request.url !== "/boards")
        return problem(response, 404, "not-found", "Boards ask to be paired here, and for nothing else.")
      const body = await readJson(request, REQUEST_BYTES_MAX)
      if (body === null) return problem(response, 400, "malformed", "The request is no JSON, or longer than 4 KiB.")
      const said = await pair(body)
      sendJson(response, said.status, said.body)
    }
    answer().catch(() => {
      if (response.headersSent) response.destroy()
      else problem(response, 500, "internal", "The front could not answer.")
    })
  }

/** A server that is not yet listening. The two behind it never listen, so Node's own bounds on a request's time never begin. */
export function createCounter(options: CounterOptions, line_ms_max = LINE_MS_MAX): Server {
  const { key, certificate } = options
  const clear = createHttp(tellSite(options))
  const tls = createHttps({ key, cert: certificate, minVersion: "TLSv1.3" }, takeRequests(options))
  const server = createServer((socket) => {
    const end = setTimeout(() => socket.destroy(), line_ms_max)
    socket.on("error", () => socket.destroy()).once("close", () => clearTimeout(end))
    socket.once("data", (first) => {
      socket.pause()
      socket.unshift(first)
      ;(first[0] === HANDSHAKE ? tls : clear).emit("connection", socket)
      process.nextTick(() => socket.resume())
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  return server
}
