/**
 * What the locks themselves say: their newest signed states, checked in this browser with the keys that the authority log
 * pairs with the doors.
 *
 * The server tells each door's state in its own words beside the bytes that the lock signed. Words that rest on a signed state
 * are believed only where those bytes say the same; else the state is unknown. What rests on a record of the log is checked
 * when its proof is opened. How long ago a state was heard stays the server's word.
 */
import type { State } from "@holdfast/access"
import type { DoorId, SiteId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { fromBase64 } from "@holdfast/base/text"
import type { Door } from "@holdfast/contract"
import { type LockState, openState } from "@holdfast/lock"
import { webCrypto } from "@holdfast/port-web"
import { boltWord, positionWord } from "../words/beat.ts"

/** What one signed state said of the motor: throws so far, and their load against what was learnt. */
export type Load = { readonly cycles: number; readonly late_permille: number }
const LOADS_MAX = 120

type Checked = { readonly bytes: string; readonly key: PublicKey; readonly state: LockState | null }

const UNKNOWN = { is: "unknown", since_ms: null, evidence: { by: "nothing" } } as const

export class Beats {
  readonly #site: SiteId
  /** The last one checked, by door: it comes again with every change of the door. */
  readonly #checked = new Map<string, Checked>()

  /** By door: what was heard of its motor while this page was open, oldest first. */
  readonly #loads = new Map<string, readonly Load[]>()

  constructor(site: SiteId) {
    this.#site = site
  }

  /** The newest state that the door's lock signed; null without one, or where its signature is not the paired lock's. */
  stateOf(site: State | null, door: Door): LockState | null {
    const id = door.door as DoorId
    const key = site?.doors.get(id)?.lock?.journalKey
    if (door.beat === null || key === undefined) return null
    const known = this.#checked.get(id)
    if (known?.bytes === door.beat.beat && known.key === key) return known.state
    const bytes = fromBase64(door.beat.beat)
    const opened = bytes === null ? null : openState(webCrypto, this.#site, key, bytes)
    const state = opened?.door === id ? opened : null
    this.#checked.set(id, { bytes: door.beat.beat, key, state })
    if (state !== null) this.#learnLoad(state)
    return state
  }

  /** How the load of a door's motor went, as far as this page heard it. */
  loadsOf(door: string): readonly Load[] {
    return this.#loads.get(door) ?? []
  }

  #learnLoad({ door, health: { cycles, late_permille } }: LockState): void {
    const known = this.loadsOf(door)
    if (late_permille === 0 || known.at(-1)?.cycles === cycles) return
    this.#loads.set(door, [...known, { cycles, late_permille }].slice(-LOADS_MAX))
  }

  /** The door as far as it may be believed: what rests on a signed state and differs from it becomes unknown. */
  believed(site: State | null, door: Door): Door {
    const state = this.stateOf(site, door)
    const bolt = rests(door.bolt) && (state === null || boltWord(state) !== door.bolt.is) ? UNKNOWN : door.bolt
    const isElsewhere = rests(door.position) && (state === null || positionWord(state) !== door.position.is)
    const position = isElsewhere ? UNKNOWN : door.position
    const ends_s = state?.leaseEnd_s ?? 0
    return { ...door, bolt, position, lease_ends_at_ms: ends_s === 0 ? null : ends_s * 1000 }
  }
}

function rests({ evidence }: Door["bolt"] | Door["position"]): boolean {
  return evidence.by === "beat"
}
