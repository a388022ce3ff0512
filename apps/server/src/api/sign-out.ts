/** DELETE /sessions/current: the end of a session. */
import type { Handler } from "./handler.ts"

/** Ends the session here. Its delegation stands until it is revoked or ends, but opens no session again. */
export const signOut: Handler<"signOut"> = async (context, _request, session) => {
  await context.sessions.close(session)
  return { ok: true, answer: null }
}
