/**
 * A look: somebody asks to see names or the details behind records, signs that, and is answered once it is written down.
 *
 *   COSE_Sign1 typ "look" {0: [delegation ids], 1: nonce, 2: time s, 3: recipient, 4: [1, [ids]] or [2, [[door, first, last]]],
 *                           or [3, sealed question]}
 *
 * The chain says whose key signed; the answer is sealed to the recipient, a key of that one page. Who may look is decided by
 * the keeper; here are only the bytes.
 */
import type { StatementId } from "@holdfast/access"
import { statementIdOf } from "@holdfast/access/door"
import { QUESTION_SIZE } from "@holdfast/access/sheet"
import { type DoorId, type Id, idOf, type SiteId, type UnixSeconds, unixSeconds } from "@holdfast/base"
import { type Cbor, decodeCbor, readArray, readBytes, readMap, readUint } from "@holdfast/base/cbor"
import { decodeSigned, type Signed } from "@holdfast/base/cose"

export const LOOK_SIZE_MAX = 64 * 1024
export const LABELS_MAX = 2_000
export const RANGES_MAX = 256
const CHAIN_MAX = 3
/** An HPKE envelope adds the sender's key and a tag. */
const SEALED_QUESTION_SIZE = QUESTION_SIZE + 65 + 16

export type RecordRange = { readonly door: DoorId; readonly first: number; readonly last: number }
export type LookAt =
  | { readonly what: "labels"; readonly objects: readonly Id<string>[] }
  | { readonly what: "openings"; readonly ranges: readonly RecordRange[] }
  /** What a receiver of silent alarms asks and acknowledges, which nobody but the keeper reads. */
  | { readonly what: "alarms"; readonly question: Uint8Array }

export type Look = {
  readonly chain: readonly StatementId[]
  readonly nonce: Uint8Array
  readonly time: UnixSeconds
  readonly recipient: Uint8Array
  readonly at: LookAt
  readonly signed: Signed
}

/** The look in the bytes, or null. Its signature is not checked: that needs the key at the end of the chain. */
export function decodeLook(site: SiteId, bytes: Uint8Array): Look | null {
  if (bytes.length > LOOK_SIZE_MAX) return null
  const signed = decodeSigned("look", site, bytes)
  const decoded = signed === null ? null : decodeCbor(signed.payload)
  const map = decoded?.ok === true ? readMap(decoded.value, [0, 1, 2, 3, 4]) : null
  const chain = readArray(map?.get(0), CHAIN_MAX, (id) => {
    const found = readBytes(id, 32)
    return found === null ? null : statementIdOf(found)
  })
  const nonce = readBytes(map?.get(1), 16)
  const time = readUint(map?.get(2))
  const recipient = readBytes(map?.get(3), 65)
  const at = readLookAt(map?.get(4))
  if (signed === null || chain === null || nonce === null || time === null || recipient === null || at === null)
    return null
  return { chain, nonce, time: unixSeconds(time), recipient, at, signed }
}

function readLookAt(value: Cbor | undefined): LookAt | null {
  if (!Array.isArray(value) || value.length !== 2) return null
  const [kind, list] = value as readonly Cbor[]
  if (kind === 1) {
    const objects = readArray(list, LABELS_MAX, (id) => {
      const found = readBytes(id, 16)
      return found === null ? null : idOf<string>(found)
    })
    return objects === null ? null : { what: "labels", objects }
  }
  if (kind === 3) {
    const question = readBytes(list, SEALED_QUESTION_SIZE)
    return question === null ? null : { what: "alarms", question }
  }
  if (kind !== 2) return null
  const ranges = readArray(list, RANGES_MAX, readRange)
  return ranges === null ? null : { what: "openings", ranges }
}

function readRange(value: Cbor): RecordRange | null {
  if (!Array.isArray(value) || value.length !== 3) return null
  const [doorField, firstField, lastField] = value as readonly Cbor[]
  const door = readBytes(doorField, 16)
  const first = readUint(firstField)
  const last = readUint(lastField)
  if (door === null || first === null || last === null || first < 1 || last < first) return null
  return { door: idOf<"DoorId">(door), first, last }
}
