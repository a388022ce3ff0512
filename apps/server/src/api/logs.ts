/** GET /logs: which logs there are. */
import type { LogHead } from "@holdfast/contract"
import type { Handler } from "./handler.ts"

/** The logs that are served: not the looks, which their subjects see by other ways. */
export const logs: Handler<"logs"> = async ({ files }) => {
  const found: LogHead[] = []
  for (const name of ["authority", "events"] as const) {
    for (const period of await files.periods(name)) {
      const log = await files.log(name, period)
      const head = await files.head(name, period)
      if (log === null || head === null) continue
      found.push({ class: name, period, origin: log.verifier.name, vkey: log.vkey, size: head.size })
    }
  }
  return { ok: true, answer: { logs: found } }
}
