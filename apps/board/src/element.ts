/**
 * What a board needs from its secure element, and nothing else: a key that signs, a key that agrees, chance, a counter that
 * only rises, a seal for what is kept outside, an attestation of what it is, and an end to all of it.
 *
 * Picture a chip that answers and never shows. `element-software.ts` is the stand-in that is no chip, and says so wherever
 * it is asked; `element-pkcs11.ts` talks to a token. `test/element-contract.ts` is the contract of both. What the keys mean to
 * the lock is `keys.ts`'s business.
 */
import { type Crypto, concat, equalBytes } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import { PUBLIC_KEY_SIZE, type PublicKey, publicKey } from "@holdfast/base/cose"
import { utf8 } from "@holdfast/base/text"

/** "software" keeps its keys in files, where whoever reads the board's directory has them: no claim of attack 70 is made. */
export type ElementKind = "software" | "pkcs11"

export interface SecureElement {
  readonly kind: ElementKind
  /** The key that signs journals and states: its public half. */
  readonly signingKey: PublicKey
  /** ES256 over the bytes: r || s, low-S. */
  sign(bytes: Uint8Array): Uint8Array
  /** The key to which secrets are sealed: its public half, uncompressed. */
  readonly agreementKey: Uint8Array
  /** ECDH with an uncompressed point of P-256: the x coordinate, or null where the bytes are no such point. */
  agree(point: Uint8Array): Uint8Array | null
  random(size: number): Uint8Array
  counter(): number
  /** Moves the counter on by one, durably, and answers with what it says then. */
  advance(): number
  /** For keeping outside what only this element opens again, under the same purpose; not for nothing at all. */
  seal(purpose: string, plain: Uint8Array): Uint8Array
  unseal(purpose: string, sealed: Uint8Array): Uint8Array | null
  /** A signed statement of what it is, for whoever made the challenge: {@link openAttestation} reads it. */
  attest(challenge: Uint8Array): Uint8Array
  /** Destroys every key. What was sealed never opens again, and nothing but `kind` may be asked any more. */
  zeroize(): void
}

/** The element is gone, was destroyed, or is not the one that made this board's keys. One line for a person. */
export class ElementError extends Error {
  override readonly name = "ElementError"
}

/** An element in its words before it signs them. */
export type ElementState = Pick<SecureElement, "kind" | "signingKey" | "agreementKey"> & { readonly counter: number }

const KINDS: readonly ElementKind[] = ["software", "pkcs11"]
const LABEL = utf8("holdfast/attest/v1\0")
const CHALLENGE_SIZE = 16
const POINT_SIZE = 65

/** Challenge 16..64 bytes in, [statement, signature] out; the statement names kind, keys, counter and challenge. */
export function attestation(
  state: ElementState,
  challenge: Uint8Array,
  sign: (bytes: Uint8Array) => Uint8Array,
): Uint8Array {
  const fields: [number, Cbor][] = [
    [0, KINDS.indexOf(state.kind)],
    [1, challenge],
    [2, state.signingKey],
    [3, state.agreementKey],
    [4, state.counter],
  ]
  const statement = encodeCbor(new Map(fields))
  return encodeCbor([statement, sign(concat(LABEL, statement))])
}

/** What an element said of itself, if `signingKey` signed it for this challenge; else null. Who made the element it cannot say. */
export function openAttestation(
  crypto: Crypto,
  signingKey: PublicKey,
  challenge: Uint8Array,
  bytes: Uint8Array,
): ElementState | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 2) return null
  const [statementField, signatureField] = decoded.value as readonly Cbor[]
  const statement = readBytes(statementField, 1, 512)
  const signature = readBytes(signatureField, 64)
  if (statement === null || signature === null) return null
  if (!crypto.verifyEs256(signingKey, concat(LABEL, statement), signature)) return null
  const inner = decodeCbor(statement)
  const map = inner.ok ? readMap(inner.value, [0, 1, 2, 3, 4]) : null
  const kind = KINDS[readUint(map?.get(0)) ?? -1]
  const asked = readBytes(map?.get(1), CHALLENGE_SIZE, 64)
  const key = readBytes(map?.get(2), PUBLIC_KEY_SIZE)
  const agreementKey = readBytes(map?.get(3), POINT_SIZE)
  const counter = readUint(map?.get(4))
  if (kind === undefined || asked === null || key === null || agreementKey === null || counter === null) return null
  if (!equalBytes(asked, challenge) || !equalBytes(key, signingKey)) return null
  return { kind, signingKey: publicKey(key), agreementKey, counter }
}
