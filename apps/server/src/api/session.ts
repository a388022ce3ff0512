/** GET /sessions/current: whose session this is. */
import type { Handler } from "./handler.ts"

export const session: Handler<"session"> = async (_context, _request, { person, delegation, expires_at_ms }) => ({
  ok: true,
  answer: { person, delegation, expires_at_ms },
})
