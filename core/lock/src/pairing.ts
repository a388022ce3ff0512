/**
 * How a board that stands alone comes to its site: the mark by which it knows the site, and its request to be paired.
 *
 * Picture two strangers who compare numbers over the telephone. A person gives the board the site's mark, and compares the
 * fingerprint that the board shows with the one in the console before signing "lock pair". So each end is known by something
 * that no courier carried. The request is signed with the board's own journal key: once the authority log pairs that key with
 * a door, the same request fetches the certificate for the board's link. It opens nothing and carries no secret.
 */
import { concat, type Crypto, idBytes, type SiteId } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readMap, readText } from "@holdfast/base/cbor"
import {
  ALG_ES256,
  bytesToSign,
  decodeCoseKey,
  decodeSigned,
  encodeCoseKey,
  encodeSigned,
  kidOf,
  type PublicKey,
  verifySigned,
} from "@holdfast/base/cose"
import { toHex, utf8 } from "@holdfast/base/text"

/** What a board shows of itself: three public keys, and the serial by which people know it. */
export type PairingRequest = {
  readonly journalKey: PublicKey
  /** An uncompressed P-256 point: secrets are sealed to it. */
  readonly hpkeKey: Uint8Array
  /** SubjectPublicKeyInfo, DER: the key of the board's link. */
  readonly tlsKey: Uint8Array
  readonly serial: string
}

export const PAIRING_BYTES_MAX = 1_024
const HPKE_KEY_SIZE = 65
const TLS_KEY_BYTES_MAX = 256
const SERIAL_LENGTH_MAX = 120
const MARK_SIZE = 16

/**
 * The site's mark: 128 bits over its id, which stands for its root metadata, and over the authority of its TLS names. A board
 * that was given the mark takes neither from anybody else.
 */
export function siteMark(site: SiteId, tlsAuthority: Uint8Array, crypto: Crypto): string {
  const parts = concat(utf8("holdfast/site-mark/v1"), new Uint8Array(1), idBytes(site), crypto.sha256(tlsAuthority))
  return toHex(crypto.sha256(parts).slice(0, MARK_SIZE))
}

/** What people compare: the first half of the hash over the board's journal key. */
export function boardFingerprint(journalKey: PublicKey, crypto: Crypto): string {
  const hex = toHex(crypto.sha256(encodeCoseKey(journalKey)).slice(0, 16))
  return (hex.match(/.{4}/g) ?? []).join(" ")
}

/** The name of a board in the certificate of its link: its fingerprint. The courier hears it while the log pairs that key. */
export function boardName(journalKey: PublicKey, crypto: Crypto): string {
  return `urn:holdfast:board:${boardFingerprint(journalKey, crypto).replaceAll(" ", "")}`
}

/** What the board's journal key signs, and the request once it did. */
export function pairingToSign(
  crypto: Crypto,
  site: SiteId,
  request: PairingRequest,
): { readonly bytes: Uint8Array; finish(signature: Uint8Array): Uint8Array } {
  const fields: [number, Cbor][] = [
    [0, encodeCoseKey(request.journalKey)],
    [1, request.hpkeKey],
    [2, request.tlsKey],
    [3, request.serial],
  ]
  const payload = encodeCbor(new Map(fields))
  const header = { alg: ALG_ES256, kid: kidOf(request.journalKey, crypto), type: "pairing" } as const
  return {
    bytes: bytesToSign(header, site, payload),
    finish: (signature) => encodeSigned(header, payload, signature),
  }
}

function decodeRequest(payload: Uint8Array): PairingRequest | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3]) : null
  const cose = readBytes(map?.get(0), 1, 128)
  const journalKey = cose === null ? null : decodeCoseKey(cose)
  const hpkeKey = readBytes(map?.get(1), HPKE_KEY_SIZE)
  const tlsKey = readBytes(map?.get(2), 1, TLS_KEY_BYTES_MAX)
  const serial = readText(map?.get(3), SERIAL_LENGTH_MAX)
  if (journalKey === null || hpkeKey === null || tlsKey === null || serial === null || serial === "") return null
  return { journalKey, hpkeKey, tlsKey, serial }
}

/** The request, if whoever holds its journal key signed it for this site; else null. */
export function openPairing(crypto: Crypto, site: SiteId, bytes: Uint8Array): PairingRequest | null {
  const signed = bytes.length > PAIRING_BYTES_MAX ? null : decodeSigned("pairing", site, bytes)
  const request = signed === null ? null : decodeRequest(signed.payload)
  return signed !== null && request !== null && verifySigned(signed, request.journalKey, crypto) ? request : null
}
