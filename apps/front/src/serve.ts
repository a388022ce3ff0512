/**
 * The web apps' own origin: their files, what site this is, and the one claim of a first link.
 *
 * It stands on the keeper's side, because whoever serves the code that signs could sign. It has no data of the site, no
 * session and no database; everything else the apps ask for lies on the API's origin. See docs/adr for the claim.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { type Answer, problem, readJson, sendJson } from "./answer.ts"
import type { Bundle, BundleFile } from "./bundle.ts"

/** What `/site.json` says to everyone who can reach the front. */
export type SiteFile = {
  readonly site: string
  /** The signed root metadata, base64. */
  readonly root: string
  readonly api: string
  /** Whether keeper and server run under different users, so that the one cannot read the other's keys. */
  readonly keeper_isolated: boolean
  /** The example's virtual hardware; told to callers on this machine only. */
  readonly world: { readonly origin: string; readonly token: string } | null
  /** Where boards that stand alone ask to be paired, with the site's mark. */
  readonly boards: string
}

export type FrontOptions = {
  readonly bundle: Bundle
  readonly origin: string
  site(): SiteFile
  /** Answers a claim: the token is checked by whoever holds the founding key, never here. */
  claim(body: unknown): Promise<Answer>
  /** Boards that wait to be paired, for people at this machine. */
  waiting(): Promise<Answer>
}

const CLAIM_BYTES_MAX = 64 * 1024

/** The policy of every page: nothing but our own files, and only the site's own ports to talk to. */
export function contentSecurityPolicy(site: SiteFile): string {
  const reach = ["'self'", site.api, ...(site.world === null ? [] : [site.world.origin])].join(" ")
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    `connect-src ${reach}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types holdfast-worker", // The console's one policy: the address of its own worker.
  ].join("; ")
}

function securityHeaders(site: SiteFile): Record<string, string> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(site),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
  }
}

function isLoopback(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? ""
  return address === "::1" || address.startsWith("127.") || address.startsWith("::ffff:127.")
}

/**
 * Whether a caller asked for us by our own name from this machine. A page of another site, whose name was made to lead here
 * (DNS rebinding), carries that site's name; so does a caller from elsewhere, through a proxy of another name.
 */
function isOurOwn(request: IncomingMessage, origin: string): boolean {
  return isLoopback(request) && request.headers.host === new URL(origin).host
}

function sendFile(request: IncomingMessage, response: ServerResponse, file: BundleFile): void {
  const zip = file.zipped !== null && /\bgzip\b/.test(request.headers["accept-encoding"] ?? "")
  response.setHeader("Content-Type", file.type)
  response.setHeader("Cache-Control", file.hashed ? "public, max-age=31536000, immutable" : "no-cache")
  response.setHeader("Vary", "Accept-Encoding")
  if (zip) response.setHeader("Content-Encoding", "gzip")
  const body = zip && file.zipped !== null ? file.zipped : file.bytes
  response.setHeader("Content-Length", body.length)
  response.end(request.method === "HEAD" ? undefined : body)
}

async function answerClaim(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "POST") return problem(response, 405, "method", "A claim is posted.")
  // A claim comes from our own page: another site's page cannot send this header with our origin in it.
  if (request.headers.origin !== options.origin)
    return problem(response, 403, "origin", "A claim comes from the front.")
  const body = await readJson(request, CLAIM_BYTES_MAX)
  if (body === null) return problem(response, 400, "malformed", "The claim is no JSON, or longer than 64 KiB.")
  const answer = await options.claim(body)
  sendJson(response, answer.status, answer.body)
}

async function answer(options: FrontOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const site = options.site()
  for (const [name, value] of Object.entries(securityHeaders(site))) response.setHeader(name, value)
  const path = new URL(request.url ?? "/", options.origin).pathname
  if (path === "/claim" && request.method === "POST") return answerClaim(options, request, response)
  if (request.method !== "GET" && request.method !== "HEAD") return problem(response, 405, "method", "Only reading.")
  if (path === "/site.json")
    return sendJson(response, 200, isOurOwn(request, options.origin) ? site : { ...site, world: null })
  if (path === "/boards.json") {
    if (!isOurOwn(request, options.origin)) return problem(response, 404, "not-found", "There is no such file.")
    const said = await options.waiting()
    return sendJson(response, said.status, said.body)
  }
  if (path === "/health") return sendJson(response, 200, { front: "up" })
  const file = options.bundle.file(path)
  if (file !== null) return sendFile(request, response, file)
  // A missing asset is an error; any other path is a route of the app.
  if (/\.[a-z0-9]+$/i.test(path)) return problem(response, 404, "not-found", "There is no such file.")
  return sendFile(request, response, options.bundle.page)
}

/** An HTTP server that is not yet listening. */
export function createFront(options: FrontOptions): Server {
  return createServer((request, response) => {
    answer(options, request, response).catch(() => {
      if (response.headersSent) response.destroy()
      else problem(response, 500, "internal", "The front could not answer.")
    })
  })
}
