/**
 * The two ways in which a statement is signed: by a key that a program holds (ES256), or by a passkey's tap.
 *
 * A passkey signs a challenge that binds the purpose and the site: one statement, one batch of statements under one tap, or
 * a sign-in. A sign-in is the delegation of a session key and nothing else, so no other statement can hide in it.
 */
import { concat, type Crypto, equalBytes, idBytes, type SiteId } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import { ALG_ES256, isLowS, kidOf, type PublicKey, type Signed } from "@holdfast/base/cose"
import { utf8 } from "@holdfast/base/text"
import {
  type Assertion,
  AUTHENTICATOR_DATA_SIZE_MAX,
  CLIENT_DATA_SIZE_MAX,
  DER_SIGNATURE_SIZE_MAX,
  type Relying,
  verifyAssertion,
} from "./assertion.ts"
import { DIGEST_SIZE } from "./read.ts"
import { TAP_PATH_MAX, TAP_STATEMENTS_MAX, tapRoot } from "./tap.ts"

/** What a tap is for; it stands in the challenge. */
export type Purpose = "stmt" | "batch" | "login"

/** SHA-256("holdfast/" purpose "/v1" 0x00 siteId subject): a Sig_structure, or for a batch the tree's root. */
export function challengeOf(purpose: Purpose, site: SiteId, subject: Uint8Array, crypto: Crypto): Uint8Array {
  return crypto.sha256(concat(utf8(`holdfast/${purpose}/v1`), new Uint8Array(1), idBytes(site), subject))
}

/** Where a statement stands in its batch. */
export type Place = { readonly index: number; readonly size: number; readonly path: readonly Uint8Array[] }

/** The signature field of a statement that a passkey signed. */
export function encodePasskeySignature(assertion: Assertion, place: Place | null): Uint8Array {
  const { authenticatorData, clientDataJson, signature } = assertion
  const parts: readonly Cbor[] = [authenticatorData, clientDataJson, signature]
  return encodeCbor(place === null ? parts : [...parts, place.index, place.size, place.path])
}

export type PasskeySignature = { readonly assertion: Assertion; readonly place: Place | null }

export function decodePasskeySignature(bytes: Uint8Array): PasskeySignature | null {
  const decoded = decodeCbor(bytes)
  const list: Cbor = decoded.ok ? decoded.value : null
  if (!Array.isArray(list) || (list.length !== 3 && list.length !== 6)) return null
  const parts = list as readonly Cbor[]
  const authenticatorData = readBytes(parts[0], 1, AUTHENTICATOR_DATA_SIZE_MAX)
  const clientDataJson = readBytes(parts[1], 1, CLIENT_DATA_SIZE_MAX)
  const signature = readBytes(parts[2], 1, DER_SIGNATURE_SIZE_MAX)
  if (authenticatorData === null || clientDataJson === null || signature === null) return null
  const assertion: Assertion = { authenticatorData, clientDataJson, signature }
  if (parts.length === 3) return { assertion, place: null }
  const index = readUint(parts[3])
  const size = readUint(parts[4], TAP_STATEMENTS_MAX)
  const path = readArray(parts[5], TAP_PATH_MAX, (hash) => readBytes(hash, DIGEST_SIZE))
  return index === null || size === null || path === null ? null : { assertion, place: { index, size, path } }
}

/** The challenge that a tap must have answered; null where there is none, as for a sign-in among other statements. */
function challengeFor(
  by: "tap" | "login tap",
  place: Place | null,
  site: SiteId,
  structure: Uint8Array,
  crypto: Crypto,
): Uint8Array | null {
  if (place === null) return challengeOf(by === "tap" ? "stmt" : "login", site, structure, crypto)
  if (by === "login tap") return null // A sign-in is tapped alone.
  const root = tapRoot(structure, place.index, place.size, place.path, crypto)
  return root === null ? null : challengeOf("batch", site, root, crypto)
}

/** How a key signs: as a program does, or as a passkey does, over statements or over a sign-in. */
export type SignedBy = "key" | "tap" | "login tap"

/** Who is expected to have signed, and how: a passkey never signs as a program does, another key never by a tap. */
export type Expected = { readonly key: PublicKey; readonly by: SignedBy }

export function verifyStatementSignature(
  signed: Signed,
  expected: Expected,
  site: SiteId,
  relying: Relying,
  crypto: Crypto,
): boolean {
  if (!equalBytes(signed.kid, kidOf(expected.key, crypto))) return false
  const { key, by } = expected
  if ((by === "key") !== (signed.alg === ALG_ES256)) return false
  if (by === "key") return isLowS(signed.signature) && crypto.verifyEs256(key, signed.signed, signed.signature)
  const field = decodePasskeySignature(signed.signature)
  const challenge = field === null ? null : challengeFor(by, field.place, site, signed.signed, crypto)
  if (field === null || challenge === null) return false
  return verifyAssertion(field.assertion, challenge, key, relying, crypto)
}
