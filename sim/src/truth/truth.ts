/**
 * The truth record of a simulated building: what really was, and nobody in the building can know as a whole.
 *
 * Which rights stood since when, what the keeper gave its word for, whose code is whose, and which lines were undisturbed. The
 * rules compare the locks with it; nothing in the building reads it.
 */
import type { State } from "@holdfast/access"
import type { Act } from "@holdfast/access/rules"
import { assert, type CredentialId, type DoorId, type PersonId } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import type { LockState } from "@holdfast/lock"
import type { HpkeKeyPair } from "@holdfast/port-node"
import { decodeDown } from "@holdfast/wire"

/** A lock beats every 15 s, and a courier offers the same policy again after 10 s. */
const SAID_AGAIN_MS = 25_000

export type Epoch = { readonly at_ms: number; readonly state: State }

export type SealedSheet = { readonly person: PersonId; readonly sealed: Uint8Array }

/** An order that was signed by whoever may say it. */
export type Ordered = { readonly door: DoorId; readonly act: Act; readonly value: number; readonly nonce: string }

/** One after the other, as one person states them; `boardKey` is of a board that he bought himself. */
export type Alone = {
  readonly person: PersonId
  readonly boardKey: PublicKey
  readonly at_ms: number
  readonly what: string
  readonly before: State
  readonly after: State
}

export class Truth {
  /** Every state of the site that the keeper made durable, oldest first. */
  readonly history: Epoch[] = []
  /** Codes as the keeper issued them. */
  readonly pins = new Map<string, CredentialId>()
  /** Every key on every card, in hex. */
  readonly cardKeys = new Set<string>()
  /** The code of the same person for each that is entered under duress. */
  readonly duress = new Map<string, string>()
  /** Every order that somebody signed who may say it, by the bytes that carry it, in hex. */
  readonly orders = new Map<string, Ordered>()
  /** Names of people, which stand sealed beside the history. */
  readonly names = new Set<string>()
  /** What was signed for another site, by the bytes that carry it to a lock, in hex. */
  readonly foreign = new Set<string>()
  /** The keeper admitted a statement that was signed for another site. */
  foreignAdmitted = false
  /** What an administrator stated with nobody's help, and what the site was before and after it. */
  readonly alone: Alone[] = []
  /** Cards that were made of what one lock holds, and whose lock it was. */
  readonly forgedCards = new WeakMap<object, DoorId>()
  /** What the keeper tells receivers of silent alarms, as whoever carries it gave it to them last. */
  sheets: { readonly at_ms: number; readonly sheets: readonly SealedSheet[] } = { at_ms: 0, sheets: [] }
  /** The key that opens a receiver's sheets. */
  readonly receiverKeys = new Map<PersonId, HpkeKeyPair>()
  /** What the newest state says that each lock signed, as it is shown to people. */
  readonly shown = new Map<DoorId, { readonly heard_ms: number; readonly state: LockState }>()
  /** Since when somebody who lost every other key asks by the founding key to be heard; null while nobody does. */
  recoversSince_ms: number | null = null
  /** Entries whose place the keeper confirmed to somebody. */
  acknowledged = { authority: 0, events: 0 }
  /** Since when the whole way between keeper and this door has been undisturbed; absent while it is not. */
  readonly calmSince_ms = new Map<DoorId, number>()
  /** Since when the keeper answers and believes its clock; null while it does not. */
  keeperSince_ms: number | null = null

  get now(): State {
    const last = this.history.at(-1)
    assert(last !== undefined, "the site was founded")
    return last.state
  }

  /** The order that a message brings, if it is one that somebody signed who may say it. */
  orderIn(message: Uint8Array): Ordered | null {
    const decoded = decodeDown(message)
    if (!decoded.ok || decoded.down.kind !== "order") return null
    return this.orders.get(toHex(decoded.down.envelope)) ?? null
  }

  /** The keeper's state became this. */
  learn(state: State, at_ms: number): void {
    if (this.history.at(-1)?.state !== state) this.history.push({ at_ms, state })
  }

  /** The place in the history of the state that a policy of this version was compiled from. */
  placeOf(version_size: number): number {
    const place = this.history.findIndex(({ state }) => state.size >= version_size)
    assert(place >= 0, "a policy comes from a state of the site")
    return place
  }

  /**
   * Since when this door has been told everything, or null: keeper, courier and line have all been undisturbed, for long enough
   * that what they lost before was said again.
   */
  toldSince_ms(door: DoorId): number | null {
    const connected = this.connectedSince_ms(door)
    return connected === null ? null : connected + SAID_AGAIN_MS
  }

  /** Since when keeper, courier and line have all been undisturbed for this door, or null. */
  connectedSince_ms(door: DoorId): number | null {
    const calm = this.calmSince_ms.get(door)
    return calm === undefined || this.keeperSince_ms === null ? null : Math.max(calm, this.keeperSince_ms)
  }
}
