/**
 * The keys of one meeting between a lock and a phone: Aliro 1.0, chapter 8.3.
 *
 *   shared secret of both ephemeral keys -- X9.63 with the transaction --> agreed key
 *   agreed key      -- HKDF, "Volatile****" --> channel keys of the standard phase
 *   agreed key      -- HKDF, "Persistent**" --> lasting key of this phone at this lock
 *   lasting key     -- HKDF, "VolatileFast" --> cryptogram key and channel keys of the fast phase
 *
 * Every derivation is salted with all that both ends said before, so a changed byte anywhere gives keys that nobody shares.
 */
import { assert, type Crypto, concat } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { utf8 } from "@holdfast/base/text"
import { type Meeting, PROPRIETARY, VERSION } from "./apdu.ts"
import { KEY_SIZE } from "./known.ts"

/** ANSI X9.63 with SHA-256 for one block: what both ends agreed upon, bound to the transaction. */
export function agreedKey(crypto: Crypto, secret: Uint8Array, transaction: Uint8Array): Uint8Array {
  assert(secret.length === KEY_SIZE, "the shared x of P-256 is 32 bytes")
  return crypto.sha256(concat(secret, Uint8Array.of(0, 0, 0, 1), transaction))
}

/** HKDF with SHA-256: RFC 5869, sections 2.2 and 2.3. */
export function hkdf(crypto: Crypto, key: Uint8Array, salt: Uint8Array, info: Uint8Array, size: number): Uint8Array {
  assert(size <= 255 * 32, "HKDF gives at most 255 blocks")
  const extracted = crypto.hmacSha256(salt, key)
  const blocks: Uint8Array[] = []
  let last: Uint8Array = new Uint8Array(0)
  for (let number = 1; (number - 1) * 32 < size; number++) {
    last = crypto.hmacSha256(extracted, concat(last, info, Uint8Array.of(number)))
    blocks.push(last)
  }
  return concat(...blocks).slice(0, size)
}

/** The interface byte of a reader at the door: NFC. */
const INTERFACE = 0x5e

const xOf = (key: PublicKey): Uint8Array => key.subarray(0, 32)

export type SaltWord = "Volatile****" | "Persistent**" | "VolatileFast"

/** Everything said so far, under the word of what is derived. Lasting and fast keys also name the phone's own key. */
export function saltOf(meeting: Meeting, word: SaltWord, phoneX: Uint8Array | null = null): Uint8Array {
  const { readerKey, readerId, readerEphemeral, transaction, phase, holder } = meeting
  return concat(
    xOf(readerKey),
    utf8(word),
    readerId,
    Uint8Array.of(INTERFACE),
    VERSION,
    xOf(readerEphemeral),
    transaction,
    Uint8Array.of(phase, holder),
    PROPRIETARY,
    ...(phoneX === null ? [] : [phoneX]),
  )
}

export type ChannelKeys = { readonly reader: Uint8Array; readonly phone: Uint8Array }

export function standardKeys(crypto: Crypto, agreed: Uint8Array, meeting: Meeting): ChannelKeys {
  const made = hkdf(crypto, agreed, saltOf(meeting, "Volatile****"), xOf(meeting.phoneEphemeral), 2 * KEY_SIZE)
  return { reader: made.slice(0, KEY_SIZE), phone: made.slice(KEY_SIZE) }
}

/** What lasts of a standard phase, for fast ones later. */
export function lastingKey(crypto: Crypto, agreed: Uint8Array, meeting: Meeting, phoneX: Uint8Array): Uint8Array {
  return hkdf(crypto, agreed, saltOf(meeting, "Persistent**", phoneX), xOf(meeting.phoneEphemeral), KEY_SIZE)
}

export function fastKeys(
  crypto: Crypto,
  lasting: Uint8Array,
  meeting: Meeting,
  phoneX: Uint8Array,
): ChannelKeys & { readonly cryptogram: Uint8Array } {
  const salt = saltOf(meeting, "VolatileFast", phoneX)
  const made = hkdf(crypto, lasting, salt, xOf(meeting.phoneEphemeral), 3 * KEY_SIZE)
  return {
    cryptogram: made.slice(0, KEY_SIZE),
    reader: made.slice(KEY_SIZE, 2 * KEY_SIZE),
    phone: made.slice(2 * KEY_SIZE),
  }
}
