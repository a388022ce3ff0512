/**
 * Whose code was typed: a PIN, a PIN with decoy digits around it, a PIN for duress, or an offline PIN.
 *
 * Where the door allows decoys, the six digits of a PIN may stand anywhere in the entry, so that worn or warm keys tell less
 * (attacks 32, 33). Every place where they could stand is looked at, and every offline code that could be meant is worked
 * out, whatever was typed: neither the time nor the number of steps depends on where the code stood, or on whether it was one.
 * How often somebody may try is `throttle.ts`'s business; what follows is `judging.ts`'s.
 */
import type { Policy } from "@holdfast/access/door"
import { assert, type CredentialId, type Crypto, type UnixSeconds } from "@holdfast/base"
import { CODE_DIGITS_MAX } from "./factors.ts"
import { acceptable, type Descriptor, offlineDigits, searchOffline } from "./offline.ts"
import { begun, type Used } from "./offline-used.ts"
import { codeHandle, codeNear, credentialAt, halvesIn, personIndexAt, type Secrets } from "./secrets.ts"

/** What the system issues (trust.md, section 12), and so what decoys may surround. */
export const PIN_DIGITS = 6
/** People whose offline PINs one door takes: each costs a search of its own. */
export const OWNERS_MAX = 4

export type OfflineCode = { readonly descriptor: Descriptor; readonly handle: Uint8Array }

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

/** Both halves of one person's offline PINs, of one epoch. */
export type Owner = {
  readonly place: number
  readonly epoch: number
  readonly owner: Uint8Array
  readonly site: Uint8Array
}

/** Everybody of whom the lock has both halves, at most {@link OWNERS_MAX}; a half alone mints nothing. */
export function ownersIn(policy: Policy, secrets: Secrets): readonly Owner[] {
  const halves = halvesIn(secrets)
  const owners: Owner[] = []
  for (const { half, place, epoch, key } of halves) {
    if (half !== "owner" || owners.length === OWNERS_MAX) continue
    const person = personIndexAt(policy, place)
    const site = halves.find(
      (each) => each.half === "site" && each.epoch === epoch && personIndexAt(policy, each.place) === person,
    )
    if (site !== undefined) owners.push({ place, epoch, owner: key, site: site.key })
  }
  return owners
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

function matchOffline(
  crypto: Crypto,
  policy: Policy,
  secrets: Secrets,
  used: Used,
  code: string,
  handle: Uint8Array,
  at: UnixSeconds,
): Match {
  const digits = offlineDigits(policy.config.grade)
  const known = begun(used, handle)
  let match = known === null ? NOBODYS : { ...NOBODYS, credential: known.credential, offline: known }
  for (const { place, epoch, owner, site } of ownersIn(policy, secrets)) {
    const descriptor = searchOffline(crypto, owner, site, acceptable(at, epoch), code, digits)
    match =
      descriptor === null
        ? match
        : { ...NOBODYS, credential: credentialAt(policy, place), offline: { descriptor, handle } }
  }
  return match
}

/** Whose code the entry holds. At an unknown time no offline PIN is anybody's. */
export function matchCode(
  crypto: Crypto,
  codeKey: Uint8Array,
  policy: Policy,
  secrets: Secrets,
  used: Used,
  code: string,
  at: UnixSeconds | null,
): Match {
  const { decoyDigits_max } = policy.config
  const windows = windowsOf(code, decoyDigits_max)
  const pin = matchPin(crypto, codeKey, policy, secrets, windows)
  assert(windows.length === decoyDigits_max + 1, "as many places are looked at in every entry")
  if (secrets.halves.length === 0 || at === null) return pin
  const handle = codeHandle(crypto, codeKey, code)
  const offline = matchOffline(crypto, policy, secrets, used, code, handle, at)
  return pin.credential !== null || pin.forced !== null ? pin : offline
}
