/** The pretend keeper's answers to looks. It does not check who looks. */
import { type Cbor, decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { fromBase64, toBase64, toHex } from "@holdfast/base/text"
import { shownOf } from "@holdfast/lock"
import { hpkeInfo, nodeCrypto, sealTo } from "@holdfast/port-node"
import type { Building } from "./building.ts"

/** What a look asks for, out of its envelope. */
function asked(body: Record<string, unknown>): ReadonlyMap<number, unknown> {
  const outer = decodeCbor(fromBase64(String(body["look"])) ?? new Uint8Array())
  const payload = outer.ok && Array.isArray(outer.value) ? (outer.value[2] as Uint8Array) : new Uint8Array()
  const inner = decodeCbor(payload)
  return inner.ok ? (inner.value as Map<number, unknown>) : new Map<number, unknown>()
}

function labels(building: Building, ids: readonly Uint8Array[]): Cbor {
  return ids.flatMap((id) => {
    const found = building.labels.get(toHex(id))
    return found === undefined ? [] : [[id, found.salt, found.text]]
  })
}

function openings(building: Building, ranges: readonly [Uint8Array, number, number][]): Cbor {
  return ranges.flatMap(([door, first, last]) =>
    building.records
      .filter((each) => each.door === toHex(door) && each.sequence >= first && each.sequence <= last)
      .map((each) => {
        const { salt, detail } = shownOf(nodeCrypto, each.salt, each.detail)
        return [door, each.sequence, salt, detail]
      }),
  )
}

export function look(building: Building, body: Record<string, unknown>): unknown {
  const map = asked(body)
  const [what, list] = map.get(4) as [number, unknown[]]
  const rows =
    what === 1 ? labels(building, list as Uint8Array[]) : openings(building, list as [Uint8Array, number, number][])
  const sealed = sealTo(map.get(3) as Uint8Array, hpkeInfo("look", building.site), encodeCbor(rows))
  return { sealed: toBase64(sealed ?? new Uint8Array()) }
}
