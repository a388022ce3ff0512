/** The one place where what went wrong becomes HTTP: an RFC 9457 problem document. */
import { AssertionError } from "@holdfast/base"
import { type Fault, FAULTS, type Problem } from "@holdfast/contract"
import type { FastifyError, FastifyReply } from "fastify"
import { DatabaseError } from "../database-fault.ts"
import { KeeperError } from "../keeper.ts"

export function problemOf(fault: Fault, detail: string | null): Problem {
  const { status, title } = FAULTS[fault]
  return { type: `/faults/${fault}`, title, status, fault, detail }
}

export function sendFault(reply: FastifyReply, fault: Fault, detail: string | null = null): FastifyReply {
  const problem = problemOf(fault, detail)
  if (problem.status === 401) reply.header("www-authenticate", "Bearer")
  if (problem.status === 429) reply.header("retry-after", "5")
  return reply.status(problem.status).type("application/problem+json").send(JSON.stringify(problem))
}

/** A request that does not have the form of the contract; the message says where. */
export class RequestNotValidError extends Error {
  override readonly name = "RequestNotValidError"
}

const OF_THE_FRAMEWORK: Readonly<Record<string, Fault>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "media-type-not-supported",
  FST_ERR_CTP_EMPTY_JSON_BODY: "request-not-valid",
  FST_ERR_CTP_INVALID_JSON_BODY: "request-not-valid",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "request-not-valid",
  FST_ERR_BAD_URL: "request-not-valid",
}

export type Blame = { readonly fault: Fault; readonly detail: string | null }

/** Whose fault an exception was. Whatever nobody named is ours, and its message stays inside. */
export function blame(error: FastifyError | Error): Blame {
  if (error instanceof RequestNotValidError) return { fault: "request-not-valid", detail: error.message }
  if (error instanceof KeeperError) return { fault: "keeper-not-reachable", detail: null }
  if (error instanceof DatabaseError) return { fault: "database-not-reachable", detail: null }
  if (error instanceof AssertionError) return { fault: "server-fault", detail: null }
  const fault = "code" in error && typeof error.code === "string" ? OF_THE_FRAMEWORK[error.code] : undefined
  const status = "statusCode" in error ? error.statusCode : undefined
  const isTheirs = typeof status === "number" && status >= 400 && status < 500
  return { fault: fault ?? (isTheirs ? "request-not-valid" : "server-fault"), detail: null }
}
