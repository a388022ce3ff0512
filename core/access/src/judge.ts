/**
 * Whether an author may say a statement now: the chain of keys, the signature, the level that its kind needs, its time, and
 * whether the world is still what it expects.
 *
 * Judged against the state just before the statement, at the keeper's admission time; so the keeper and an auditor years later
 * answer alike. Whether it narrows, and whether it gives its author something, needs before and after: admit.ts.
 */
import { type Crypto, equalBytes, type PersonId, type UnixSeconds } from "@holdfast/base"
import { ALG_ES256, kidOf, type Signed } from "@holdfast/base/cose"
import { isLogin } from "./change.ts"
import { type Kind, levelOf } from "./kinds.ts"
import type { Root } from "./root.ts"
import { type Expected, verifyStatementSignature } from "./signature.ts"
import type { Delegation, State } from "./state.ts"
import type { Statement } from "./statement.ts"
import type { StatementId } from "./statement-id.ts"

/** By what a statement was signed, strongest last but one: the keeper is for its own facts only. */
export type Signer = "session" | "fresh" | "root" | "keeper"

export type JudgeFault =
  | "already in the log"
  | "expired"
  | "not-after too far ahead"
  | "unknown key"
  | "chain broken"
  | "delegation revoked"
  | "delegation ended"
  | "kind not delegated"
  | "wrong signature"
  | "needs the keeper"
  | "not for the log"
  | "not for the keeper"
  | "needs a fresh signature"
  | "only the root delegates"
  | "not your own sitting"
  | "sitting too long"
  | "changed since"

export type Judged = { readonly ok: true; readonly signer: Signer } | { readonly ok: false; readonly fault: JudgeFault }

/** How far ahead of the keeper's clock a statement's end may lie. */
export const NOT_AFTER_S_MAX = 300
export const SITTING_S_MAX = 8 * 3600

/** What the state needs to show of itself here; a folding in the making shows the same. */
export type Judging = {
  readonly root: Root
  readonly delegations: { get(id: StatementId): Delegation | undefined }
  readonly touched: { get(id: Statement["expects"][number]["object"]): number | undefined }
  readonly recent: { has(id: StatementId): boolean }
}

type Chained = { readonly signer: Signer; readonly expected: Expected } | JudgeFault

function linkFault(link: Delegation, person: PersonId, now: UnixSeconds): JudgeFault | null {
  if (link.person !== person) return "chain broken"
  if (link.revoked) return "delegation revoked"
  return link.notAfter !== null && now > link.notAfter ? "delegation ended" : null
}

/**
 * The key at the end of a person's chain: [own key] or [own key, session]. Rights along it are intersected, so `kind` must be
 * allowed by every link; null asks for no kind in particular.
 */
export function keyOfChain(
  state: Pick<Judging, "delegations">,
  person: PersonId,
  chain: readonly StatementId[],
  kind: Kind | null,
  now: UnixSeconds,
): { readonly link: Delegation; readonly signer: "session" | "fresh" } | JudgeFault {
  const [ownId, sessionId, ...more] = chain
  const own = ownId === undefined ? undefined : state.delegations.get(ownId)
  if (own === undefined || own.keyKind === "session" || more.length > 0) return "chain broken"
  const session = sessionId === undefined ? null : state.delegations.get(sessionId)
  if (session === undefined) return "chain broken"
  if (session !== null && (session.keyKind !== "session" || session.parent !== ownId)) return "chain broken"
  for (const link of session === null ? [own] : [own, session]) {
    const fault = linkFault(link, person, now)
    if (fault !== null) return fault
    if (kind !== null && link.kinds !== null && !link.kinds.includes(kind)) return "kind not delegated"
  }
  return session === null ? { link: own, signer: "fresh" } : { link: session, signer: "session" }
}

function expectedSigner(
  state: Judging,
  statement: Statement,
  signed: Signed,
  now: UnixSeconds,
  crypto: Crypto,
): Chained {
  const { author, chain, change } = statement
  if (author === "root" || author === "keeper") {
    if (chain.length > 0) return "chain broken"
    const keys = author === "root" ? state.root.keys : [state.root.keeper]
    const key = keys.find((each) => equalBytes(kidOf(each, crypto), signed.kid))
    if (key === undefined) return "unknown key"
    const by = author === "root" && signed.alg !== ALG_ES256 ? "tap" : "key" // An owner's key may be a passkey or a file.
    return { signer: author === "root" ? "root" : "keeper", expected: { key, by } }
  }
  const isSignIn = isLogin(change)
  const found = keyOfChain(state, author, chain, isSignIn ? null : change.kind, now)
  if (typeof found === "string") return found
  const { link, signer } = found
  const tap = isSignIn ? "login tap" : "tap"
  return { signer, expected: { key: link.key, by: link.keyKind === "passkey" ? tap : "key" } }
}

/** Own keys are delegated by the root; a sitting by the person's own key, for that person, for at most eight hours. */
function delegateFault(statement: Statement, signer: Signer, now: UnixSeconds): JudgeFault | null {
  const { change, author } = statement
  if (change.kind !== "delegate") return null
  if (!isLogin(change)) return signer === "root" ? null : "only the root delegates"
  if (signer !== "fresh" || change.person !== author) return "not your own sitting"
  return change.notAfter === null || change.notAfter > now + SITTING_S_MAX ? "sitting too long" : null
}

function levelFault(statement: Statement, signer: Signer): JudgeFault | null {
  const level = levelOf(statement.change.kind)
  if (level === "lock") return "not for the log"
  if (level === "keeper") return signer === "keeper" ? null : "needs the keeper"
  if (signer === "keeper") return "not for the keeper"
  return level === "fresh" && signer === "session" ? "needs a fresh signature" : null
}

function timeFault(statement: Statement, now: UnixSeconds): JudgeFault | null {
  if (now > statement.notAfter) return "expired"
  return statement.notAfter > now + NOT_AFTER_S_MAX ? "not-after too far ahead" : null
}

/** Judges one decoded statement at `now`, the admission time by the keeper's clock. */
export function judge(
  state: Judging & Pick<State, "site">,
  statement: Statement,
  signed: Signed,
  now: UnixSeconds,
  crypto: Crypto,
): Judged {
  if (state.recent.has(statement.id)) return { ok: false, fault: "already in the log" }
  const early = timeFault(statement, now)
  if (early !== null) return { ok: false, fault: early }
  const chained = expectedSigner(state, statement, signed, now, crypto)
  if (typeof chained === "string") return { ok: false, fault: chained }
  if (!verifyStatementSignature(signed, chained.expected, state.site, state.root, crypto))
    return { ok: false, fault: "wrong signature" }
  const { signer } = chained
  const fault = levelFault(statement, signer) ?? delegateFault(statement, signer, now)
  if (fault !== null) return { ok: false, fault }
  for (const { object, index } of statement.expects)
    if (state.touched.get(object) !== index) return { ok: false, fault: "changed since" }
  return { ok: true, signer }
}
