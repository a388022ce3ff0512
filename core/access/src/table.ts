/**
 * The fixed-width tables of a policy: sorted rows in one Uint8Array, searched in halves, in place.
 *
 * Nothing here copies a row but the ids that it hands out, so that a lock decides among 250,000 people with little garbage.
 * Row layouts (big-endian); where a column stands in its row is named below, so that nobody else counts bytes:
 *
 *   people       person 16
 *   credentials  credential 16 | person index u32 | kind u8 | standing u8 | traits u16       ascending by credential
 *   grants       person index u32 | schedule u16 | grant index u16 | from u32 | until u32     ascending by the first three
 *   phones       x of the phone's key 32 | row of its credential u32                          ascending by x
 *   schedule     from u32 | until u32                                                        ascending, never touching
 */
import { assert, byteAt, compareBytes, type CredentialId, type Id, ID_SIZE, idOf } from "@holdfast/base"

export const PERSON_ROW = 16

export const CREDENTIAL_ROW = 24
export const OWNER_AT = 16
export const KIND_AT = 20
export const STANDING_AT = 21
export const TRAITS_AT = 22

export const GRANT_ROW = 16
export const SCHEDULE_AT = 4
export const REF_AT = 6
export const FROM_AT = 8
export const UNTIL_AT = 12

export const PHONE_ROW = 36
export const PHONE_CREDENTIAL_AT = 32

export const INTERVAL_ROW = 8

/** A grant row whose schedule is this one is open at all hours, for ever. */
export const ALWAYS = 0xffff
/** An `until` that never comes. */
export const OPEN_END = 0xffff_ffff

export const STANDING_GOOD = 0
export const STANDING_REVOKED = 1
export const STANDING_DENIED = 2

export function u16At(table: Uint8Array, offset: number): number {
  return byteAt(table, offset) * 0x100 + byteAt(table, offset + 1)
}

export function u32At(table: Uint8Array, offset: number): number {
  return u16At(table, offset) * 0x1_0000 + u16At(table, offset + 2)
}

export function putU16(table: Uint8Array, offset: number, value: number): void {
  assert(value >= 0 && value <= 0xffff && offset + 2 <= table.length, "a u16 fits its place")
  table[offset] = value >>> 8
  table[offset + 1] = value & 0xff
}

export function putU32(table: Uint8Array, offset: number, value: number): void {
  assert(value >= 0 && value <= 0xffff_ffff, "a u32 fits its place")
  putU16(table, offset, Math.floor(value / 0x1_0000))
  putU16(table, offset + 2, value % 0x1_0000)
}

/** The value of one lower-case hex digit, given its character code. */
function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87
}

function idByte(id: string, index: number): number {
  return (digit(id.charCodeAt(2 * index)) << 4) | digit(id.charCodeAt(2 * index + 1))
}

export function putId(table: Uint8Array, offset: number, id: Id<string>): void {
  assert(id.length === 2 * ID_SIZE && offset + ID_SIZE <= table.length, "an id fits its place")
  for (let i = 0; i < ID_SIZE; i++) table[offset + i] = idByte(id, i)
}

/** Negative when the id comes before the row's, zero when it is the row's. */
function compareId(id: string, table: Uint8Array, offset: number): number {
  for (let i = 0; i < ID_SIZE; i++) {
    const difference = idByte(id, i) - byteAt(table, offset + i)
    if (difference !== 0) return difference
  }
  return 0
}

export function idAt<Name extends string>(table: Uint8Array, offset: number): Id<Name> {
  return idOf<Name>(table.subarray(offset, offset + ID_SIZE))
}

/**
 * How many of `count` sorted rows stand before the first that is not below. The number of steps is the table's, whatever is
 * looked for and whether it is there (attack 37).
 */
function rowsBelow(count: number, isBelow: (row: number) => boolean): number {
  let low = 0
  for (let left = count; left > 1; ) {
    const half = left >>> 1
    low += isBelow(low + half - 1) ? half : 0
    left -= half
  }
  return low + (count > 0 && isBelow(low) ? 1 : 0)
}

/** Whether rows strictly ascend by their first `key_size` bytes, which also says that none comes twice. */
export function rowsAscend(table: Uint8Array, row_size: number, key_size: number): boolean {
  for (let at = row_size; at < table.length; at += row_size) {
    const before = table.subarray(at - row_size, at - row_size + key_size)
    if (compareBytes(before, table.subarray(at, at + key_size)) >= 0) return false
  }
  return true
}

/** The offset of the row that starts with this id, or -1. */
export function findId(table: Uint8Array, row_size: number, id: Id<string>): number {
  const at = row_size * rowsBelow(table.length / row_size, (row) => compareId(id, table, row * row_size) > 0)
  return at < table.length && compareId(id, table, at) === 0 ? at : -1
}

/** The offset of the credential's row, or -1. */
export function findCredential(credentials: Uint8Array, id: CredentialId): number {
  return findId(credentials, CREDENTIAL_ROW, id)
}

/** The offset of the row of the phone whose key has this x, or -1. */
export function findPhone(phones: Uint8Array, x: Uint8Array): number {
  assert(x.length === PHONE_CREDENTIAL_AT, "the x of a P-256 key is 32 bytes")
  const order = (at: number): number => compareBytes(x, phones.subarray(at, at + x.length))
  const at = PHONE_ROW * rowsBelow(phones.length / PHONE_ROW, (row) => order(row * PHONE_ROW) > 0)
  return at < phones.length && order(at) === 0 ? at : -1
}

/** The offset of the first grant row of this person, or the place where it would be. */
export function findGrants(grants: Uint8Array, person_index: number): number {
  return GRANT_ROW * rowsBelow(grants.length / GRANT_ROW, (row) => u32At(grants, row * GRANT_ROW) < person_index)
}

/** Whether the instant (unix seconds) lies in one of the schedule's half-open intervals. */
export function openAt(schedule: Uint8Array, at_s: number): boolean {
  const count = schedule.length / INTERVAL_ROW
  const at = INTERVAL_ROW * rowsBelow(count, (row) => u32At(schedule, row * INTERVAL_ROW + 4) <= at_s)
  return at < schedule.length && u32At(schedule, at) <= at_s
}
