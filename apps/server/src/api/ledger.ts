/** GET /ledger/{class}/{period}/{file}: the logs' files for authorised readers, as C2SP tlog-tiles lays them out. */
import { parsePath } from "@holdfast/ledger"
import type { Handler } from "./handler.ts"

/** A file of a log. Only names that tlog-tiles knows are looked for; a tile never changes under its name. */
export const ledger: Handler<"ledger"> = async ({ files }, { params }) => {
  const { class: name, period, file } = params
  const isTile = parsePath(file) !== null
  if (!isTile && file !== "checkpoint" && file !== "log.vkey") return { ok: false, fault: "not-found" }
  const answer = await files.read(name, period, file)
  return answer === null ? { ok: false, fault: "not-found" } : { ok: true, answer, isImmutable: isTile }
}
