/**
 * POST /doors/{door}/orders: carries an order to its lock. Whose it is and whether it holds is for the lock to judge; what it
 * did with it, its journal says.
 */
import { decodeStatement } from "@holdfast/access"
import { assert, parseId } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import type { Handler } from "./handler.ts"

export const order: Handler<"order"> = async (context, { params, body }) => {
  const door = parseId<"DoorId">(params.door)
  const bytes = fromBase64(body.statement)
  assert(door !== null && bytes !== null, "the contract let only ids and base64 pass")
  if (context.present(door) === null) return { ok: false, fault: "not-found" }
  const decoded = decodeStatement(context.site, bytes, nodeCrypto)
  if (!decoded.ok || decoded.statement.change.kind !== "order") return { ok: false, fault: "not-an-order" }
  if (decoded.statement.change.door !== door)
    return { ok: false, fault: "not-an-order", detail: "it is for another door" }
  const fault = await context.orders.carry(door, bytes, decoded.statement)
  return fault === null ? { ok: true, answer: null } : { ok: false, fault }
}
