/**
 * What is asked of the keeper over its socket, as it is written and as it is read.
 */
import { assert, type CredentialId, type DoorId, type Id, idBytes, unreachable } from "@holdfast/base"
import { type Cbor, type CborMap, readArray, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import type { Frame } from "../frame.ts"
import { anyBytes, anyId, fields, ITEMS_MAX, OPERATIONS, operationOf, readSealed } from "./operation.ts"

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
