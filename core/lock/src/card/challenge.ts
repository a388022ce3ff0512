/**
 * The bytes of EV2First and EV2NonFirst, in which card and reader each prove to the other that they hold one AES key: NXP
 * AN12196, section 6. DESFire EV2 and EV3 and NTAG 424 DNA speak them alike.
 *
 *   reader                                card
 *   select application          ->
 *                               <-        91 00
 *   71, key number              ->
 *                               <-        E(K, RndB)                       91 AF
 *   AF, E(K, RndA || RndB')     ->                                                  ' is: rotated left by one byte
 *                               <-        E(K, TI || RndA' || capabilities) 91 00
 *
 * NonFirst (77) is for once more within one transaction: the same steps, the last answer is RndA' alone, and the transaction's
 * identifier and its count of commands go on. Everything is CBC with a zero vector. Commands are the native ones in their ISO
 * 7816-4 wrapping. Both ends build on this file: `reader.ts` is the lock's, `virtual-card.ts` plays the card for the virtual
 * world and for tests. What is said afterwards is `messaging.ts`'s business.
 */
import { assert, byteAt, type Crypto, concat } from "@holdfast/base"
import { BLOCK_SIZE, cmac } from "./cmac.ts"

export const CHALLENGE_SIZE = BLOCK_SIZE
export const TRANSACTION_SIZE = 4
/** TI, RndA', six bytes of card capabilities, six of reader capabilities. */
export const FINAL_SIZE = 2 * BLOCK_SIZE

export const SELECT_APPLICATION = 0x5a
export const AUTHENTICATE_EV2_FIRST = 0x71
export const AUTHENTICATE_EV2_NON_FIRST = 0x77
export const ADDITIONAL_FRAME = 0xaf
export const READ_DATA = 0xad
export const GET_CARD_UID = 0x51
export const NTAG_UID_SIZE = 7

/** Select the one application of an NTAG 424 DNA by its name: an ISO 7816-4 command, AN12196, section 5.5. */
export const SELECT_NTAG = Uint8Array.of(0, 0xa4, 4, 0x0c, 7, 0xd2, 0x76, 0, 0, 0x85, 1, 1, 0)

/** Status words, the last two bytes of an answer. */
export const STATUS_OK = 0x9100
export const STATUS_MORE = 0x91af
export const STATUS_ISO_OK = 0x9000
export const STATUS_AUTHENTICATION_ERROR = 0x91ae
export const STATUS_NO_APPLICATION = 0x91a0
export const STATUS_ILLEGAL_COMMAND = 0x911c
export const STATUS_LENGTH_ERROR = 0x917e
export const STATUS_INTEGRITY_ERROR = 0x911e
export const STATUS_NO_FILE = 0x91f0

/** Key number 0 of the zone's own application is the one that opens. */
export const KEY_NUMBER = 0

/** The application of a zone: "HF" and the zone's number. */
export function applicationOf(zone: number): Uint8Array {
  assert(zone >= 0 && zone <= 3, "a zone application is 0 to 3")
  return Uint8Array.of(0x48, 0x46, zone)
}

/** A native command in ISO 7816-4 wrapping: 90 command 00 00 length data 00. */
export function wrap(command: number, data: Uint8Array): Uint8Array {
  assert(data.length >= 1 && data.length <= 255, "a short command carries 1 to 255 bytes")
  return concat(Uint8Array.of(0x90, command, 0, 0, data.length), data, Uint8Array.of(0))
}

/** The command and its data, or null where the bytes are no wrapped command. */
export function unwrap(bytes: Uint8Array): { readonly command: number; readonly data: Uint8Array } | null {
  if (bytes.length < 7 || byteAt(bytes, 0) !== 0x90 || byteAt(bytes, 2) !== 0 || byteAt(bytes, 3) !== 0) return null
  if (bytes.length !== 6 + byteAt(bytes, 4) || byteAt(bytes, bytes.length - 1) !== 0) return null
  return { command: byteAt(bytes, 1), data: bytes.slice(5, -1) }
}

export type CardAnswer = { readonly data: Uint8Array; readonly status: number }

export function encodeAnswer(data: Uint8Array, status: number): Uint8Array {
  return concat(data, Uint8Array.of(status >> 8, status & 0xff))
}

/** Data and status word, or null where not even the status word is there. */
export function decodeAnswer(bytes: Uint8Array): CardAnswer | null {
  if (bytes.length < 2) return null
  const status = (byteAt(bytes, bytes.length - 2) << 8) | byteAt(bytes, bytes.length - 1)
  return { data: bytes.slice(0, -2), status }
}

/** A challenge rotated left by one byte: the answer to it. */
export function rotated(challenge: Uint8Array): Uint8Array {
  assert(challenge.length === CHALLENGE_SIZE, "a challenge is 16 bytes")
  return concat(challenge.subarray(1), challenge.subarray(0, 1))
}

/** What both ends know after a good exchange, and how many commands went since EV2First. */
export type CardSession = {
  readonly transaction: Uint8Array
  readonly commands: number
  readonly encryptionKey: Uint8Array
  readonly macKey: Uint8Array
}

/**
 * The session keys: AN12196, section 6.6. AN12196 counts bytes from the right, so its RndA[15..14] are our first two.
 */
export function sessionOf(
  crypto: Crypto,
  key: Uint8Array,
  rndA: Uint8Array,
  rndB: Uint8Array,
  transaction: Uint8Array,
  commands: number = 0,
): CardSession {
  assert(rndA.length === CHALLENGE_SIZE && rndB.length === CHALLENGE_SIZE, "a challenge is 16 bytes")
  const mixed = rndA.slice(2, 8)
  for (let i = 0; i < mixed.length; i++) mixed[i] = byteAt(mixed, i) ^ byteAt(rndB, i)
  const context = concat(rndA.subarray(0, 2), mixed, rndB.subarray(6), rndA.subarray(8))
  return {
    transaction,
    commands,
    encryptionKey: cmac(crypto, key, Uint8Array.of(0xa5, 0x5a, 0, 1, 0, 0x80), context),
    macKey: cmac(crypto, key, Uint8Array.of(0x5a, 0xa5, 0, 1, 0, 0x80), context),
  }
}
