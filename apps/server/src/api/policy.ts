/** GET /policies/{sha256}: the bytes of a policy, which hold no secret. */
import type { Handler } from "./handler.ts"

export const policy: Handler<"policy"> = async (context, { params }) => {
  const answer = await context.policies.read(params.sha256)
  return answer === null ? { ok: false, fault: "not-found" } : { ok: true, answer, isImmutable: true }
}
