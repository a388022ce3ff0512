/**
 * Suspected jamming: loss of the link, plus a sign that the loss is no accident (C68, C69).
 *
 * Loss alone says nothing: a hub that restarts, a closed steel door, a far corner and a microwave oven all lose packets.
 * Signal strength alone says nothing either. Two pictures are left that these do not make:
 *
 *   constant   the channel is busy nearly all the time, and nothing gets through. An oven is silent every other half wave.
 *   reactive   the channel is quiet until somebody speaks, packets of ours are lost, and what we hear breaks off although
 *              it was strong. From a far hub broken packets are weak; from a hub that is off there are none at all.
 *
 * A sample covers five seconds. Constant takes two in a row, reactive five of the last eight.
 */
import { calm, found, type Seen } from "./finding.ts"

/** How long the radio listens for one sample. */
export const SAMPLE_MS = 5_000
export const BUSY_PERMILLE = 700

export type RadioSample = {
  /** Share of listening slots above -90 dBm. */
  readonly busy_permille: number
  readonly sent: number
  readonly acknowledged: number
  /** Packets whose beginning was heard at -75 dBm or above, and whose check failed. */
  readonly broken: number
}

/** Bits of the last eight samples, the newest lowest: was it like a constant, like a reactive jammer. */
export type Link = { readonly constant: number; readonly reactive: number; readonly jammed: boolean }

export const LINK_CLEAR: Link = { constant: 0, reactive: 0, jammed: false }

const LAST_8 = 0xff
const REACTIVE_OF_8 = 5

function bitsIn(bits: number): number {
  let count = 0
  for (let left = bits; left > 0; left >>= 1) count += left & 1
  return count
}

function isLossy({ sent, acknowledged }: RadioSample): boolean {
  return sent >= 2 && acknowledged * 2 <= sent
}

/** One sample. Jamming ends with eight samples that show neither picture. */
export function nextLink(link: Link, sample: RadioSample): Seen<Link, "jamming"> {
  const { busy_permille, sent, acknowledged, broken } = sample
  const busy = busy_permille >= BUSY_PERMILLE
  const lossy = isLossy(sample)
  const constant = ((link.constant << 1) | Number(busy && lossy)) & LAST_8
  const reactive = ((link.reactive << 1) | Number(!busy && lossy && broken >= 2)) & LAST_8
  const suspected = (constant & 3) === 3 || bitsIn(reactive) >= REACTIVE_OF_8
  const jammed = suspected || (link.jammed && (constant | reactive) !== 0)
  const state = { constant, reactive, jammed }
  if (jammed === link.jammed) return calm(state)
  if (!jammed) return { state, found: null, ended: "jamming" }
  return found(state, "jamming", "warning", { busy_permille, sent, acknowledged, broken })
}
