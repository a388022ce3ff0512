/**
 * An order to one lock: its own nonce asked for, a person's signature over it, and away.
 *
 * Carried is not obeyed. What the lock did with it stands in its next signed state and in its journal, and only there does a
 * page read it. Nothing is kept anywhere: a nonce is good for 30 seconds and for one order.
 */
import { type Act, NARROWING_ACTS } from "@holdfast/access/rules"
import type { Change } from "@holdfast/access"
import type { DoorId } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import type { Client } from "@holdfast/contract"
import type { Identity } from "./identity.ts"
import type { Session } from "./session.ts"
import { signAsPerson, signInSession } from "./signing.ts"
import type { Site } from "./site.ts"

export type Ordered = { readonly ok: true } | { readonly ok: false; readonly why: string }

/** The nonce and the policy version that an order to this lock must bear. */
async function askNonce(client: Client, session: Session, door: DoorId) {
  const answered = await client.ask("askNonce", { params: { door } }, { token: session.token })
  if (!answered.ok) return { ok: false, why: answered.detail ?? answered.fault.replaceAll("-", " ") } as const
  const nonce = fromBase64(answered.answer.nonce)
  if (nonce?.length !== 16) return { ok: false, why: "what came is no nonce" } as const
  return { ok: true, nonce, version: answered.answer.version } as const
}

/** Whether the sitting's key is enough: for what only narrows. A threat level may be a lower one, so it takes one's own key. */
export function isQuiet(act: Act): boolean {
  return NARROWING_ACTS.includes(act) && act !== "threat level"
}

/** Asks, signs and sends. What only narrows the session's key signs; everything else the person's own, with a tap. */
export async function order(
  site: Site,
  client: Client,
  identity: Identity,
  session: Session,
  door: DoorId,
  act: Act,
  value: number,
): Promise<Ordered> {
  const asked = await askNonce(client, session, door)
  if (!asked.ok) return asked
  const change: Change = { kind: "order", door, act, value, version: asked.version }
  const changes = [{ change, expects: [] }]
  const [signed] = isQuiet(act)
    ? await signInSession(site, session.signer, changes, asked.nonce)
    : await signAsPerson(site, identity, changes, asked.nonce)
  if (signed === undefined) return { ok: false, why: "nothing was signed" }
  const request = { params: { door }, body: { statement: toBase64(signed.bytes) } }
  const answered = await client.ask("order", request, { token: session.token })
  return answered.ok ? { ok: true } : { ok: false, why: answered.detail ?? answered.fault.replaceAll("-", " ") }
}
