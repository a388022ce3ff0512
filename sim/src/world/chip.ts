/**
 * A flash chip and the counter beside it, whose power may go at any operation: before it, after it, or in its middle.
 *
 * What was being programmed then is there up to some byte, with that byte half done; what was being erased is erased up to
 * some byte, with noise behind it. The lock's store sees a chip like any other.
 */
import { assert, byteAt } from "@holdfast/base"
import { type FlashChip, FlashCut, type SealedFlashOptions } from "@holdfast/board"
import type { Chance } from "../chance.ts"

const TORN_PERCENT = 40
const DONE_PERCENT = 20
/** Of what an interrupted erase leaves undone, this much is neither old nor erased. */
const NOISE_BYTES = 64

export class CutChip implements FlashChip {
  readonly page_size: number
  readonly pages: number
  readonly #pages: readonly Uint8Array[]
  readonly #chance: Chance
  #counter = 0
  #operations_left = Number.POSITIVE_INFINITY

  constructor(page_size: number, pages: number, chance: Chance) {
    this.page_size = page_size
    this.pages = pages
    this.#chance = chance
    this.#pages = Array.from({ length: pages }, () => new Uint8Array(page_size).fill(0xff))
  }

  /** The power goes at the operation after so many more. */
  budget(operations_left: number): void {
    this.#operations_left = operations_left
  }

  /** A secure element, as far as a store needs one: its counter loses power with the chip. */
  element(signingKey: SealedFlashOptions["element"]["signingKey"]): SealedFlashOptions["element"] {
    return {
      signingKey,
      random: (size) => this.#chance.bytes(size),
      counter: () => this.#counter,
      advance: () => {
        this.#step(1, () => {
          this.#counter += 1
        })
        return this.#counter
      },
    }
  }

  read(page: number): Uint8Array {
    return this.#at(page).slice()
  }

  program(page: number, at: number, bytes: Uint8Array): void {
    const place = this.#at(page).subarray(at, at + bytes.length)
    assert(place.length === bytes.length, "what is programmed lies within a page")
    assert(
      place.every((byte) => byte === 0xff),
      "a byte is programmed once after an erase",
    )
    this.#step(bytes.length, (count) => {
      place.set(bytes.subarray(0, count))
      // Programming only clears bits: the byte at which the power went has cleared some of its own.
      if (count < bytes.length) place[count] = byteAt(bytes, count) | this.#chance.below(256)
    })
  }

  erase(page: number): void {
    const place = this.#at(page)
    this.#step(place.length, (count) => {
      place.fill(0xff, 0, count)
      place.set(this.#chance.bytes(Math.min(NOISE_BYTES, place.length - count)), count)
    })
  }

  #at(page: number): Uint8Array {
    const bytes = this.#pages[page]
    assert(bytes !== undefined, "the page is one of the chip's")
    return bytes
  }

  /** Carries out an operation of so many bytes, or as many of them as the power lasts for. */
  #step(bytes: number, carryOut: (count: number) => void): void {
    if (this.#operations_left > 0) {
      this.#operations_left -= 1
      return carryOut(bytes)
    }
    const torn = bytes > 1 && this.#chance.happens(TORN_PERCENT)
    if (torn) carryOut(this.#chance.below(bytes))
    else if (this.#chance.happens(DONE_PERCENT)) carryOut(bytes)
    throw new FlashCut("the power went at a write")
  }
}
