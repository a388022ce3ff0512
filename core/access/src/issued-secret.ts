/**
 * What the keeper tells whoever enrols, sealed to that browser: a PIN to say, keys to write into a card, a half or a share that
 * makes offline PINs.
 *
 *   PIN            {0: credential, 1: 2, 2: PIN, 4: code for duress, or absent}
 *   card           {0: credential, 1: 1, 3: [key of each zone application]}
 *   owner half     {0: credential, 1: 6, 5: key}
 *   offline share  {0: credential, 1: 8, 6: digits, 7: share}
 *
 * It is not what a lock gets, which is secret.ts's, and it enters no log.
 */
import { type CredentialId, idBytes, unreachable } from "@holdfast/base"
import {
  type Cbor,
  type CborMap,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readUint,
} from "@holdfast/base/cbor"
import { credentialKindNumber, readCredentialKind } from "./change/credential.ts"
import { fields, readId } from "./read.ts"
import { CARD_KEY_SIZE, HALF_KEY_SIZE, readPin } from "./secret.ts"

export type IssuedSecret =
  | { readonly kind: "owner half"; readonly credential: CredentialId; readonly key: Uint8Array }
  /** What the site gives to one offline PIN: a number below 10^digits. */
  | {
      readonly kind: "offline share"
      readonly credential: CredentialId
      readonly digits: number
      readonly share: number
    }
  | { readonly kind: "pin"; readonly credential: CredentialId; readonly pin: string; readonly duress?: string }
  | { readonly kind: "card"; readonly credential: CredentialId; readonly keys: readonly Uint8Array[] }

/** Beside the numbers of credentials' kinds. */
const OFFLINE_SHARE = 8
const DIGITS_MAX = 10
const ZONES = 4

function kindNumber(kind: IssuedSecret["kind"]): number {
  return kind === "offline share" ? OFFLINE_SHARE : credentialKindNumber(kind)
}

function valueFields(issued: IssuedSecret): readonly (readonly [number, Cbor])[] {
  switch (issued.kind) {
    case "pin":
      return issued.duress === undefined
        ? [[2, issued.pin]]
        : [
            [2, issued.pin],
            [4, issued.duress],
          ]
    case "card":
      return [[3, issued.keys]]
    case "owner half":
      return [[5, issued.key]]
    case "offline share":
      return [
        [6, issued.digits],
        [7, issued.share],
      ]
    default:
      return unreachable(issued)
  }
}

export function encodeIssuedSecret(issued: IssuedSecret): Uint8Array {
  return encodeCbor(fields([0, idBytes(issued.credential)], [1, kindNumber(issued.kind)], ...valueFields(issued)))
}

function readIssuedPin(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const pin = readPin(map.get(2))
  if (pin === null) return null
  if (!map.has(4)) return map.size === 3 ? { kind: "pin", credential, pin } : null
  const duress = readPin(map.get(4))
  if (map.size !== 4 || duress === null || duress === pin || duress.length !== pin.length) return null
  return { kind: "pin", credential, pin, duress }
}

function readIssuedCard(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const keys = map.size === 3 ? readArray(map.get(3), ZONES, (key) => readBytes(key, CARD_KEY_SIZE)) : null
  return keys?.length === ZONES ? { kind: "card", credential, keys } : null
}

function readOwnerHalf(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const key = map.size === 3 ? readBytes(map.get(5), HALF_KEY_SIZE) : null
  return key === null ? null : { kind: "owner half", credential, key }
}

function readShare(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const digits = readUint(map.get(6), DIGITS_MAX)
  const share = digits === null ? null : readUint(map.get(7), 10 ** digits - 1)
  if (digits === null || share === null || map.size !== 4) return null
  return { kind: "offline share", credential, digits, share }
}

/** What was sealed, or null for anything that {@link encodeIssuedSecret} does not write. */
export function decodeIssuedSecret(bytes: Uint8Array): IssuedSecret | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7]) : null
  const credential = readId<"CredentialId">(map?.get(0))
  if (map === null || credential === null) return null
  if (map.get(1) === OFFLINE_SHARE) return readShare(credential, map)
  const kind = readCredentialKind(map.get(1))
  switch (kind) {
    case "pin":
      return readIssuedPin(credential, map)
    case "card":
      return readIssuedCard(credential, map)
    case "owner half":
      return readOwnerHalf(credential, map)
    case "phone": // The phone made its key, and the site's half is told to nobody.
    case "site half":
    case null:
      return null
    default:
      return unreachable(kind)
  }
}
