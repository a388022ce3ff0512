/**
 * One line of a lock's journal: 64 bytes that anyone may read, and a commitment to the details that only the keeper opens.
 *
 *   0        8      12   13   14      16          24          32                              64
 *   +--------+------+----+----+-------+-----------+-----------+-------------------------------+
 *   |sequence| boot |kind|res.| flags | uptime ms |  wall ms  | commitment                    |   big-endian
 *   +--------+------+----+----+-------+-----------+-----------+-------------------------------+
 *
 * Who and which grant stand in the detail, a small CBOR map; the record carries SHA-256 over a random salt and the detail.
 * Destroying the opening makes the person unreadable and leaves every proof intact. What a record means to the lock's state
 * is not known here. An id of zeros in a detail is nobody's: it stands where the length must not tell whether there is one.
 *
 * A detail with a duress mark is committed to with the mark behind a veil, a hash that only the salt in the opening looks
 * through, and over another salt, made from that one. So the keeper can show everything of a record but its mark, and what
 * it shows opens the commitment all the same ({@link shownOf}, I-19).
 */
import type { Version } from "@holdfast/access/door"
import {
  assert,
  byteAt,
  type CredentialId,
  type Crypto,
  concat,
  type GrantId,
  type Id,
  idBytes,
  idOf,
  type PersonId,
  type UnixMillis,
  type Uptime,
  unixMillis,
  uptime,
} from "@holdfast/base"
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"
import { byNumber, type Result, resultNumber, resultOf } from "./result.ts"

export const RECORD_SIZE = 64
export const SALT_SIZE = 16
export const DETAIL_BYTES_MAX = 512
const VEIL_SIZE = 16
const MARK = 6

/** What happened. Numbers are never used twice: a word that falls out of use keeps its number. */
export const RECORD_KINDS = {
  boot: 1,
  admitted: 2,
  refused: 3,
  "bolt drawn": 4,
  "bolt thrown": 5,
  "bolt jammed": 6,
  "bolt not fully thrown": 7,
  "door opened": 8,
  "door closed": 9,
  "door held": 10,
  "door held ended": 11,
  "door forced": 12,
  "request to exit": 13,
  "policy applied": 14,
  "policy refused": 15,
  "lease taken": 16,
  "lease refused": 17,
  "lease ended": 18,
  "time set": 19,
  "time refused": 20,
  "deny taken": 21,
  "deny refused": 22,
  gap: 23,
  throttled: 24,
  "power lost": 25,
  "power returned": 26,
  equivocation: 27,
  "checkpoint refused": 28,
  "message refused": 29,
  "storage damaged": 30,
  "second person awaited": 31,
  "offline codes erased": 32,
  "enrolment opened": 33,
  enrolled: 34,
  "enrolment closed": 35,
  "enrolment refused": 36,
  "mechanical key turned": 37,
  "emergency power applied": 38,
  "biometric compared": 39,
  "mode changed": 40,
  "mode ended": 41,
  "threat level": 42,
  "order taken": 43,
  "order refused": 44,
  "fire alarm": 45,
  "fire over": 46,
  "relocked by hand": 47,
  antipassback: 48,
  "exit not taken": 49,
  "door open long": 50,
  "exit bar": 51,
  "exit free": 52,
  "interlock broken": 53,
  "battery level": 60,
  "battery fitted": 61,
  "drive withheld": 62,
  "bolt in air": 63,
  "bolt misaligned": 64,
  "supply contact": 65,
  "external supply": 66,
  "supply rests": 67,
  "bolt reinforced": 68,
  finding: 75,
  "finding ended": 76,
  "defence lowered": 77,
  "keypad closed": 78,
  "narrowing taken": 79,
  "narrowing refused": 80,
  "storage rolled back": 100,
  "update begun": 105,
  "update taken": 106,
  "update refused": 107,
  "update tried": 108,
  "update confirmed": 109,
  "update reverted": 110,
  "service begun": 115,
  "service refused": 116,
  "service done": 117,
  "log sealed": 118,
  "diagnosis made": 119,
  "secrets erased": 120,
} as const satisfies Record<string, number>
export type RecordKind = keyof typeof RECORD_KINDS

/** Circumstances that stand beside any kind. Bits 4 to 15 are zero. */
export const FLAG_UNLINKED = 1
export const FLAG_ON_RESERVE = 2
/** Stands for several events of one kind; their number is in the detail. */
export const FLAG_COLLAPSED = 4
/** A person should look at it now. */
export const FLAG_URGENT = 8
const FLAGS_MAX = 15

export type JournalRecord = {
  /** From 1 on, without a gap, over the whole life of the pairing. */
  readonly sequence: number
  readonly boot: number
  readonly kind: RecordKind
  readonly result: Result
  readonly flags: number
  readonly uptime_ms: Uptime
  /** Null while the lock does not know the time. */
  readonly wall_ms: UnixMillis | null
  readonly commitment: Uint8Array
}

/** What a record commits to. An absent field was not known or does not apply. */
export type Detail = {
  readonly person?: PersonId
  readonly credential?: CredentialId
  readonly grant?: GrantId
  readonly version?: Version
  readonly note?: string
  readonly count?: number
  /** 1 where somebody entered the code for duress, 0 where he entered the other: there whenever a code was entered. */
  readonly mark?: number
  /** In place of the mark, in what is shown: 16 bytes that look the same for either. */
  readonly veil?: Uint8Array
}

/** Written in the place of a person's or a credential's id; it reads as none. */
export const NOBODY: Id<never> = idOf<never>(new Uint8Array(16))

/** The same as it is written: null says as much as absence. */
export type GivenDetail = { readonly [Field in keyof Detail]?: Detail[Field] | null }

export type RecordFault = "not 64 bytes" | "sequence out of range" | "unknown kind" | "unknown result" | "unknown flag"
export type RecordDecoded =
  | { readonly ok: true; readonly record: JournalRecord }
  | { readonly ok: false; readonly fault: RecordFault }

const KIND_WORDS = /* @__PURE__ */ byNumber<RecordKind>(RECORD_KINDS)

const U32 = 0x1_0000_0000

/** Eight bytes, big-endian, of a number within 2^53-1. */
export function writeU64(view: DataView, at: number, value: number): void {
  assert(Number.isSafeInteger(value) && value >= 0, "a field of eight bytes holds a whole number within 2^53-1")
  view.setUint32(at, Math.floor(value / U32))
  view.setUint32(at + 4, value % U32)
}

/** Eight bytes at `at` as a whole number, or null beyond 2^53-1. */
export function readU64(view: DataView, at: number): number | null {
  const value = view.getUint32(at) * U32 + view.getUint32(at + 4)
  return Number.isSafeInteger(value) ? value : null
}

export function encodeRecord(record: JournalRecord): Uint8Array {
  assert(record.sequence >= 1, "a sequence begins at 1")
  assert(record.commitment.length === 32, "a commitment is 32 bytes")
  assert((record.flags & FLAGS_MAX) === record.flags, "only known flags are set")
  const bytes = new Uint8Array(RECORD_SIZE)
  const view = new DataView(bytes.buffer)
  writeU64(view, 0, record.sequence)
  view.setUint32(8, record.boot)
  view.setUint8(12, RECORD_KINDS[record.kind])
  view.setUint8(13, resultNumber(record.result))
  view.setUint16(14, record.flags)
  writeU64(view, 16, record.uptime_ms)
  writeU64(view, 24, record.wall_ms ?? 0)
  bytes.set(record.commitment, 32)
  return bytes
}

/** What is wrong with the record that begins at `at`, or null: every byte of it is looked at, and nothing is made of it. */
export function recordFault(view: DataView, at: number): RecordFault | null {
  for (const field of [0, 16, 24]) if (readU64(view, at + field) === null) return "sequence out of range"
  if (readU64(view, at) === 0) return "sequence out of range"
  if (!KIND_WORDS.has(view.getUint8(at + 12))) return "unknown kind"
  if (resultOf(view.getUint8(at + 13)) === null) return "unknown result"
  const flags = view.getUint16(at + 14)
  return (flags & FLAGS_MAX) === flags ? null : "unknown flag"
}

/** Reads one record. Every byte is looked at, so what decodes encodes back to the same bytes. */
export function decodeRecord(bytes: Uint8Array): RecordDecoded {
  if (bytes.length !== RECORD_SIZE) return { ok: false, fault: "not 64 bytes" }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const fault = recordFault(view, 0)
  if (fault !== null) return { ok: false, fault }
  const sequence = readU64(view, 0)
  const uptime_ms = readU64(view, 16)
  const wall_ms = readU64(view, 24)
  const kind = KIND_WORDS.get(byteAt(bytes, 12))
  const result = resultOf(byteAt(bytes, 13))
  const flags = view.getUint16(14)
  assert(sequence !== null && uptime_ms !== null && wall_ms !== null, "a record without fault has its numbers")
  assert(kind !== undefined && result !== null, "a record without fault has its words")
  return {
    ok: true,
    record: {
      sequence,
      boot: view.getUint32(8),
      kind,
      result,
      flags,
      uptime_ms: uptime(uptime_ms),
      wall_ms: wall_ms === 0 ? null : unixMillis(wall_ms),
      commitment: bytes.slice(32),
    },
  }
}

/** The details as the bytes that are committed to. No details are the empty map. */
export function encodeDetail(detail: GivenDetail): Uint8Array {
  const { person, credential, grant, version, note, count, mark, veil } = detail
  const ids = [person, credential, grant]
  const fields: readonly (Cbor | undefined)[] = [
    ...ids.map((id) => (id === null || id === undefined ? null : idBytes(id))),
    version === null || version === undefined ? null : [version.epoch, version.size],
    note,
    count,
    mark,
    veil,
  ]
  const map = new Map<number, Cbor>()
  for (const [key, field] of fields.entries()) if (field !== null && field !== undefined) map.set(key, field)
  const bytes = encodeCbor(map)
  assert(bytes.length <= DETAIL_BYTES_MAX, "a detail is small")
  return bytes
}

function readVersion(value: Cbor | undefined): Version | null {
  const [epoch, size] = readArray(value, 2, (item) => readUint(item)) ?? []
  return epoch === undefined || size === undefined ? null : { epoch, size }
}

/** The details, or null where the bytes are no detail map. */
export function decodeDetail(bytes: Uint8Array): Detail | null {
  const written = detailAsWritten(bytes)
  if (written === null) return null
  const { person, credential, ...rest } = written
  return {
    ...(person === undefined || person === NOBODY ? {} : { person }),
    ...(credential === undefined || credential === NOBODY ? {} : { credential }),
    ...rest,
  }
}

/** The same with {@link NOBODY} where it stands, so that it encodes to the same bytes again. */
function detailAsWritten(bytes: Uint8Array): Detail | null {
  if (bytes.length > DETAIL_BYTES_MAX) return null
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5, MARK, 7]) : null
  if (map === null) return null
  const person = readBytes(map.get(0), 16)
  const credential = readBytes(map.get(1), 16)
  const grant = readBytes(map.get(2), 16)
  const version = readVersion(map.get(3))
  const note = readText(map.get(4), DETAIL_BYTES_MAX)
  const count = readUint(map.get(5))
  const mark = readUint(map.get(MARK), 1)
  const veil = readBytes(map.get(7), VEIL_SIZE)
  const read = [person, credential, grant, version, note, count, mark, veil]
  if (read.some((field, key) => field === null && map.has(key))) return null
  return {
    ...(person === null ? {} : { person: idOf<"PersonId">(person) }),
    ...(credential === null ? {} : { credential: idOf<"CredentialId">(credential) }),
    ...(grant === null ? {} : { grant: idOf<"GrantId">(grant) }),
    ...(version === null ? {} : { version }),
    ...(note === null ? {} : { note }),
    ...(count === null ? {} : { count }),
    ...(mark === null ? {} : { mark }),
    ...(veil === null ? {} : { veil }),
  }
}

const COMMITMENT_LABEL = utf8("holdfast/record/v1\0")
const SALT_LABEL = utf8("holdfast/salt/v1\0")
const VEIL_LABEL = utf8("holdfast/veil/v1\0")

/**
 * What of an opening may be shown to whoever may look: all of it, but a mark only behind its veil,
 * SHA-256("holdfast/veil/v1" 0x00 salt mark)[0..16], beside the salt SHA-256("holdfast/salt/v1" 0x00 salt)[0..16].
 */
export function shownOf(crypto: Crypto, salt: Uint8Array, detail: Uint8Array): Shown {
  // A mark is written last, so most details need not be read to know that they have none.
  const read = detail[detail.length - 2] === MARK ? detailAsWritten(detail) : null
  return veiled(crypto, salt, read ?? {}, detail)
}

type Shown = { readonly salt: Uint8Array; readonly detail: Uint8Array }

function veiled(crypto: Crypto, salt: Uint8Array, given: GivenDetail, detail: Uint8Array): Shown {
  assert(salt.length === SALT_SIZE, "a salt is 16 bytes")
  const { mark = null, ...rest } = given
  if (mark === null) return { salt, detail }
  const veil = crypto.sha256(concat(VEIL_LABEL, salt, Uint8Array.of(mark))).slice(0, VEIL_SIZE)
  return {
    salt: crypto.sha256(concat(SALT_LABEL, salt)).slice(0, SALT_SIZE),
    detail: encodeDetail({ ...rest, veil }),
  }
}

function committed(crypto: Crypto, { salt, detail }: Shown): Uint8Array {
  return crypto.sha256(concat(COMMITMENT_LABEL, salt, detail))
}

/** SHA-256("holdfast/record/v1" 0x00 salt detail) of what is shown: says nothing without the salt, and one detail opens it. */
export function commitment(crypto: Crypto, salt: Uint8Array, detail: Uint8Array): Uint8Array {
  return committed(crypto, shownOf(crypto, salt, detail))
}

/** The same, for whoever has just written `detail`: nothing is read. */
export function commitmentTo(crypto: Crypto, salt: Uint8Array, given: GivenDetail, detail: Uint8Array): Uint8Array {
  return committed(crypto, veiled(crypto, salt, given, detail))
}
