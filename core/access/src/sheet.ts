/**
 * The alarm sheet: what the keeper tells one receiver of silent alarms, and what that receiver answers.
 *
 * Picture a sheet of paper of one size that is put into an envelope every few seconds, whether anything stands on it or not:
 * whoever carries the envelopes learns nothing from them (attack 44). What stands on it is everything that a door called for
 * and nobody acknowledged yet, then what was acknowledged lately. The question goes the other way, at one size as well: it
 * asks for a sheet and acknowledges what its sender has seen.
 *
 *   sheet      | length u16 | CBOR {0: time ms, 1: how many found no room, 2: [alarm...]} | zeros |
 *   alarm      {0: door, 1: person or null, 2: entries, 3: first ms, 4: last ms, 5: [sequence, salt, detail] or null,
 *               6: [acknowledged by, at ms] or null, 7: [salt, person's name] or null, 8: [salt, door's name] or null}
 *   question   | length u16 | CBOR [[door, through ms]...] | zeros |
 *
 * Sealing, and who is a receiver, is not known here.
 */
import { assert, byteAt, type DoorId, idBytes, type PersonId, type UnixMillis, unixMillis } from "@holdfast/base"
import {
  type Cbor,
  type CborMap,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import { fields, NAME_LENGTH_MAX, readId, readTuple } from "./read.ts"

/** What is sent every few seconds, and what a look is answered with. */
export const SHEET_SIZE = 2_048
export const BOOK_SIZE = 16_384
export const QUESTION_SIZE = 512
const LENGTH_SIZE = 2
const ALARMS_MAX = 64
const ACKNOWLEDGED_MAX = 16
const DETAIL_SIZE_MAX = 512

/** A name with what opens its commitment; a receiver's page need not ask for it, which would be seen. */
export type SheetName = { readonly salt: Uint8Array; readonly text: string }

export type SilentAlarm = {
  readonly door: DoorId
  /** Who was made to enter; null where the keeper does not know. */
  readonly person: PersonId | null
  /** How many entries it stands for. */
  readonly entries: number
  /** When the keeper heard of the first and of the last of them. */
  readonly first_ms: UnixMillis
  readonly last_ms: UnixMillis
  /** The newest record of it with what opens its commitment, mark included; null while only a beat has told of it. */
  readonly record: { readonly sequence: number; readonly salt: Uint8Array; readonly detail: Uint8Array } | null
  readonly acknowledged: { readonly by: PersonId; readonly at_ms: UnixMillis } | null
  readonly personName: SheetName | null
  readonly doorName: SheetName | null
}

export type AlarmSheet = {
  /** When the keeper wrote it. */
  readonly at_ms: UnixMillis
  /** How many more there are than find room. */
  readonly more: number
  readonly alarms: readonly SilentAlarm[]
}

/** Everything that a door called for, up to and with this time. */
export type Acknowledged = { readonly door: DoorId; readonly through_ms: UnixMillis }

function encodeName(name: SheetName | null): Cbor {
  return name === null ? null : [name.salt, name.text]
}

function encodeAlarm(alarm: SilentAlarm): CborMap {
  const { record, acknowledged } = alarm
  return fields(
    [0, idBytes(alarm.door)],
    [1, alarm.person === null ? null : idBytes(alarm.person)],
    [2, alarm.entries],
    [3, alarm.first_ms],
    [4, alarm.last_ms],
    [5, record === null ? null : [record.sequence, record.salt, record.detail]],
    [6, acknowledged === null ? null : [idBytes(acknowledged.by), acknowledged.at_ms]],
    [7, encodeName(alarm.personName)],
    [8, encodeName(alarm.doorName)],
  )
}

function padded(value: Cbor, size: number): Uint8Array | null {
  const bytes = encodeCbor(value)
  if (bytes.length + LENGTH_SIZE > size) return null
  const page = new Uint8Array(size)
  page.set([bytes.length >> 8, bytes.length & 0xff])
  page.set(bytes, LENGTH_SIZE)
  return page
}

/** What {@link padded} wrote; null where something else stands behind it. */
function unpadded(page: Uint8Array): Cbor | null {
  if (page.length < LENGTH_SIZE) return null
  const end = LENGTH_SIZE + byteAt(page, 0) * 0x100 + byteAt(page, 1)
  if (end > page.length || page.subarray(end).some((byte) => byte !== 0)) return null
  const decoded = decodeCbor(page.subarray(LENGTH_SIZE, end))
  return decoded.ok ? decoded.value : null
}

/** The sheet at `size` bytes: as many alarms as find room, the first ones first, and how many did not. */
export function encodeSheet({ at_ms, more, alarms }: AlarmSheet, size: number): Uint8Array {
  for (let count = Math.min(alarms.length, ALARMS_MAX); ; count--) {
    assert(count >= 0, "an empty sheet always fits")
    const rows = alarms.slice(0, count).map(encodeAlarm)
    const page = padded(fields([0, at_ms], [1, more + alarms.length - count], [2, rows]), size)
    if (page !== null) return page
  }
}

/** Null for a field that is wrong, undefined for one that says nothing. */
type Said<Value> = Value | null | undefined

function readName(value: Cbor | undefined): Said<SheetName> {
  if (value === null) return undefined
  const [saltField, textField] = readTuple(value, 2) ?? []
  const salt = readBytes(saltField, 16)
  const text = readText(textField, NAME_LENGTH_MAX)
  return salt === null || text === null ? null : { salt, text }
}

function readRecord(value: Cbor | undefined): Said<SilentAlarm["record"]> {
  if (value === null) return undefined
  const [sequenceField, saltField, detailField] = readTuple(value, 3) ?? []
  const sequence = readUint(sequenceField)
  const salt = readBytes(saltField, 16)
  const detail = readBytes(detailField, 1, DETAIL_SIZE_MAX)
  return sequence === null || salt === null || detail === null ? null : { sequence, salt, detail }
}

function readAcknowledged(value: Cbor | undefined): Said<SilentAlarm["acknowledged"]> {
  if (value === null) return undefined
  const [byField, atField] = readTuple(value, 2) ?? []
  const by = readId<"PersonId">(byField)
  const at = readUint(atField)
  return by === null || at === null ? null : { by, at_ms: unixMillis(at) }
}

function readPerson(value: Cbor | undefined): Said<PersonId> {
  return value === null ? undefined : readId<"PersonId">(value)
}

function readAlarm(value: Cbor): SilentAlarm | null {
  const map = readMap(value, [0, 1, 2, 3, 4, 5, 6, 7, 8])
  const door = readId<"DoorId">(map?.get(0))
  const [entries, first, last] = [2, 3, 4].map((key) => readUint(map?.get(key)))
  const person = readPerson(map?.get(1))
  const record = readRecord(map?.get(5))
  const acknowledged = readAcknowledged(map?.get(6))
  const [personName, doorName] = [readName(map?.get(7)), readName(map?.get(8))]
  if (typeof entries !== "number" || typeof first !== "number" || typeof last !== "number") return null
  if (door === null || person === null || record === null || acknowledged === null) return null
  if (personName === null || doorName === null) return null
  return {
    door,
    person: person ?? null,
    entries,
    first_ms: unixMillis(first),
    last_ms: unixMillis(last),
    record: record ?? null,
    acknowledged: acknowledged ?? null,
    personName: personName ?? null,
    doorName: doorName ?? null,
  }
}

/** The sheet in the bytes, whatever their size; null for malformed ones. */
export function decodeSheet(bytes: Uint8Array): AlarmSheet | null {
  const map = readMap(unpadded(bytes) ?? undefined, [0, 1, 2])
  const at = readUint(map?.get(0))
  const more = readUint(map?.get(1))
  const alarms = readArray(map?.get(2), ALARMS_MAX, readAlarm)
  return at === null || more === null || alarms === null ? null : { at_ms: unixMillis(at), more, alarms }
}

/** A question of one size. At most 16 doors are acknowledged at once. */
export function encodeQuestion(acknowledged: readonly Acknowledged[]): Uint8Array {
  assert(acknowledged.length <= ACKNOWLEDGED_MAX, "so many are acknowledged at once")
  const page = padded(
    acknowledged.map(({ door, through_ms }) => [idBytes(door), through_ms]),
    QUESTION_SIZE,
  )
  assert(page !== null, "so many find room")
  return page
}

export function decodeQuestion(bytes: Uint8Array): readonly Acknowledged[] | null {
  if (bytes.length !== QUESTION_SIZE) return null
  return readArray(unpadded(bytes) ?? undefined, ACKNOWLEDGED_MAX, (item) => {
    const [doorField, throughField] = readTuple(item, 2) ?? []
    const door = readId<"DoorId">(doorField)
    const through = readUint(throughField)
    return door === null || through === null ? null : { door, through_ms: unixMillis(through) }
  })
}
