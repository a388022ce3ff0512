/**
 * Making statements: bytes to sign go out, a signature comes back, a signed statement is whole.
 *
 * A program's key signs `bytes`. A passkey signs the challenge of a {@link Tap}: over one statement, over all drafts of one
 * sitting, or over a sign-in, which is always alone.
 */
import { assert, type Crypto, type SiteId } from "@holdfast/base"
import {
  ALG_ES256,
  ALG_WEBAUTHN,
  bytesToSign,
  encodeSigned,
  isLowS,
  kidOf,
  type Protected,
  type PublicKey,
} from "@holdfast/base/cose"
import type { Assertion } from "./assertion.ts"
import { type Change, isLogin, type ObjectId, objectsOf } from "./change.ts"
import { challengeOf, encodePasskeySignature } from "./signature.ts"
import { type Expect, STATEMENT_SIZE_MAX } from "./envelope.ts"
import { encodeStatement, type StatementBody } from "./statement.ts"
import { nameStatement, type StatementId } from "./statement-id.ts"
import { tapOver } from "./tap.ts"

export type StatementToSign = {
  readonly id: StatementId
  readonly body: StatementBody
  /** The Sig_structure: an ES256 key signs exactly this. */
  readonly bytes: Uint8Array
  /** The signed statement; the argument is the signature field: r || s with low s, or a passkey's encoded answer. */
  finish(signature: Uint8Array): Uint8Array
}

/** Prepares one statement for a key: `by` says whether a program holds it or a passkey does. */
export function statementToSign(
  site: SiteId,
  body: StatementBody,
  key: PublicKey,
  by: "key" | "passkey",
  crypto: Crypto,
): StatementToSign {
  const header: Protected = { alg: by === "key" ? ALG_ES256 : ALG_WEBAUTHN, kid: kidOf(key, crypto), type: "stmt" }
  const payload = encodeStatement(body)
  assert(payload.length < STATEMENT_SIZE_MAX, "a statement has room for its signature")
  const bytes = bytesToSign(header, site, payload)
  return {
    id: nameStatement(bytes, crypto),
    body,
    bytes,
    finish(signature) {
      assert(by === "passkey" || isLowS(signature), "an ES256 signature is 64 bytes with a low s")
      return encodeSigned(header, payload, signature)
    },
  }
}

export type TapToSign = {
  /** What to hand to navigator.credentials.get. */
  readonly challenge: Uint8Array
  /** The signed statements, in their order. */
  finish(assertion: Assertion): readonly Uint8Array[]
}

/** One tap over all of these, each prepared with `by: "passkey"`. */
export function tapToSign(site: SiteId, statements: readonly StatementToSign[], crypto: Crypto): TapToSign {
  const [first] = statements
  assert(first !== undefined, "a tap covers a statement")
  if (statements.length === 1) {
    const purpose = isLogin(first.body.change) ? "login" : "stmt"
    return {
      challenge: challengeOf(purpose, site, first.bytes, crypto),
      finish: (assertion) => [first.finish(encodePasskeySignature(assertion, null))],
    }
  }
  assert(!statements.some((each) => isLogin(each.body.change)), "a sign-in is tapped alone")
  const structures = statements.map((each) => each.bytes)
  const tap = tapOver(structures, crypto)
  const size = statements.length
  return {
    challenge: challengeOf("batch", site, tap.root, crypto),
    finish: (assertion) =>
      statements.map((each, index) =>
        each.finish(encodePasskeySignature(assertion, { index, size, path: tap.path(index) })),
      ),
  }
}

/**
 * What each of these changes should expect, given when each object was last touched. An object is listed only by the first
 * change that touches it, since the later ones of the same sitting cannot know the index that the first will get.
 */
export function expectsFor(changes: readonly Change[], touched: ReadonlyMap<ObjectId, number>): readonly Expect[][] {
  const listed = new Set<ObjectId>()
  return changes.map((change) => {
    const expects: Expect[] = []
    for (const object of objectsOf(change)) {
      const index = touched.get(object)
      if (index !== undefined && !listed.has(object)) expects.push({ object, index })
      listed.add(object)
    }
    return expects.sort((a, b) => (a.object < b.object ? -1 : 1))
  })
}
