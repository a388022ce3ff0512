/**
 * What the keeper answers: to each question its own answer, or to any of them a refusal in words.
 */
import { assert, type CredentialId, type DoorId, idBytes, type PersonId, unreachable } from "@holdfast/base"
import { type Cbor, type CborMap, readArray, readBytes, readMap, readText, readUint } from "@holdfast/base/cbor"
import type { Frame } from "../frame.ts"
import { anyBytes, anyId, fields, ITEMS_MAX, OPERATIONS, operationOf, readSealed } from "./operation.ts"

const REFUSED = 0
const TEXT_LENGTH_MAX = 512

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
