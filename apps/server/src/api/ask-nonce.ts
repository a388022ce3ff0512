/** POST /doors/{door}/nonces: what an order to this door's lock must bear. The lock makes it; the server carries it. */
import { assert, parseId } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Handler } from "./handler.ts"

export const askNonce: Handler<"askNonce"> = async (context, { params }) => {
  const door = parseId<"DoorId">(params.door)
  assert(door !== null, "the contract let only ids pass")
  if (context.present(door) === null) return { ok: false, fault: "not-found" }
  const asked = await context.orders.askNonce(door)
  if (typeof asked === "string") return { ok: false, fault: asked }
  return { ok: true, answer: { nonce: toBase64(asked.nonce), version: asked.version } }
}
