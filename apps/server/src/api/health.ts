/** GET /health: how the server is, for anybody. */
import type { Handler } from "./handler.ts"

/** How the server is. It asks nobody: it says what was last heard, and how long ago. */
export const health: Handler<"health"> = async (context) => {
  const { keeper, projector, hub, broker, now } = context
  const now_ms = now()
  const { behind, age_ms } = projector.state
  const database = context.databaseState()
  const isWell = keeper.isUp && database.up
  return {
    ok: true,
    answer: {
      status: !isWell ? "degraded" : behind > 0 ? "catching-up" : "ok",
      site: context.site,
      version: context.version,
      up_ms: now_ms - context.started_at_ms,
      database: { up: database.up, age_ms: database.heard_at_ms === null ? null : now_ms - database.heard_at_ms },
      keeper: { up: keeper.isUp, age_ms: keeper.heard_at_ms === null ? null : now_ms - keeper.heard_at_ms },
      broker: { up: true, links: broker.links() },
      projection: { entries_behind: behind, age_ms },
      live: { listeners: hub.listeners },
      refused: { messages: context.counts.messages_refused, requests: context.counts.requests_refused },
    },
  }
}
