/**
 * A statement that a lock takes straight from a person's key, through any courier.
 *
 * The lock knows from its policy whose own keys it obeys. A sitting's session key comes with its delegation by value, signed by
 * such an own key; so no log is needed, and no clock: what a sitting may say here only narrows, and whoever needs freshness
 * puts the lock's own nonce into the envelope. What is said, and whether it holds, is deny.ts's and order.ts's.
 */
import { type Crypto, equalBytes, type PersonId, type SiteId } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readMap } from "@holdfast/base/cbor"
import { kidOf, type PublicKey, type Signed } from "@holdfast/base/cose"
import { DELEGATION_CODECS, type DelegationChange } from "./change/delegation.ts"
import { type ChangeReader, type Envelope, openEnvelope, STATEMENT_SIZE_MAX } from "./envelope.ts"
import type { Kind } from "./kinds.ts"
import type { Denier, Policy } from "./policy.ts"
import { fields } from "./read.ts"
import { type Expected, verifyStatementSignature } from "./signature.ts"
import type { StatementId } from "./statement-id.ts"

export const TOLD_SIZE_MAX = 40_960
const DELEGATIONS_MAX = 2

export type ToldFault = "too large" | "malformed" | "unknown signer" | "chain broken" | "wrong signature"

type Told<Change> = { readonly statement: Envelope<Change> & { readonly id: StatementId }; readonly signed: Signed }
type Delegation = Extract<DelegationChange, { kind: "delegate" }>

export type ToldVerified<Change, Key> =
  | {
      readonly ok: true
      readonly statement: Told<Change>["statement"]
      readonly by: Key
      readonly isBySession: boolean
    }
  | { readonly ok: false; readonly fault: ToldFault }

/** The message that carries a statement to a lock, and the session delegation where a session key signed it. */
export function encodeTold(statement: Uint8Array, delegations: readonly Uint8Array[]): Uint8Array {
  return encodeCbor(fields([0, statement], [1, delegations]))
}

const readDelegation: ChangeReader<Delegation> = (kind, value) =>
  kind === "delegate" ? DELEGATION_CODECS.delegate.decode(value) : null

function open<Change>(
  site: SiteId,
  value: Cbor | undefined,
  read: ChangeReader<Change>,
  crypto: Crypto,
): Told<Change> | null {
  const bytes = readBytes(value, 1, STATEMENT_SIZE_MAX)
  const opened = bytes === null ? null : openEnvelope(site, bytes, read, crypto)
  return opened?.ok === true ? opened : null
}

function keyOf<Key extends Denier>(keys: readonly Key[], person: PersonId, signed: Signed, crypto: Crypto): Key | null {
  return keys.find((each) => each.person === person && equalBytes(kidOf(each.key, crypto), signed.kid)) ?? null
}

/** The session key that a delegation by value names, if it is this person's own sitting and may say one of these kinds. */
function sessionKey(
  told: Told<Delegation>,
  person: PersonId,
  id: StatementId | undefined,
  kinds: readonly Kind[],
): PublicKey | null {
  const { change, author } = told.statement
  if (change.keyKind !== "session" || change.person !== person || author !== person || told.statement.id !== id)
    return null
  return change.kinds === null || change.kinds.some((kind) => kinds.includes(kind)) ? change.key : null
}

/** Whether one of `keys`, or a sitting of one that may say one of `kinds`, said this. */
export function verifyTold<Change, Key extends Denier>(
  policy: Policy,
  keys: readonly Key[],
  kinds: readonly Kind[],
  bytes: Uint8Array,
  read: ChangeReader<Change>,
  crypto: Crypto,
): ToldVerified<Change, Key> {
  const refuse = (fault: ToldFault) => ({ ok: false, fault }) as const
  if (bytes.length > TOLD_SIZE_MAX) return refuse("too large")
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1]) : null
  const told = open(policy.site, map?.get(0), read, crypto)
  const sessions = readArray(map?.get(1), DELEGATIONS_MAX, (value) => open(policy.site, value, readDelegation, crypto))
  if (told === null || sessions === null) return refuse("malformed")
  const { statement, signed } = told
  const { author, chain } = statement
  if (author === "root" || author === "keeper") return refuse("unknown signer")
  const [session] = sessions
  if (chain.length !== sessions.length + 1 || sessions.length > 1) return refuse("chain broken")
  const by = keyOf(keys, author, session?.signed ?? signed, crypto)
  if (by === null) return refuse("unknown signer")
  const isPasskey = by.keyKind === "passkey"
  const verifies = (what: Signed, expected: Expected) =>
    verifyStatementSignature(what, expected, policy.site, policy, crypto)
  if (session === undefined) {
    const own: Expected = { key: by.key, by: isPasskey ? "tap" : "key" }
    return verifies(signed, own) ? { ok: true, statement, by, isBySession: false } : refuse("wrong signature")
  }
  const key = sessionKey(session, author, chain[1], kinds)
  if (key === null || session.statement.chain[0] !== chain[0]) return refuse("chain broken")
  const signIn: Expected = { key: by.key, by: isPasskey ? "login tap" : "key" }
  if (!verifies(session.signed, signIn) || !verifies(signed, { key, by: "key" })) return refuse("wrong signature")
  return { ok: true, statement, by, isBySession: true }
}
