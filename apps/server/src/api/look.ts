/** POST /look: a look at personal values, carried through. The server reads neither question nor answer. */
import { assert } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import type { Handler } from "./handler.ts"

/** Carries a look to the keeper, which records it first and seals its answer to the one who asked. */
export const look: Handler<"look"> = async (context, { body }) => {
  const bytes = fromBase64(body.look)
  assert(bytes !== null, "the contract let only base64 pass")
  const answer = await context.keeper.ask<"look">({ operation: "look", look: bytes })
  if (answer.operation === "refused") return { ok: false, fault: "look-refused", detail: answer.fault }
  return { ok: true, answer: { sealed: toBase64(answer.sealed) } }
}
