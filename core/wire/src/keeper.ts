/**
 * What may be asked of the keeper over its socket, and what it answers: one table of operations, one codec.
 *
 * Everything the keeper is asked to believe is signed by somebody else; the socket itself is no authority. Statements,
 * batches, receipts and sealed values are opaque bytes here. The answer to any request may instead be a refusal in words.
 */
import {
  assert,
  type CredentialId,
  type DoorId,
  type Id,
  idBytes,
  idOf,
  type PersonId,
  unreachable,
} from "@holdfast/base"
import { type Cbor, type CborMap, readArray, readBytes, readMap, readText, readUint } from "@holdfast/base/cbor"
import type { Frame } from "./frame.ts"

export const OPERATIONS = {
  status: 1,
  submit: 2,
  batch: 3,
  policy: 4,
  secret: 5,
  lease: 6,
  beacon: 7,
  look: 8,
  pairing: 9,
  beat: 10,
  sheets: 11,
  narrowing: 12,
} as const
export type Operation = keyof typeof OPERATIONS
const REFUSED = 0
const POLICIES_ISSUED = 1
const LOG_GREW = 2
const NARROWED = 3

const BYTES_MAX = 1024 * 1024
const ITEMS_MAX = 4096
const TEXT_LENGTH_MAX = 512

/** An object's personal value, sealed to the keeper. */
export type Attachment = { readonly object: Id<string>; readonly sealed: Uint8Array }

export type Request =
  | { readonly operation: "status" }
  | {
      readonly operation: "submit"
      readonly statements: readonly Uint8Array[]
      readonly attachments: readonly Attachment[]
    }
  | { readonly operation: "batch"; readonly entry: Uint8Array; readonly openings: Uint8Array }
  | { readonly operation: "policy"; readonly door: DoorId; readonly held_size: number }
  | { readonly operation: "secret"; readonly door: DoorId; readonly credential: CredentialId }
  | { readonly operation: "lease"; readonly door: DoorId }
  /** What another door of the site means for this one now, if it means anything. */
  | { readonly operation: "narrowing"; readonly door: DoorId }
  | { readonly operation: "beacon"; readonly nonce: Uint8Array }
  | { readonly operation: "look"; readonly look: Uint8Array }
  /** Which door this lock is paired with; the key is a COSE_Key's bytes. */
  | { readonly operation: "pairing"; readonly journalKey: Uint8Array }
  /** A lock's signed state, for what in it is sealed to the keeper. */
  | { readonly operation: "beat"; readonly door: DoorId; readonly state: Uint8Array }
  | { readonly operation: "sheets" }

/** What became of one submitted statement: its place in the authority log, or why it was refused. */
export type Submitted =
  | { readonly admitted: true; readonly index: number; readonly receipt: Uint8Array }
  | { readonly admitted: false; readonly fault: string }

export type Answer =
  | { readonly operation: "refused"; readonly fault: string }
  /** The map is the keeper's own report about itself. */
  | { readonly operation: "status"; readonly state: CborMap }
  | {
      readonly operation: "submit"
      readonly outcomes: readonly Submitted[]
      readonly issued: readonly { readonly credential: CredentialId; readonly sealed: Uint8Array }[]
    }
  | { readonly operation: "batch"; readonly index: number; readonly receipt: Uint8Array }
  | {
      readonly operation: "policy"
      readonly manifest: Uint8Array
      readonly checkpoint: Uint8Array
      readonly consistency: readonly Uint8Array[]
      readonly secrets: Uint8Array
    }
  | { readonly operation: "secret"; readonly sealed: Uint8Array }
  | { readonly operation: "lease"; readonly ticket: Uint8Array }
  | { readonly operation: "narrowing"; readonly ticket: Uint8Array }
  | { readonly operation: "beacon"; readonly beacon: Uint8Array }
  | { readonly operation: "look"; readonly sealed: Uint8Array }
  | { readonly operation: "pairing"; readonly door: DoorId }
  /** The same whatever was in it. */
  | { readonly operation: "beat" }
  /** For each receiver of silent alarms a sheet of one size, sealed to him. */
  | {
      readonly operation: "sheets"
      readonly sheets: readonly { readonly person: PersonId; readonly sealed: Uint8Array }[]
    }

export type Notice =
  /** Narrowed: for each of these doors a narrowing can be asked for. */
  | { readonly notice: "policies issued" | "narrowed"; readonly doors: readonly DoorId[] }
  | { readonly notice: "log grew"; readonly class: "authority" | "events" | "looks"; readonly size: number }

const LOG_CLASSES = ["authority", "events", "looks"] as const

function fields(...values: readonly Cbor[]): CborMap {
  return new Map(values.map((value, key) => [key, value]))
}

export function requestFrame(id: number, request: Request): Frame {
  assert(id >= 1, "a request has an id from 1 on")
  return { id, operation: OPERATIONS[request.operation], body: requestBody(request) }
}

function requestBody(request: Request): Cbor {
  switch (request.operation) {
    case "status":
    case "sheets":
      return fields()
    case "beat":
      return fields(idBytes(request.door), request.state)
    case "submit":
      return fields(
        request.statements,
        request.attachments.map(({ object, sealed }) => [idBytes(object), sealed]),
      )
    case "batch":
      return fields(request.entry, request.openings)
    case "policy":
      return fields(idBytes(request.door), request.held_size)
    case "secret":
      return fields(idBytes(request.door), idBytes(request.credential))
    case "lease":
    case "narrowing":
      return fields(idBytes(request.door))
    case "beacon":
      return fields(request.nonce)
    case "look":
      return fields(request.look)
    case "pairing":
      return fields(request.journalKey)
    default:
      return unreachable(request)
  }
}

const anyBytes = (value: Cbor | undefined): Uint8Array | null => readBytes(value, 0, BYTES_MAX)
const anyId = <Name extends string>(value: Cbor | undefined): Id<Name> | null => {
  const bytes = readBytes(value, 16)
  return bytes === null ? null : idOf<Name>(bytes)
}

function operationOf(number: number): Operation | null {
  for (const [word, value] of Object.entries(OPERATIONS)) if (value === number) return word as Operation
  return null
}

/** The request in a frame, or null for an unknown operation or wrong fields. */
export function readRequest(frame: Frame): Request | null {
  const operation = operationOf(frame.operation)
  const map = readMap(frame.body, [0, 1])
  if (operation === null || map === null || frame.id === 0) return null
  switch (operation) {
    case "status":
    case "sheets":
      return map.size === 0 ? { operation } : null
    case "beat": {
      const door = anyId<"DoorId">(map.get(0))
      const state = anyBytes(map.get(1))
      return door === null || state === null ? null : { operation, door, state }
    }
    case "submit":
      return readSubmit(map)
    case "batch": {
      const entry = anyBytes(map.get(0))
      const openings = anyBytes(map.get(1))
      return entry === null || openings === null ? null : { operation, entry, openings }
    }
    case "policy": {
      const door = anyId<"DoorId">(map.get(0))
      const held_size = readUint(map.get(1))
      return door === null || held_size === null ? null : { operation, door, held_size }
    }
    case "secret": {
      const door = anyId<"DoorId">(map.get(0))
      const credential = anyId<"CredentialId">(map.get(1))
      return door === null || credential === null ? null : { operation, door, credential }
    }
    case "lease":
    case "narrowing": {
      const door = anyId<"DoorId">(map.get(0))
      return door === null ? null : { operation, door }
    }
    case "beacon": {
      const nonce = readBytes(map.get(0), 16)
      return nonce === null ? null : { operation, nonce }
    }
    case "look": {
      const look = anyBytes(map.get(0))
      return look === null ? null : { operation, look }
    }
    case "pairing": {
      const journalKey = anyBytes(map.get(0))
      return journalKey === null ? null : { operation, journalKey }
    }
    default:
      return unreachable(operation)
  }
}

/** A pair [id, sealed bytes], in whichever role. */
function readSealed<Name extends string>(item: Cbor): { id: Id<Name>; sealed: Uint8Array } | null {
  if (!Array.isArray(item) || item.length !== 2) return null
  const [first, second] = item as readonly Cbor[]
  const id = anyId<Name>(first)
  const sealed = anyBytes(second)
  return id === null || sealed === null ? null : { id, sealed }
}

function readSubmit(map: CborMap): Request | null {
  const statements = readArray(map.get(0), ITEMS_MAX, anyBytes)
  const sealed = readArray(map.get(1), ITEMS_MAX, (item) => readSealed<string>(item))
  if (statements === null || sealed === null) return null
  return {
    operation: "submit",
    statements,
    attachments: sealed.map(({ id, sealed: bytes }) => ({ object: id, sealed: bytes })),
  }
}

export function answerFrame(id: number, answer: Answer): Frame {
  assert(id >= 1, "an answer has the id of its request")
  const operation = answer.operation === "refused" ? REFUSED : OPERATIONS[answer.operation]
  return { id, operation, body: answerBody(answer) }
}

function answerBody(answer: Answer): Cbor {
  switch (answer.operation) {
    case "refused":
      return answer.fault
    case "status":
      return answer.state
    case "submit":
      return fields(
        answer.outcomes.map((outcome) =>
          outcome.admitted ? [outcome.index, "", outcome.receipt] : [-1, outcome.fault, null],
        ),
        answer.issued.map(({ credential, sealed }) => [idBytes(credential), sealed]),
      )
    case "batch":
      return fields(answer.index, answer.receipt)
    case "policy":
      return fields(answer.manifest, answer.checkpoint, answer.consistency, answer.secrets)
    case "secret":
      return fields(answer.sealed)
    case "lease":
    case "narrowing":
      return fields(answer.ticket)
    case "beacon":
      return fields(answer.beacon)
    case "look":
      return fields(answer.sealed)
    case "pairing":
      return fields(idBytes(answer.door))
    case "beat":
      return fields()
    case "sheets":
      return fields(answer.sheets.map(({ person, sealed }) => [idBytes(person), sealed]))
    default:
      return unreachable(answer)
  }
}

/** The answer in a frame, or null for an unknown operation or wrong fields. */
export function readAnswer(frame: Frame): Answer | null {
  if (frame.id === 0) return null
  if (frame.operation === REFUSED) {
    const fault = readText(frame.body, TEXT_LENGTH_MAX)
    return fault === null ? null : { operation: "refused", fault }
  }
  const operation = operationOf(frame.operation)
  if (operation === null) return null
  if (operation === "status") return frame.body instanceof Map ? { operation, state: frame.body } : null
  const map = readMap(frame.body, [0, 1, 2, 3])
  if (map === null) return null
  const first = anyBytes(map.get(0))
  switch (operation) {
    case "submit":
      return readSubmitted(map)
    case "batch": {
      const index = readUint(map.get(0))
      const receipt = anyBytes(map.get(1))
      return index === null || receipt === null ? null : { operation, index, receipt }
    }
    case "policy":
      return readPolicyParts(map)
    case "secret":
    case "look":
      return first === null ? null : { operation, sealed: first }
    case "lease":
    case "narrowing":
      return first === null ? null : { operation, ticket: first }
    case "beacon":
      return first === null ? null : { operation, beacon: first }
    case "pairing": {
      const door = anyId<"DoorId">(map.get(0))
      return door === null ? null : { operation, door }
    }
    case "beat":
      return map.size === 0 ? { operation } : null
    case "sheets": {
      const sheets = readArray(map.get(0), ITEMS_MAX, (item) => readSealed<"PersonId">(item))
      return sheets === null ? null : { operation, sheets: sheets.map(({ id, sealed }) => ({ person: id, sealed })) }
    }
    default:
      return unreachable(operation)
  }
}

function readSubmitted(map: CborMap): Answer | null {
  const outcomes = readArray(map.get(0), ITEMS_MAX, (item): Submitted | null => {
    if (!Array.isArray(item) || item.length !== 3) return null
    const [indexField, faultField, receiptField] = item as readonly Cbor[]
    if (indexField === -1) {
      const fault = readText(faultField, TEXT_LENGTH_MAX)
      return fault === null ? null : { admitted: false, fault }
    }
    const index = readUint(indexField)
    const receipt = anyBytes(receiptField)
    return index === null || receipt === null ? null : { admitted: true, index, receipt }
  })
  const sealed = readArray(map.get(1), ITEMS_MAX, (item) => readSealed<"CredentialId">(item))
  if (outcomes === null || sealed === null) return null
  return {
    operation: "submit",
    outcomes,
    issued: sealed.map(({ id, sealed: bytes }) => ({ credential: id, sealed: bytes })),
  }
}

function readPolicyParts(map: CborMap): Answer | null {
  const manifest = anyBytes(map.get(0))
  const checkpoint = anyBytes(map.get(1))
  const consistency = readArray(map.get(2), 64, (item) => readBytes(item, 32))
  const secrets = anyBytes(map.get(3))
  if (manifest === null || checkpoint === null || consistency === null || secrets === null) return null
  return { operation: "policy", manifest, checkpoint, consistency, secrets }
}

export function noticeFrame(notice: Notice): Frame {
  switch (notice.notice) {
    case "policies issued":
      return { id: 0, operation: POLICIES_ISSUED, body: notice.doors.map(idBytes) }
    case "narrowed":
      return { id: 0, operation: NARROWED, body: notice.doors.map(idBytes) }
    case "log grew":
      return { id: 0, operation: LOG_GREW, body: [LOG_CLASSES.indexOf(notice.class), notice.size] }
    default:
      return unreachable(notice)
  }
}

/** The notice in a frame, or null. */
export function readNotice(frame: Frame): Notice | null {
  if (frame.id !== 0) return null
  if (frame.operation === POLICIES_ISSUED || frame.operation === NARROWED) {
    const doors = readArray(frame.body, ITEMS_MAX, (item) => anyId<"DoorId">(item))
    const notice = frame.operation === NARROWED ? "narrowed" : "policies issued"
    return doors === null ? null : { notice, doors }
  }
  if (frame.operation !== LOG_GREW) return null
  const [which, size] = readArray(frame.body, 2, (item) => readUint(item)) ?? []
  const name = which === undefined ? undefined : LOG_CLASSES[which]
  return name === undefined || size === undefined ? null : { notice: "log grew", class: name, size }
}
