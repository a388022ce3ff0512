/** What a signed state says of the lock's defence: keys 138 to 141, each written only when there is something to say. */
import { type Cbor, type CborMap, readUint } from "@holdfast/base/cbor"
import { FINDINGS, type FindingWord } from "@holdfast/sense"
import type { Lock } from "./lock.ts"
import { encodeNarrowed, type Narrowed, readNarrowed } from "./mode.ts"

export type DefenceState = {
  /** 0 calm, 1 watchful, 2 under attack. */
  readonly level: number
  /** What was found and stands, for whoever comes to look. */
  readonly findings: readonly FindingWord[]
  /** Null while the chip told nothing of its debug port (attack 67). */
  readonly debugPort: "closed" | "open" | null
  /** While the door asks for more because of another one: by which record, since when, until when. */
  readonly narrowed: Narrowed | null
}

export function defenceStateOf({ defence, modes }: Pick<Lock, "defence" | "modes">): DefenceState {
  const { level, standing, senses } = defence
  const findings = FINDINGS.filter((word) => standing.has(word))
  const debugPort = senses.debugPort === null ? null : senses.debugPort ? "open" : "closed"
  return { level, findings, debugPort, narrowed: modes.ordered.has("narrowed") ? modes.narrowed : null }
}

export function defenceFields(state: DefenceState): readonly (readonly [number, Cbor])[] {
  const { level, findings, debugPort, narrowed } = state
  const fields: [number, Cbor][] = []
  if (level > 0) fields.push([138, level])
  if (findings.length > 0) fields.push([139, findings.reduce((bits, word) => bits + 2 ** FINDINGS.indexOf(word), 0)])
  if (debugPort !== null) fields.push([140, debugPort === "open" ? 1 : 0])
  if (narrowed !== null) fields.push([141, encodeNarrowed(narrowed)])
  return fields
}

/** An absent field reads as calm; a bit that this program does not know is passed over. */
export function readDefence(map: CborMap): DefenceState {
  const bits = readUint(map.get(139)) ?? 0
  const port = readUint(map.get(140))
  return {
    level: readUint(map.get(138)) ?? 0,
    findings: FINDINGS.filter((_, at) => Math.floor(bits / 2 ** at) % 2 === 1),
    debugPort: port === null ? null : port === 0 ? "closed" : "open",
    narrowed: readNarrowed(map.get(141)),
  }
}
