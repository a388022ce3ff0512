/**
 * The API as HTTP: the contract's table becomes routes, and what is the same for all of them stands here once: bounds, rates,
 * headers, problems.
 *
 * Picture a corridor of doors: at each stands whoever asks for a session (doorkeepers.ts), behind it whoever looks through the
 * papers (checker.ts), then the one who answers (handlers.ts). A request that is not in the table does not exist, and nothing
 * here knows what any request means.
 */
import cors from "@fastify/cors"
import { assert } from "@holdfast/base"
import { faultsOf, openApi, type RequestOf, ROUTES, type Route } from "@holdfast/contract"
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify"
import type { Context } from "../context.ts"
import { messageOf } from "../log.ts"
import { Allowance } from "../allowance.ts"
import { Checker } from "./checker.ts"
import { type Doorkeepers, doorkeepersOf } from "./doorkeepers.ts"
import type { Handler, SessionFor } from "./handler.ts"
import { type Handled, HANDLERS, isHandled } from "./handlers.ts"
import { live } from "./live.ts"
import { blame, sendFault } from "./problem.ts"
import { uploadImage } from "./upload-image.ts"

const REQUEST_MS_MAX = 30_000
const CONNECTIONS_MAX = 4_000
const BODY_SIZE_MAX = 4 * 1024

/** Reading tiles to check a proof is many small requests. */
const ANY = { burst: 2_000, per_s: 200, peers_max: 10_000 }

const HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-site",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
} as const

/** `/ledger/{class}/{period}/{file}` in the framework's words: the last parameter is the rest of the path. */
export function pathOf(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, (_, name: string) => (name === "file" ? "*" : `:${name}`))
}

type Register = <Name extends Handled | "uploadImage">(name: Name, handler: Handler<Name>) => void

function sendAnswer(reply: FastifyReply, answer: unknown, isImmutable: boolean): FastifyReply {
  if (isImmutable) reply.header("cache-control", "private, max-age=31536000, immutable")
  if (answer === null) return reply.status(204).send()
  if (answer instanceof Uint8Array) return reply.type("application/octet-stream").send(Buffer.from(answer))
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer))
}

function registrar(context: Context, app: FastifyInstance, doorkeepers: Doorkeepers): Register {
  return (name, handler) => {
    const route: Route = ROUTES[name]
    const checker = new Checker(route)
    const known = new Set<string>(faultsOf(route))
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      // The table says which routes have a session and which parts a request: this is where the types follow it.
      const asked = checker.check(request) as RequestOf<typeof name>
      const session = (doorkeepers.sessions.get(request) ?? null) as SessionFor<typeof name>
      const result = await handler(context, asked, session)
      if (result.ok) return sendAnswer(reply, result.answer, result.isImmutable ?? false)
      assert(known.has(result.fault), "a handler answers faults that the contract names")
      return sendFault(reply, result.fault, result.detail ?? null)
    }
    const onRequest = route.session === "needed" ? doorkeepers.welcome : name === "signIn" ? doorkeepers.slow : []
    const bodyLimit = route.body_size_max ?? BODY_SIZE_MAX
    app.route({ method: route.method, url: pathOf(route), bodyLimit, onRequest, handler: answer })
  }
}

function registerOne<Name extends Handled>(register: Register, name: Name, table: Pick<typeof HANDLERS, Name>): void {
  register(name, table[name])
}

/** What every request meets first and every answer carries. */
function guard(context: Context, app: FastifyInstance): void {
  const any = new Allowance(ANY)
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(HEADERS)
    if (!any.take(request.ip, context.now())) return sendFault(reply, "too-many-requests")
  })
  app.addHook("onResponse", async (_request, reply) => {
    if (reply.statusCode >= 400) context.counts.requests_refused++
  })
  app.setErrorHandler((error: Error, request, reply) => {
    const { fault, detail } = blame(error)
    if (fault === "server-fault" || fault === "database-not-reachable") {
      const cause = error.cause === undefined ? "" : messageOf(error.cause)
      context.log("fault", "request", { route: request.routeOptions.url ?? "", error: messageOf(error), cause })
    }
    return sendFault(reply, fault, detail)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ""] = request.url.split("?")
    return sendFault(reply, PATHS.some((pattern) => pattern.test(path)) ? "method-not-allowed" : "not-found")
  })
}

/** Every path of the table: one that is known is asked with the wrong method, or its parameters are not what they must be. */
const PATHS = Object.values(ROUTES).map(
  ({ path }) => new RegExp(`^${path.replace(/\{file\}/g, ".+").replace(/\{\w+\}/g, "[^/]+")}$`),
)

/** The API, not yet listening. */
export async function createApi(context: Context): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    exposeHeadRoutes: false,
    bodyLimit: BODY_SIZE_MAX,
    requestTimeout: REQUEST_MS_MAX,
    connectionTimeout: 2 * REQUEST_MS_MAX,
    forceCloseConnections: true,
    routerOptions: { ignoreTrailingSlash: false, caseSensitive: true, maxParamLength: 128 },
    // A link that is broken before it is a request gets the same kind of answer.
    clientErrorHandler: (_error, socket) => {
      context.counts.requests_refused++
      if (socket.writable) socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
    },
  })
  app.server.maxConnections = CONNECTIONS_MAX
  app.server.headersTimeout = REQUEST_MS_MAX
  app.removeContentTypeParser("text/plain")
  await app.register(cors, {
    origin: [context.settings.front_origin],
    methods: ["GET", "POST", "DELETE"],
    allowedHeaders: ["authorization", "content-type", "last-event-id"],
    exposedHeaders: ["retry-after"],
    maxAge: 600,
    strictPreflight: true,
  })
  guard(context, app)
  const doorkeepers = doorkeepersOf(context)
  const register = registrar(context, app, doorkeepers)
  for (const name of Object.keys(ROUTES).filter(isHandled)) registerOne(register, name, HANDLERS)
  // Only here is a body a file: everywhere else it is JSON or refused.
  await app.register(async (files) => {
    files.removeAllContentTypeParsers()
    files.addContentTypeParser("application/octet-stream", { parseAs: "buffer" }, (_request, body, done) =>
      done(null, body),
    )
    registrar(context, files, doorkeepers)("uploadImage", uploadImage)
  })
  app.get(ROUTES.live.path, { onRequest: doorkeepers.welcome }, async (request, reply) => {
    const session = doorkeepers.sessions.get(request)
    assert(session !== undefined, "whoever was let in has a session")
    return live(context, request, reply, session)
  })
  const document = JSON.stringify(openApi(context.version))
  app.get("/openapi.json", async (_request, reply) => reply.type("application/json; charset=utf-8").send(document))
  return app
}
