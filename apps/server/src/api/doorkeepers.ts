/**
 * Who stands at the routes' doors: one asks for a session, one lets people sign in slowly. What they let pass is checked and
 * answered by others.
 */
import type { FastifyReply, FastifyRequest } from "fastify"
import { Allowance } from "../allowance.ts"
import type { Context } from "../context.ts"
import type { Session } from "../sessions.ts"
import { sendFault } from "./problem.ts"

/** Signing in is rare. */
const SIGN_IN = { burst: 20, per_s: 0.5, peers_max: 10_000 }

function tokenOf(request: FastifyRequest): string | null {
  return /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.authorization ?? "")?.[1] ?? null
}

/** Finds the session before a body is read, so that a stranger's body is never parsed. */
function welcome(context: Context, sessions: WeakMap<FastifyRequest, Session>) {
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const token = tokenOf(request)
    if (token === null) return sendFault(reply, "no-token")
    const found = await context.sessions.find(token)
    if (found === null) return sendFault(reply, "session-ended")
    sessions.set(request, found)
  }
}

/** Who stands at the routes' doors. */
export type Doorkeepers = {
  readonly sessions: WeakMap<FastifyRequest, Session>
  readonly welcome: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  readonly slow: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}

export function doorkeepersOf(context: Context): Doorkeepers {
  const sessions = new WeakMap<FastifyRequest, Session>()
  const signIns = new Allowance(SIGN_IN)
  return {
    sessions,
    welcome: welcome(context, sessions),
    slow: async (request, reply) => {
      if (!signIns.take(request.ip, context.now())) return sendFault(reply, "too-many-requests")
    },
  }
}
