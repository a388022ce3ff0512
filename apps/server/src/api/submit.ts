/** POST /statements: what people signed, carried to the keeper. */
import { assert, parseId } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { slugOf } from "@holdfast/contract"
import type { Submitted } from "@holdfast/wire"
import type { Handler } from "./handler.ts"

function bytesOf(base64: string): Uint8Array {
  const bytes = fromBase64(base64)
  assert(bytes !== null, "the contract let only base64 pass")
  return bytes
}

function outcomeOf(outcome: Submitted) {
  return outcome.admitted
    ? ({ admitted: true, index: outcome.index, receipt: toBase64(outcome.receipt) } as const)
    : ({ admitted: false, because: slugOf(outcome.fault) || "refused", detail: outcome.fault } as const)
}

/** Carries statements to the keeper. Whose they are and what they may do is for the keeper to judge, from their signatures. */
export const submit: Handler<"submit"> = async (context, { body }) => {
  const attachments = body.attachments.map(({ object, sealed }) => {
    const id = parseId<string>(object)
    assert(id !== null, "the contract let only ids pass")
    return { object: id, sealed: bytesOf(sealed) }
  })
  const statements = body.statements.map(bytesOf)
  const answer = await context.keeper.ask<"submit">({ operation: "submit", statements, attachments })
  if (answer.operation === "refused") {
    const because = slugOf(answer.fault) || "refused"
    const outcomes = statements.map(() => ({ admitted: false, because, detail: answer.fault }) as const)
    return { ok: true, answer: { outcomes, issued: [] } }
  }
  await context.settled()
  const issued = answer.issued.map(({ credential, sealed }) => ({ credential, sealed: toBase64(sealed) }))
  return { ok: true, answer: { outcomes: answer.outcomes.map(outcomeOf), issued } }
}
