/**
 * Secrets beside a policy: what a lock needs to recognise a credential, sealed by the keeper to that one lock; and the index
 * that names each sealed secret by its hash, whose own hash the manifest signs.
 *
 * The plaintext here exists only inside the keeper and the lock. Sealing itself is an adapter's.
 */
import {
  assert,
  type Cbor,
  type CborMap,
  compareBytes,
  concat,
  type CredentialId,
  decodeCbor,
  encodeCbor,
  idBytes,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base"
import { credentialKindNumber, readSecretKind } from "./change/credential.ts"
import { fields, readId } from "./read.ts"
import { findId, idAt } from "./table.ts"

/** Who holds half of what makes one person's offline PINs at one door: that person, or the site. */
export type HalfHolder = "owner" | "site"

/** For a lock: a PIN in clear (it becomes an HMAC there), a card's UID and its key for this door's zone, half of a secret. */
export type Secret =
  | {
      readonly kind: "pin"
      readonly credential: CredentialId
      readonly pin: string
      /** Of the same length as the PIN: opens just as it does, and calls for help. */
      readonly duress?: string
    }
  | {
      readonly kind: "card"
      readonly credential: CredentialId
      readonly uid: Uint8Array
      readonly key: Uint8Array | null
    }
  | {
      readonly kind: "offline half"
      readonly credential: CredentialId
      readonly half: HalfHolder
      /** Counts the keys of this holder: PINs of another epoch are no longer found. */
      readonly epoch: number
      readonly key: Uint8Array
    }

/** Beside the numbers of credentials' kinds. */
const OFFLINE_HALF = 5
const OFFLINE_SHARE = 8
const DIGITS_MAX = 10
const HALF_KEY_SIZE = 32
const EPOCH_MAX = 0xffff
const KEY_SIZE = 16
const UID_SIZE_MAX = 10
const ZONES = 4

function readPin(value: Cbor | undefined): string | null {
  const pin = readText(value, 12)
  return pin !== null && /^[0-9]{4,12}$/.test(pin) ? pin : null
}

export function encodeSecret(secret: Secret): Uint8Array {
  const head = [0, idBytes(secret.credential)] as const
  if (secret.kind === "offline half") {
    const { half, epoch, key } = secret
    return encodeCbor(fields(head, [1, OFFLINE_HALF], [2, half === "site" ? 1 : 0], [3, epoch], [4, key]))
  }
  const card = secret.kind === "card" ? secret : null
  const pin = secret.kind === "pin" ? secret : null
  const known = [head, [1, credentialKindNumber(secret.kind)], [2, pin?.pin ?? null]] as const
  const rest = [
    [3, card?.uid ?? null],
    [4, card?.key ?? null],
  ] as const
  return encodeCbor(pin?.duress === undefined ? fields(...known, ...rest) : fields(...known, ...rest, [5, pin.duress]))
}

function readHalf(credential: CredentialId, map: CborMap): Secret | null {
  const holder = readUint(map.get(2), 1)
  const epoch = readUint(map.get(3), EPOCH_MAX)
  const key = readBytes(map.get(4), HALF_KEY_SIZE)
  if (map.size !== 5 || holder === null || epoch === null || key === null) return null
  return { kind: "offline half", credential, half: holder === 1 ? "site" : "owner", epoch, key }
}

function readPinSecret(credential: CredentialId, map: CborMap): Secret | null {
  const pin = readPin(map.get(2))
  if (pin === null || map.get(3) !== null || map.get(4) !== null) return null
  if (!map.has(5)) return { kind: "pin", credential, pin }
  const duress = readPin(map.get(5))
  return duress === null || duress === pin || duress.length !== pin.length
    ? null
    : { kind: "pin", credential, pin, duress }
}

export function decodeSecret(bytes: Uint8Array): Secret | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5]) : null
  const credential = readId<"CredentialId">(map?.get(0))
  if (map === null || credential === null) return null
  if (map.get(1) === OFFLINE_HALF) return readHalf(credential, map)
  const kind = readSecretKind(map.get(1))
  if (kind === "pin") return readPinSecret(credential, map)
  if (kind === null || map.size !== 5 || map.has(5)) return null
  const uid = readBytes(map.get(3), 4, UID_SIZE_MAX)
  const named = map.get(4)
  const key = readBytes(named, KEY_SIZE)
  if (uid === null || map.get(2) !== null || (key === null && named !== null)) return null
  return { kind, credential, uid, key }
}

/** For whoever enrols: the PIN to tell, the four zone keys to write into the card, or the half that makes offline PINs. */
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

export function encodeIssuedSecret(issued: IssuedSecret): Uint8Array {
  const number = issued.kind === "offline share" ? OFFLINE_SHARE : credentialKindNumber(issued.kind)
  const head = [
    [0, idBytes(issued.credential)],
    [1, number],
  ] as const
  if (issued.kind === "offline share") return encodeCbor(fields(...head, [6, issued.digits], [7, issued.share]))
  if (issued.kind === "owner half") return encodeCbor(fields(...head, [5, issued.key]))
  if (issued.kind === "card") return encodeCbor(fields(...head, [3, issued.keys]))
  const pin = [2, issued.pin] as const
  return encodeCbor(issued.duress === undefined ? fields(...head, pin) : fields(...head, pin, [4, issued.duress]))
}

function readIssuedHalf(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const key = map.size === 3 ? readBytes(map.get(5), HALF_KEY_SIZE) : null
  return key === null ? null : { kind: "owner half", credential, key }
}

function readShare(credential: CredentialId, map: CborMap): IssuedSecret | null {
  const digits = readUint(map.get(6), DIGITS_MAX)
  const share = digits === null ? null : readUint(map.get(7), 10 ** digits - 1)
  if (digits === null || share === null || map.size !== 4) return null
  return { kind: "offline share", credential, digits, share }
}

export function decodeIssuedSecret(bytes: Uint8Array): IssuedSecret | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, 6, 7]) : null
  const credential = readId<"CredentialId">(map?.get(0))
  if (map !== null && credential !== null && map.get(1) === credentialKindNumber("owner half"))
    return readIssuedHalf(credential, map)
  if (map !== null && credential !== null && map.get(1) === OFFLINE_SHARE) return readShare(credential, map)
  const kind = readSecretKind(map?.get(1))
  const duress = map?.has(4) === true ? readPin(map.get(4)) : undefined
  if (map === null || credential === null || kind === null || duress === null) return null
  if (map.size !== (duress === undefined ? 3 : 4)) return null
  if (kind === "pin") {
    const pin = readPin(map.get(2))
    if (pin === null || duress === undefined) return pin === null ? null : { kind, credential, pin }
    return duress === pin || duress.length !== pin.length ? null : { kind, credential, pin, duress }
  }
  if (duress !== undefined) return null
  const keys = readArray(map.get(3), ZONES, (key) => readBytes(key, KEY_SIZE))
  return keys === null || keys.length !== ZONES ? null : { kind, credential, keys }
}

/** Rows of 48 bytes, ascending: credential 16 | SHA-256 of its sealed secret 32. */
export const SECRET_ROW = 48

export type SecretName = { readonly credential: CredentialId; readonly sealedHash: Uint8Array }

export function encodeSecretsIndex(names: readonly SecretName[]): Uint8Array {
  const rows = names.map((name) => concat(idBytes(name.credential), name.sealedHash)).sort(compareBytes)
  const index = concat(...rows)
  assert(index.length === names.length * SECRET_ROW, "every row is 48 bytes")
  return index
}

/** How many secrets the index names, or null unless it is whole rows in strictly ascending order of credentials. */
export function secretsIn(index: Uint8Array): number | null {
  if (index.length % SECRET_ROW !== 0) return null
  for (let at = SECRET_ROW; at < index.length; at += SECRET_ROW) {
    const before = index.subarray(at - SECRET_ROW, at - SECRET_ROW + 16)
    if (compareBytes(before, index.subarray(at, at + 16)) >= 0) return null
  }
  return index.length / SECRET_ROW
}

export function secretNameAt(index: Uint8Array, place: number): SecretName {
  const at = place * SECRET_ROW
  assert(at >= 0 && at < index.length, "the place lies inside")
  return { credential: idAt<"CredentialId">(index, at), sealedHash: index.slice(at + 16, at + SECRET_ROW) }
}

/** Where the index names this credential, or null. */
export function placeOfSecret(index: Uint8Array, credential: CredentialId): number | null {
  const at = findId(index, SECRET_ROW, credential)
  return at < 0 ? null : at / SECRET_ROW
}
