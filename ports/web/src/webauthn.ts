/**
 * Passkeys through WebAuthn level 3: one is made, and one signs a challenge. User verification is always required.
 *
 * The page never sees a private key. What comes back is what the authenticator said, in bytes, for others to verify: this
 * file checks no signature and believes nothing.
 */
import { byteAt } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import { ownBytes } from "./keys.ts"

const ES256 = -7
const TIMEOUT_MS = 60_000
/** WebAuthn level 3, section 6.1: bits of the flags byte in authenticator data. */
const FLAGS_AT = 32
/** Backup eligible (8) and backed up (16). */
const BACKUP_FLAGS = 0x18

/** The person closed the dialog, no authenticator is there, or the origin may not use passkeys. */
export class PasskeyError extends Error {
  override readonly name = "PasskeyError"
  readonly reason: "refused" | "unavailable" | "already there" | "unknown algorithm"

  constructor(reason: PasskeyError["reason"], message: string) {
    super(message)
    this.reason = reason
  }
}

export type Passkey = {
  readonly credentialId: Uint8Array
  readonly publicKey: PublicKey
  /** The backup flags as the authenticator told them: BE is 8, BS is 16. */
  readonly backupFlags: number
}

export type Assertion = {
  readonly credentialId: Uint8Array
  readonly authenticatorData: Uint8Array
  readonly clientDataJson: Uint8Array
  /** ASN.1 DER, as the authenticator made it. */
  readonly signature: Uint8Array
}

/** Whether this browser and this origin can use passkeys at all. An IP address cannot; `localhost` can. */
export function passkeysAvailable(): boolean {
  return "credentials" in navigator && "PublicKeyCredential" in globalThis && isSecureContext
}

function sorted(error: unknown): PasskeyError {
  const name = error instanceof DOMException ? error.name : ""
  if (name === "InvalidStateError")
    return new PasskeyError("already there", "This authenticator already holds a passkey for you.")
  if (name === "SecurityError" || name === "NotSupportedError")
    return new PasskeyError("unavailable", "This browser cannot use a passkey on this address.")
  return new PasskeyError("refused", "No passkey was used: the request was closed or timed out.")
}

function backupFlags(authenticatorData: Uint8Array): number {
  return byteAt(authenticatorData, FLAGS_AT) & BACKUP_FLAGS
}

/** SubjectPublicKeyInfo of a P-256 key ends in the uncompressed point: RFC 5480, section 2. */
function pointOfSpki(spki: ArrayBuffer | null): PublicKey | null {
  if (spki === null || spki.byteLength !== 91) return null
  return publicKey(new Uint8Array(spki).slice(27))
}

/** Makes a passkey that the authenticator itself can find again. `user` is 16 random bytes, never a name. */
export async function createPasskey(
  relyingParty: { id: string; name: string },
  user: Uint8Array,
  name: string,
): Promise<Passkey> {
  const created = await navigator.credentials
    .create({
      publicKey: {
        rp: relyingParty,
        user: { id: ownBytes(user), name, displayName: name },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: [{ type: "public-key", alg: ES256 }],
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        attestation: "none",
        timeout: TIMEOUT_MS,
      },
    })
    .catch((error: unknown) => Promise.reject(sorted(error)))
  if (!(created instanceof PublicKeyCredential) || !(created.response instanceof AuthenticatorAttestationResponse))
    throw new PasskeyError("unavailable", "The browser answered with something that is no passkey.")
  const point = pointOfSpki(created.response.getPublicKey())
  if (point === null || created.response.getPublicKeyAlgorithm() !== ES256)
    throw new PasskeyError("unknown algorithm", "The authenticator made a key of another kind than ES256.")
  const data = new Uint8Array(created.response.getAuthenticatorData())
  return { credentialId: new Uint8Array(created.rawId), publicKey: point, backupFlags: backupFlags(data) }
}

/** One tap: the authenticator signs the challenge. Without `credentialId` the person picks among their passkeys. */
export async function usePasskey(
  rpId: string,
  challenge: Uint8Array,
  credentialId: Uint8Array | null,
): Promise<Assertion> {
  const wanted = credentialId === null ? [] : [{ type: "public-key" as const, id: ownBytes(credentialId) }]
  const got = await navigator.credentials
    .get({
      publicKey: {
        rpId,
        challenge: ownBytes(challenge),
        allowCredentials: wanted,
        userVerification: "required",
        timeout: TIMEOUT_MS,
      },
    })
    .catch((error: unknown) => Promise.reject(sorted(error)))
  if (!(got instanceof PublicKeyCredential) || !(got.response instanceof AuthenticatorAssertionResponse))
    throw new PasskeyError("unavailable", "The browser answered with something that is no passkey.")
  return {
    credentialId: new Uint8Array(got.rawId),
    authenticatorData: new Uint8Array(got.response.authenticatorData),
    clientDataJson: new Uint8Array(got.response.clientDataJSON),
    signature: new Uint8Array(got.response.signature),
  }
}

/** Bytes from the browser's own chance. */
export function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count))
}
