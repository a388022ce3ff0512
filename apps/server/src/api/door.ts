/** GET /doors/{door}: one door as last known. */
import { parseId } from "@holdfast/base"
import type { Handler } from "./handler.ts"

export const door: Handler<"door"> = async (context, { params }) => {
  const id = parseId<"DoorId">(params.door)
  const answer = id === null ? null : context.present(id)
  return answer === null ? { ok: false, fault: "not-found" } : { ok: true, answer }
}
