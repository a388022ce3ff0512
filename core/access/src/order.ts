/**
 * An order to one lock, checked by its policy: who says it, whether he may, and with which key (I-07).
 *
 * It says nothing about freshness: the nonce is the lock's own, and whether it is the one that is out, still young and not yet
 * used is for the lock to say. A session key is enough for an act that only narrows; everything else takes the person's own.
 */
import type { Crypto, PersonId } from "@holdfast/base"
import { type Act, NARROWING_ACTS } from "./act.ts"
import { ORDER_CODECS, type OrderChange } from "./change/order.ts"
import type { ChangeReader } from "./envelope.ts"
import type { Policy } from "./policy.ts"
import type { StatementId } from "./statement-id.ts"
import { encodeTold, type ToldFault, verifyTold } from "./told.ts"

export type OrderFault = ToldFault | "act not allowed"

export type OrderVerified =
  | {
      readonly ok: true
      readonly order: OrderChange
      /** What the lock gave out. */
      readonly nonce: Uint8Array
      readonly by: PersonId
      readonly id: StatementId
      /** All that this signature may say here. */
      readonly acts: readonly Act[]
    }
  | { readonly ok: false; readonly fault: OrderFault }

/** The message that carries an order to its lock: the statement, and the session delegation where a session key signed it. */
export const encodeOrder = encodeTold

const readOrder: ChangeReader<OrderChange> = (kind, value) =>
  kind === "order" ? ORDER_CODECS.order.decode(value) : null

/** Whether somebody whom the policy names may order this, at this door. */
export function verifyOrder(policy: Policy, bytes: Uint8Array, crypto: Crypto): OrderVerified {
  const told = verifyTold(policy, policy.actors, ["order", "deny"], bytes, readOrder, crypto)
  if (!told.ok) return told
  const { change: order, nonce, id } = told.statement
  const { person: by, acts: may } = told.by
  const acts = told.isBySession ? may.filter((act) => NARROWING_ACTS.includes(act)) : may
  if (!acts.includes(order.act)) return { ok: false, fault: "act not allowed" }
  return { ok: true, order, nonce, by, id, acts }
}
