/**
 * The commands between a lock and a phone, as Aliro 1.0 shapes them (chapter 8): ISO 7816-4 frames around BER-TLV fields.
 *
 *   lock                                            phone
 *   SELECT        the application            ->
 *                                            <-     what it speaks (A5)                                     90 00
 *   AUTH0         ephemeral key, transaction ->
 *                                            <-     ephemeral key, and in the fast phase a cryptogram       90 00
 *   LOAD CERT     where the phone knows only ->     (optional)
 *                 who issues lock keys       <-                                                             90 00
 *   AUTH1         the lock's signature       ->     (standard phase only)
 *                                            <-     sealed: the phone's key, its signature, what it signals 90 00
 *   EXCHANGE      sealed: how it ended       ->     or CONTROL FLOW, when it failed
 *
 * Fields have one order and exact sizes: what a lock cannot name, it does not take. Both ends build on this file.
 */
import { assert, byteAt, type Crypto, concat } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"

export const SELECT = 0xa4
export const AUTH0 = 0x80
export const LOAD_CERT = 0xd1
export const AUTH1 = 0x81
export const EXCHANGE = 0xc9
export const CONTROL_FLOW = 0x3c

export const APPLICATION = Uint8Array.of(0xa0, 0, 0, 9, 9, 0xac, 0xce, 0x55, 1)
/** Protocol version 1.0, as the field 5C carries it. */
export const VERSION = Uint8Array.of(0x5c, 2, 1, 0)
/** What a phone of this version says of itself: the application's type, and the versions that it speaks. */
export const PROPRIETARY = concat(Uint8Array.of(0xa5, 8, 0x80, 2, 0, 0), VERSION)
const SELECTED = concat(Uint8Array.of(0x6f, 0x15, 0x84, APPLICATION.length), APPLICATION, PROPRIETARY)

export const POINT_SIZE = 65
export const TRANSACTION_ID_SIZE = 16
export const READER_ID_SIZE = 32
export const SIGNATURE_SIZE = 64
export const CRYPTOGRAM_SIZE = 64
/** Our own lock certificate: x || y of the lock's key, its reader id, the issuer's signature over both. */
export const CERTIFICATE_SIZE = 64 + READER_ID_SIZE + SIGNATURE_SIZE
export const SUCCESS = 0x9000

/** AUTH0's request for the fast phase. */
export const FAST = 1
export const STANDARD = 0
/** The phone's holder must have acted: passive proximity never opens (R54). */
export const HOLDER_ACTS = 3

export function command(instruction: number, data: Uint8Array): Uint8Array {
  assert(data.length > 0 && data.length <= 255, "a short command carries 1 to 255 bytes")
  const isSelect = instruction === SELECT
  const head = Uint8Array.of(isSelect ? 0 : 0x80, instruction, isSelect ? 4 : 0, 0, data.length)
  return concat(head, data, Uint8Array.of(0))
}

/** Instruction and data, or null where the bytes are none of these commands. */
export function readCommand(bytes: Uint8Array): { readonly instruction: number; readonly data: Uint8Array } | null {
  if (bytes.length < 7 || bytes.length !== 6 + byteAt(bytes, 4)) return null
  const instruction = byteAt(bytes, 1)
  const data = bytes.slice(5, -1)
  const again = data.length === 0 ? bytes : command(instruction, data)
  return again.every((byte, at) => byte === bytes[at]) ? { instruction, data } : null
}

/** One field: a tag of one byte, a length of one byte, the value. */
export function field(tag: number, value: Uint8Array): Uint8Array {
  assert(value.length <= 127, "a short field has at most 127 bytes")
  return concat(Uint8Array.of(tag, value.length), value)
}

/** The values of exactly these fields, in this order, each of its size; else null. */
export function readFields(bytes: Uint8Array, shape: readonly (readonly [number, number])[]): Uint8Array[] | null {
  const values: Uint8Array[] = []
  let at = 0
  for (const [tag, size] of shape) {
    if (at + 2 + size > bytes.length || byteAt(bytes, at) !== tag || byteAt(bytes, at + 1) !== size) return null
    values.push(bytes.slice(at + 2, at + 2 + size))
    at += 2 + size
  }
  return at === bytes.length ? values : null
}

/** An uncompressed point as a key; null where it is none by its form. Whether it lies on the curve, whoever agrees tells. */
export function readPoint(bytes: Uint8Array): PublicKey | null {
  return bytes.length === POINT_SIZE && byteAt(bytes, 0) === 4 ? publicKey(bytes.slice(1)) : null
}

export function point(key: PublicKey): Uint8Array {
  return concat(Uint8Array.of(4), key)
}

export const selectCommand: Uint8Array = command(SELECT, APPLICATION)
export const selectAnswer: Uint8Array = SELECTED

/** What both ends know of one meeting before either proved anything. */
export type Meeting = {
  /** The lock's own lasting key, and its name: site and door. */
  readonly readerKey: PublicKey
  readonly readerId: Uint8Array
  readonly readerEphemeral: PublicKey
  readonly phoneEphemeral: PublicKey
  readonly transaction: Uint8Array
  /** AUTH0's first two fields: which phase, and what is asked of the holder. */
  readonly phase: number
  readonly holder: number
}

const PARAMETERS: readonly (readonly [number, number])[] = [
  [0x41, 1],
  [0x42, 1],
  [0x5c, 2],
  [0x87, POINT_SIZE],
  [0x4c, TRANSACTION_ID_SIZE],
  [0x4d, READER_ID_SIZE],
]

export type Greeting = Omit<Meeting, "readerKey" | "phoneEphemeral">

export function auth0Command({ phase, holder, readerEphemeral, transaction, readerId }: Greeting): Uint8Array {
  const asks = concat(field(0x41, Uint8Array.of(phase)), field(0x42, Uint8Array.of(holder)), VERSION)
  const names = concat(field(0x87, point(readerEphemeral)), field(0x4c, transaction), field(0x4d, readerId))
  return command(AUTH0, concat(asks, names))
}

export function readAuth0(data: Uint8Array): Greeting | null {
  const [phase, holder, version, ephemeral, transaction, readerId] = readFields(data, PARAMETERS) ?? []
  if (phase === undefined || holder === undefined || version === undefined || ephemeral === undefined) return null
  if (transaction === undefined || readerId === undefined) return null
  const readerEphemeral = readPoint(ephemeral)
  if (readerEphemeral === null || byteAt(version, 0) !== 1 || byteAt(version, 1) !== 0) return null
  return { phase: byteAt(phase, 0), holder: byteAt(holder, 0), readerEphemeral, transaction, readerId }
}

/** The phone's answer to AUTH0: its ephemeral key and, where it has one for this lock, a cryptogram. */
export type Greeted = { readonly phoneEphemeral: PublicKey; readonly cryptogram: Uint8Array | null }

export function auth0Answer({ phoneEphemeral, cryptogram }: Greeted): Uint8Array {
  const key = field(0x86, point(phoneEphemeral))
  return cryptogram === null ? key : concat(key, field(0x9d, cryptogram))
}

export function readAuth0Answer(data: Uint8Array): Greeted | null {
  const ephemeral = [0x86, POINT_SIZE] as const
  const isFast = data.length > POINT_SIZE + 2
  const [key, cryptogram = null] = readFields(data, isFast ? [ephemeral, [0x9d, CRYPTOGRAM_SIZE]] : [ephemeral]) ?? []
  const phoneEphemeral = key === undefined ? null : readPoint(key)
  return phoneEphemeral === null ? null : { phoneEphemeral, cryptogram }
}

/** AUTH1 asks for the phone's key itself (41 01 01) and carries the lock's signature. */
export function auth1Command(signature: Uint8Array): Uint8Array {
  return command(AUTH1, concat(field(0x41, Uint8Array.of(1)), field(0x9e, signature)))
}

export function readAuth1(data: Uint8Array): Uint8Array | null {
  const [asks, signature] =
    readFields(data, [
      [0x41, 1],
      [0x9e, SIGNATURE_SIZE],
    ]) ?? []
  return asks === undefined || signature === undefined || byteAt(asks, 0) !== 1 ? null : signature
}

/** What the phone says inside the channel: its key, its signature, and a byte of signals. */
export type Proof = { readonly key: PublicKey; readonly signature: Uint8Array; readonly signals: number }

export function encodeProof({ key, signature, signals }: Proof): Uint8Array {
  return concat(field(0x5a, point(key)), field(0x9e, signature), field(0x5e, Uint8Array.of(signals)))
}

export function decodeProof(plain: Uint8Array): Proof | null {
  const [keyField, signature, signals] =
    readFields(plain, [
      [0x5a, POINT_SIZE],
      [0x9e, SIGNATURE_SIZE],
      [0x5e, 1],
    ]) ?? []
  const key = keyField === undefined ? null : readPoint(keyField)
  if (key === null || signature === undefined || signals === undefined) return null
  return { key, signature, signals: byteAt(signals, 0) }
}

/** Our signal that the holder acted for this very meeting. */
export const HOLDER_ACTED = 0x80

const STAMP_SIZE = 20

/** What a cryptogram seals: the signals (a second byte is zero), and two times of documents that we do not use. */
export function encodeCryptogram(signals: number): Uint8Array {
  const none = new Uint8Array(STAMP_SIZE)
  return concat(field(0x5e, Uint8Array.of(signals, 0)), field(0x91, none), field(0x92, none))
}

export function decodeCryptogram(plain: Uint8Array): number | null {
  const [signals] =
    readFields(plain, [
      [0x5e, 2],
      [0x91, STAMP_SIZE],
      [0x92, STAMP_SIZE],
    ]) ?? []
  return signals === undefined || byteAt(signals, 1) !== 0 ? null : byteAt(signals, 0)
}

const READER_SIGNS = Uint8Array.of(0x41, 0x5d, 0x95, 0x69)
const PHONE_SIGNS = Uint8Array.of(0x4e, 0x88, 0x7b, 0x4c)

/** What each end signs: the lock's name, both ephemeral keys, the transaction, and who speaks. */
export function bytesSigned(meeting: Omit<Meeting, "readerKey">, by: "reader" | "phone"): Uint8Array {
  const { readerId, phoneEphemeral, readerEphemeral, transaction } = meeting
  const keys = concat(field(0x86, phoneEphemeral.subarray(0, 32)), field(0x87, readerEphemeral.subarray(0, 32)))
  const usage = field(0x93, by === "reader" ? READER_SIGNS : PHONE_SIGNS)
  return concat(field(0x4d, readerId), keys, field(0x4c, transaction), usage)
}

export function makeCertificate(key: PublicKey, readerId: Uint8Array, signature: Uint8Array): Uint8Array {
  return concat(key, readerId, signature)
}

/** What an issuer of lock keys signs. */
export function certificateBytes(key: PublicKey, readerId: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0x7f, 0x21), key, readerId)
}

/** The lock's key, where the certificate is the issuer's and for this lock; else null. */
export function openCertificate(
  crypto: Crypto,
  issuer: PublicKey,
  readerId: Uint8Array,
  certificate: Uint8Array,
): PublicKey | null {
  if (certificate.length !== CERTIFICATE_SIZE) return null
  const key = publicKey(certificate.slice(0, 64))
  const signature = certificate.slice(-SIGNATURE_SIZE)
  const isHers = certificate.subarray(64, -SIGNATURE_SIZE).every((byte, at) => byte === readerId[at])
  return isHers && crypto.verifyEs256(issuer, certificateBytes(key, readerId), signature) ? key : null
}

/** How it ended, as EXCHANGE tells the phone inside the channel: the door is open to its holder, or stays as it is. */
export function encodeOutcome(isOpened: boolean): Uint8Array {
  return field(0x97, Uint8Array.of(1, isOpened ? 1 : 0))
}

/** CONTROL FLOW "finished with failure", the same whatever failed. */
export const failedCommand: Uint8Array = command(CONTROL_FLOW, Uint8Array.of(0x41, 1, 0, 0x42, 1, 0))
