/**
 * Firmware images as the server keeps them for the locks. What is told here is what the file says of itself: whether it may run
 * is for the door's policy, which names its hash, and for the board, which holds the vendor's keys.
 */
import * as Type from "typebox"
import { Closed, Count, OrNull, Sha256 } from "./words.ts"

export const Image = Closed({
  /** Of the whole file: the name by which a door admits it. */
  sha256: Sha256,
  size: Count,
  version: Type.String(),
  model: Type.String(),
  /** First and last hardware revision that it is for. */
  revisions: Type.Array(Count, { minItems: 2, maxItems: 2 }),
  /** The smallest version that it may replace. */
  from: Type.String(),
  security_counter: Count,
  /** Hashes of the keys whose signatures stand in it, as the file names them. */
  signers: Type.Array(Sha256),
  /** The key of the second, ML-DSA-44 signature, where it promises one. */
  second_signer: OrNull(Sha256),
})
export type Image = Type.Static<typeof Image>

export const Images = Closed({ images: Type.Array(Image) })
export type Images = Type.Static<typeof Images>
