/**
 * From drafts to facts: seal what opens their commitments, sign, send, and wait for proof.
 *
 * A statement counts as done only when the authority log, verified here, holds exactly its bytes at the index that the
 * keeper named, and the keeper's receipt verifies against the log key. Everything before that is "not yet".
 */
import { encodeOpening, expectsFor } from "@holdfast/access/author"
import { assert, idBytes } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import type { Client, Issued, Outcome } from "@holdfast/contract"
import { encodeEntry, parseReceipt, verifierOf, verifyReceipt } from "@holdfast/ledger"
import { hpkeInfo, sealTo, webCrypto } from "@holdfast/port-web"
import type { AuthorityLog } from "./authority.ts"
import type { Draft } from "./drafts.ts"
import type { Identity } from "./identity.ts"
import type { Session } from "./session.ts"
import { type ChangeToState, type SignedStatement, signAsPerson, signInSession } from "./signing.ts"
import type { Site } from "./site.ts"

export type DraftOutcome =
  | { readonly draft: Draft; readonly admitted: true; readonly index: number; readonly receipt: Uint8Array }
  | { readonly draft: Draft; readonly admitted: false; readonly why: string }
export type Submitted =
  | { readonly ok: true; readonly outcomes: readonly DraftOutcome[]; readonly issued: readonly Issued[] }
  | { readonly ok: false; readonly why: string }

/** Whose key signs: the person's own, or the session's for what narrows. */
export type By = "person" | "session"

/** The keeper's key makes no sealing possible: the site's root metadata is damaged. */
export class SealError extends Error {
  override readonly name = "SealError"
}

async function sealAttachments(site: Site, drafts: readonly Draft[]): Promise<{ object: string; sealed: string }[]> {
  const attachments: { object: string; sealed: string }[] = []
  for (const { opening } of drafts) {
    if (opening === null) continue
    assert(idBytes(opening.object).length === 16, "an attachment belongs to an object")
    const plain = encodeOpening({ salt: opening.salt, value: opening.value })
    const sealed = await sealTo(site.root.keeperHpke, hpkeInfo("attachment", site.id), plain)
    if (sealed === null) throw new SealError("The keeper's sealing key is no point of its curve.")
    attachments.push({ object: opening.object, sealed: toBase64(sealed) })
  }
  return attachments
}

function withExpects(drafts: readonly Draft[], authority: AuthorityLog): ChangeToState[] {
  const changes = drafts.map(({ change }) => change)
  const expects = expectsFor(changes, authority.state?.touched ?? new Map())
  return changes.map((change, index) => ({ change, expects: expects[index] ?? [] }))
}

/** Whether an admitted statement is proved in the log as this browser verified it. */
export function isProved(
  site: Site,
  authority: AuthorityLog,
  origin: string,
  statement: SignedStatement,
  index: number,
  receiptBytes: Uint8Array,
): boolean {
  const entry = authority.entries[index]
  if (entry === undefined || !authority.holds(index, statement.bytes)) return false
  const parsed = parseReceipt(receiptBytes)
  if (!parsed.ok || parsed.receipt.index !== index) return false
  const log = verifierOf(origin, site.root.logKey, webCrypto)
  return verifyReceipt(parsed.receipt, encodeEntry(entry), origin, log, webCrypto).ok
}

export async function submit(
  site: Site,
  client: Client,
  identity: Identity,
  session: Session,
  authority: AuthorityLog,
  drafts: readonly Draft[],
  by: By,
): Promise<Submitted> {
  const changes = withExpects(drafts, authority)
  const signed =
    by === "person" ? await signAsPerson(site, identity, changes) : await signInSession(site, session.signer, changes)
  const attachments = await sealAttachments(site, drafts)
  const body = { statements: signed.map((each) => toBase64(each.bytes)), attachments }
  const answered = await client.ask("submit", { body }, { token: session.token })
  if (!answered.ok) return { ok: false, why: answered.detail ?? answered.fault.replaceAll("-", " ") }
  await authority.refresh()
  const outcomes = drafts.map((draft, at) =>
    outcomeOf(site, authority, draft, signed[at], answered.answer.outcomes[at]),
  )
  return { ok: true, outcomes, issued: answered.answer.issued }
}

function outcomeOf(
  site: Site,
  authority: AuthorityLog,
  draft: Draft,
  statement: SignedStatement | undefined,
  outcome: Outcome | undefined,
): DraftOutcome {
  if (outcome === undefined || statement === undefined)
    return { draft, admitted: false, why: "the keeper did not answer for this change" }
  if (!outcome.admitted) return { draft, admitted: false, why: outcome.detail || outcome.because.replaceAll("-", " ") }
  const now = authority.store.value
  const receipt = fromBase64(outcome.receipt)
  const origin = now.is === "verified" ? now.checkpoint.origin : null
  const proved =
    receipt !== null && origin !== null && isProved(site, authority, origin, statement, outcome.index, receipt)
  if (!proved || receipt === null)
    return { draft, admitted: false, why: "the keeper says admitted, but its receipt does not verify in this browser" }
  return { draft, admitted: true, index: outcome.index, receipt }
}
