/**
 * Secrets beside a policy: what a lock needs to recognise a credential, sealed by the keeper to that one lock.
 *
 *   PIN           {0: credential, 1: 2, 2: PIN, 3: null, 4: null, 5: code for duress, or absent}
 *   card          {0: credential, 1: 1, 2: null, 3: UID, 4: key of this door's zone, or null}
 *   offline half  {0: credential, 1: 5, 2: 0 the owner's, 1 the site's, 3: epoch, 4: key}
 *
 * The plaintext exists only inside the keeper and the lock. Sealing is an adapter's, what whoever enrols is told
 * issued-secret.ts's, and which secrets a door has secrets-index.ts's.
 */
import { type CredentialId, idBytes } from "@holdfast/base"
import {
  type Cbor,
  type CborMap,
  decodeCbor,
  encodeCbor,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import { credentialKindNumber, readSecretKind } from "./change/credential.ts"
import { fields, readId } from "./read.ts"

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
export const HALF_KEY_SIZE = 32
const EPOCH_MAX = 0xffff
export const CARD_KEY_SIZE = 16
const UID_SIZE_MAX = 10

export function readPin(value: Cbor | undefined): string | null {
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
  const key = readBytes(named, CARD_KEY_SIZE)
  if (uid === null || map.get(2) !== null || (key === null && named !== null)) return null
  return { kind, credential, uid, key }
}
