/**
 * What a lock that asks is brought: chunks of its own policy and of the index of its secrets, these secrets, pieces of an image.
 *
 * Picture a counter where only the parcels of one door lie: whatever is asked for by another name is refused with a word, and
 * what is handed out is judged by the lock itself. It keeps nothing, and a part that is lost is asked for again.
 */
import { piecesOf } from "@holdfast/access/door"
import { EMPTY } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Down, Up } from "@holdfast/wire"
import type { Keeper } from "../keeper.ts"
import type { NamedFiles } from "../named-files.ts"
import type { DoorView } from "../site/view.ts"

/** A part on its way down, or why there is none. */
export type Part = Down | { readonly refused: string }

export type Shelves = {
  readonly keeper: Keeper
  readonly policies: NamedFiles
  /** Firmware images, which a lock takes only by a hash that its policy names. */
  readonly images: NamedFiles
}

/** The policy's chunks, and behind them those of the index; the index is read only where a chunk of it is wanted. */
async function chunksOf({ policies }: Shelves, issued: NonNullable<DoorView["issued"]>, indexes: readonly number[]) {
  const policy = indexes.length === 0 ? null : await policies.read(toHex(issued.policyHash))
  if (policy === null) return []
  const { chunks } = piecesOf(policy, EMPTY)
  if (indexes.every((index) => index < chunks.length)) return chunks
  return piecesOf(policy, (await policies.read(toHex(issued.secretsHash))) ?? EMPTY).chunks
}

/** Chunks of the door's own policy and of the index of its secrets, and these, sealed to its lock; nothing of another door. */
export async function* partsFor(
  shelves: Shelves,
  { id: door, issued }: DoorView,
  want: Extract<Up, { kind: "want" }>,
): AsyncGenerator<Part, void> {
  if (issued === null || toHex(issued.policyHash) !== toHex(want.policy)) {
    yield { refused: "want: not its policy" }
    return
  }
  const chunks = await chunksOf(shelves, issued, want.chunks)
  for (const index of want.chunks) {
    const bytes = chunks[index]
    if (bytes === undefined) {
      yield { refused: "want: no such chunk" }
      return
    }
    yield { kind: "chunk", policy: want.policy, index, bytes }
  }
  for (const credential of want.credentials) {
    const answer = await shelves.keeper.ask<"secret">({ operation: "secret", door, credential })
    if (answer.operation === "refused") yield { refused: `secret: ${answer.fault}` }
    else yield { kind: "secret", credential, sealed: answer.sealed }
  }
}

/** Pieces of an image that the door's configuration names. */
export async function* piecesFor(
  { images }: Shelves,
  { door }: DoorView,
  want: Extract<Up, { kind: "want image" }>,
): AsyncGenerator<Part, void> {
  const name = toHex(want.image)
  const isNamed = door.config.firmware.includes(name)
  const bytes = isNamed ? await images.read(name) : null
  if (bytes === null) {
    yield { refused: isNamed ? "want image: no such image" : "want image: not its firmware" }
    return
  }
  for (let piece = 0; piece < want.pieces; piece++) {
    const offset = want.offset + piece * want.piece_size
    if (offset >= bytes.length) return
    const part = bytes.subarray(offset, offset + want.piece_size)
    yield { kind: "image piece", image: want.image, size: bytes.length, offset, bytes: part }
  }
}
