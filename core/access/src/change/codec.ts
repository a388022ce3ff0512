/**
 * How one kind of change is written and read: the map under key 7 of a statement's payload.
 *
 * Whoever reads it decides nothing by it: whether a change may be said is judge.ts's, whether it fits fold.ts's.
 */
import type { Cbor, CborMap } from "@holdfast/base/cbor"

export type Codec<Change> = {
  encode(change: Change): CborMap
  /** Null for anything that is not exactly this kind's map. */
  decode(value: Cbor | undefined): Change | null
}

/** One codec for every kind of a family, so that a kind without one does not compile. */
export type CodecsOf<Family extends { readonly kind: string }> = {
  readonly [Kind in Family["kind"]]: Codec<Extract<Family, { readonly kind: Kind }>>
}
