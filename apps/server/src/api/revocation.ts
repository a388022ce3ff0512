/** GET /revocations/{person}: how far a revocation has come. It must never say "done" too early; too late is only a delay. */
import { idBytes, type PersonId, parseId } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Door, Revocation } from "@holdfast/contract"
import type { Context } from "../context.ts"
import { receiptOf } from "../ledger/receipt.ts"
import type { Admitted, DoorView } from "../site/view.ts"
import type { Handler } from "./handler.ts"

type DoorState = Revocation["doors"][number]

/**
 * Whether the policy in force at a door cannot admit the person any more: it is at or after the statement, or it does not
 * name the person at all. A policy admits only people in its table, so bytes without the id are proof; the other way round
 * nothing is concluded.
 */
async function isDone(context: Context, person: PersonId, { index }: Admitted, shown: Door): Promise<boolean> {
  const { applied } = shown
  if (!shown.paired || applied === null) return true
  if (applied.version.size > index) return true
  const bytes = applied.sha256 === null ? null : await context.policies.read(applied.sha256)
  return bytes !== null && !Buffer.from(bytes).includes(Buffer.from(idBytes(person)))
}

/** The lease end that the lock told; else the latest that one for an older policy can have. */
function leaseEnd({ index }: Admitted, { issued, door }: DoorView, shown: Door): number | null {
  if (shown.lease_ends_at_ms !== null) return shown.lease_ends_at_ms
  return issued === null || issued.index <= index ? null : issued.issued_at_ms + door.config.lease_s * 1000
}

async function stateOf(context: Context, person: PersonId, admitted: Admitted, view: DoorView): Promise<DoorState[]> {
  const shown = context.present(view.id)
  if (shown === null) return []
  const done = await isDone(context, person, admitted, shown)
  const lease_ends_at_ms = done ? null : leaseEnd(admitted, view, shown)
  const { applied, door } = shown
  const evidence = applied?.evidence ?? ({ by: "nothing" } as const)
  return [{ door, applied: applied?.version ?? null, done, lease_ends_at_ms, evidence }]
}

/** How far a revocation has come. Without a statement in the log the person is not revoked, and that is the answer. */
export const revocation: Handler<"revocation"> = async (context, { params }) => {
  const person = parseId<"PersonId">(params.person)
  const admitted = person === null ? null : context.known.view.revocation(person)
  if (person === null || admitted === null)
    return { ok: true, answer: { person: params.person, statement: null, doors: [] } }
  const { period, index, admitted_at_ms } = admitted
  const receipt = await receiptOf(context.files, "authority", period, index)
  const statement = receipt === null ? null : { index, period, admitted_at_ms, receipt: toBase64(receipt) }
  const doors: DoorState[] = []
  for (const view of context.known.view.doors()) doors.push(...(await stateOf(context, person, admitted, view)))
  return { ok: true, answer: { person, statement, doors } }
}
