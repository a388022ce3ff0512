/**
 * A passkey's answer to one challenge (WebAuthn level 3), checked without a JSON parser.
 *
 * Picture three sealed things: what the authenticator says (authenticatorData), what the browser says (clientDataJSON) and a
 * signature over both. The browser's text begins with bytes that the standard fixes (section 5.8.1.1), so a lock compares a
 * prefix (section 5.8.1.2, "limited verification algorithm"). signCount is ignored: synced passkeys have none.
 */
import { rawSignature } from "./der.ts"
import { byteAt, concat, type Crypto, equalBytes } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toBase64Url, utf8 } from "@holdfast/base/text"

export type Assertion = {
  readonly authenticatorData: Uint8Array
  readonly clientDataJson: Uint8Array
  /** ECDSA-Sig-Value in DER: section 6.5.5. */
  readonly signature: Uint8Array
}

/** From where and for whom assertions count; root metadata and policies carry it. */
export type Relying = { readonly origins: readonly string[]; readonly rpId: string }

export const AUTHENTICATOR_DATA_SIZE_MAX = 1024
export const CLIENT_DATA_SIZE_MAX = 2048
export const DER_SIGNATURE_SIZE_MAX = 80

const FLAGS_OFFSET = 32
const AUTHENTICATOR_DATA_SIZE_MIN = 37
const USER_PRESENT = 1
const USER_VERIFIED = 4
const QUOTE = '"'

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return bytes.length > prefix.length && equalBytes(bytes.subarray(0, prefix.length), prefix)
}

/** Section 5.8.1.2: the fixed beginning, then either the end or a comma and whatever later standards add. */
export function clientDataMatches(clientData: Uint8Array, challenge: Uint8Array, origins: readonly string[]): boolean {
  const wanted = toBase64Url(challenge)
  for (const origin of origins) {
    const prefix = utf8(
      `{"type":"webauthn.get","challenge":"${wanted}","origin":${QUOTE}${origin}${QUOTE},"crossOrigin":false`,
    )
    if (!startsWith(clientData, prefix)) continue
    const rest = clientData.subarray(prefix.length)
    const next = byteAt(rest, 0)
    if (next === 0x7d && rest.length === 1) return true // "}"
    if (next === 0x2c && rest[rest.length - 1] === 0x7d) return true // "," ... "}"
  }
  return false
}

/** Whether this is the passkey's answer to `challenge`: type, origin, rpIdHash, user present and verified, signature. */
export function verifyAssertion(
  assertion: Assertion,
  challenge: Uint8Array,
  key: PublicKey,
  relying: Relying,
  crypto: Crypto,
): boolean {
  const data = assertion.authenticatorData
  if (data.length < AUTHENTICATOR_DATA_SIZE_MIN) return false
  const flags = byteAt(data, FLAGS_OFFSET)
  if ((flags & USER_PRESENT) === 0 || (flags & USER_VERIFIED) === 0) return false
  if (!equalBytes(data.subarray(0, FLAGS_OFFSET), crypto.sha256(utf8(relying.rpId)))) return false
  if (!clientDataMatches(assertion.clientDataJson, challenge, relying.origins)) return false
  const signature = rawSignature(assertion.signature)
  return signature !== null && crypto.verifyEs256(key, concat(data, crypto.sha256(assertion.clientDataJson)), signature)
}
