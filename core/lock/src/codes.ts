/**
 * Whose code was typed: a PIN, a PIN with decoy digits around it, or a PIN for duress.
 *
 * Where the door allows decoys, the six digits of a PIN may stand anywhere in the entry, so that worn or warm keys tell less
 * (attacks 32, 33). Every place where they could stand is looked at, whatever was typed: neither the time nor the number of
 * steps depends on where the code stood, or on whether it was one. How often somebody may try is `throttle.ts`'s business;
 * offline PINs are `offline-entry.ts`'s, and what follows is `judging.ts`'s.
 */
import { credentialAt } from "@holdfast/access/places"
import type { Policy } from "@holdfast/access/door"
import { assert, type CredentialId, type Crypto } from "@holdfast/base"
import { CODE_DIGITS_MAX } from "./factors.ts"
import type { Descriptor } from "./offline.ts"
import { codeHandle, codeNear, type Secrets } from "./secrets.ts"

/** What the system issues (R43), and so what decoys may surround. */
export const PIN_DIGITS = 6

export type OfflineCode = {
  readonly descriptor: Descriptor
  readonly handle: Uint8Array
  /** Whether it opens for the first time or again; null where it opens no more. */
  readonly use: "first" | "again" | null
}

export type Match = {
  readonly credential: CredentialId | null
  /** Whose duress code stands in the entry: somebody enters it when forced to. */
  readonly forced: CredentialId | null
  readonly offline: OfflineCode | null
  /** Somebody's row of the policy's credentials, to be asked about where the code is nobody's. */
  readonly near: number
}

export const NOBODYS: Match = { credential: null, forced: null, offline: null, near: 0 }

/** In how many places of the entry a PIN could stand: so many guesses it is. */
export function guessesIn(code: string, decoys_max: number): number {
  return Math.max(1, Math.min(code.length - PIN_DIGITS, decoys_max) + 1)
}

/** What could be the PIN in an entry, one for each place of the longest entry; "" where there is none. */
function windowsOf(code: string, decoys_max: number): readonly string[] {
  if (decoys_max === 0) return [code.length <= CODE_DIGITS_MAX ? code : ""]
  const isTooLong = code.length > PIN_DIGITS + decoys_max
  return Array.from({ length: decoys_max + 1 }, (_, at) => {
    const part = code.slice(at, at + PIN_DIGITS)
    if (at === 0 && code.length < PIN_DIGITS) return code
    return isTooLong || part.length < PIN_DIGITS ? "" : part
  })
}

/** The one whose PIN, or PIN for duress, stands somewhere in the entry; two people's codes in one entry are nobody's. */
function matchPin(
  crypto: Crypto,
  codeKey: Uint8Array,
  policy: Policy,
  secrets: Secrets,
  windows: readonly string[],
): Match {
  let place = -1
  let others = 0
  let forced = -1
  let near = 0
  for (const window of windows) {
    const code = codeNear(secrets, codeHandle(crypto, codeKey, window))
    near = code === null ? near : code.place
    const at = code === null || !code.isKnown ? -1 : code.place
    others += at >= 0 && place >= 0 && at !== place ? 1 : 0
    forced = at >= 0 && code?.duress === true ? at : forced
    place = at >= 0 ? at : place
  }
  const named = (row: number): CredentialId | null => {
    const credential = policy.credentials.length === 0 ? null : credentialAt(policy, Math.max(0, row)) // Also for nobody's.
    return row < 0 ? null : credential
  }
  return { credential: others > 0 ? null : named(place), forced: named(forced), offline: null, near }
}

/** Whose PIN the entry holds. Offline PINs are `offline-entry.ts`'s business. */
export function matchCode(crypto: Crypto, codeKey: Uint8Array, policy: Policy, secrets: Secrets, code: string): Match {
  const { decoyDigits_max } = policy.config
  const windows = windowsOf(code, decoyDigits_max)
  assert(windows.length === decoyDigits_max + 1, "as many places are looked at in every entry")
  return matchPin(crypto, codeKey, policy, secrets, windows)
}
