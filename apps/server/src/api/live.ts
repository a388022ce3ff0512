/** GET /live: server-sent events (WHATWG HTML, section 9.2). */
import type { FastifyReply, FastifyRequest } from "fastify"
import type { Context } from "../context.ts"
import { listen } from "../live/listener.ts"
import type { Session } from "../sessions.ts"
import { sendFault } from "./problem.ts"

const LISTENERS_MAX = 1_000

/**
 * The one request that does not end with an answer: events go on until the connection or the session ends. The framework's
 * headers are kept, its body is not used.
 */
export function live(context: Context, request: FastifyRequest, reply: FastifyReply, session: Session): FastifyReply {
  const { hub, sessions } = context
  if (hub.listeners >= LISTENERS_MAX) return sendFault(reply, "too-many-listeners")
  const last = request.headers["last-event-id"]
  reply.hijack()
  const { raw } = reply
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
  raw.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" })
  request.raw.socket.setTimeout(0)
  const last_event_id = typeof last === "string" && last.length <= 64 ? last : null
  const { person } = session
  void listen({ hub, response: raw, last_event_id, person, isWelcome: () => sessions.stands(session) })
  return reply
}
