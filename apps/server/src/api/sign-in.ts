/** POST /sessions: from a person's signed delegation to a token. */
import { decodeStatement } from "@holdfast/access"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import type { Handler } from "./handler.ts"

const SESSION_MS_MAX = 8 * 3_600_000

/**
 * Carries a session delegation to the keeper and, once it is admitted, gives a token for it. The keeper judges signature and
 * authority; that the statement is a delegation of a session key to its own author is all that is looked at here.
 */
export const signIn: Handler<"signIn"> = async (context, { body }) => {
  const bytes = fromBase64(body.statement)
  const read = bytes === null ? null : decodeStatement(context.site, bytes, nodeCrypto)
  if (bytes === null || read === null || !read.ok) return { ok: false, fault: "not-a-sign-in" }
  const { author, change, id } = read.statement
  if (
    change.kind !== "delegate" ||
    change.keyKind !== "session" ||
    change.person !== author ||
    change.notAfter === null
  )
    return { ok: false, fault: "not-a-sign-in" }
  const expires_at_ms = Math.min(change.notAfter * 1000, context.now() + SESSION_MS_MAX)
  if (expires_at_ms <= context.now()) return { ok: false, fault: "not-a-sign-in", detail: "it has ended already" }

  const answer = await context.keeper.ask<"submit">({ operation: "submit", statements: [bytes], attachments: [] })
  if (answer.operation === "refused") return { ok: false, fault: "statement-refused", detail: answer.fault }
  const [outcome] = answer.outcomes
  if (outcome === undefined || !outcome.admitted)
    return { ok: false, fault: "statement-refused", detail: outcome?.fault ?? "no outcome" }

  await context.settled()
  const token = await context.sessions.open(change.person, id, expires_at_ms)
  if (token === null) return { ok: false, fault: "sign-in-already-used" }
  context.log("info", "signed in", { person: change.person })
  return { ok: true, answer: { token, expires_at_ms, index: outcome.index, receipt: toBase64(outcome.receipt) } }
}
