/**
 * A flash chip and a counter for the tests of the sealed store: bytes are programmed once after an erase, and the power can
 * go after any of them.
 */
import { assert } from "@holdfast/base"
import { SealedStore, type StorageKeys, type StoreOperation } from "@holdfast/lock/store"
import { nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { createHash } from "node:crypto"

/** The power went: nothing after it happened. */
export class PowerCut extends Error {
  override readonly name = "PowerCut"
}

/** An erase wipes a page quarter by quarter. */
const ERASE_STEPS = 4

export class Chip {
  readonly page_size: number
  readonly pages: number
  bytes: Uint8Array
  counter = 0
  /** Bytes programmed and quarters erased before the power goes. */
  steps_left = Number.POSITIVE_INFINITY
  steps = 0
  readonly erases: number[]
  programs = 0

  constructor(page_size = 1024, pages = 6) {
    this.page_size = page_size
    this.pages = pages
    this.bytes = new Uint8Array(page_size * pages).fill(0xff)
    this.erases = Array.from({ length: pages }, () => 0)
  }

  copy(): Chip {
    const copy = new Chip(this.page_size, this.pages)
    copy.bytes = this.bytes.slice()
    copy.counter = this.counter
    return copy
  }

  #spend(): void {
    if (this.steps_left <= 0) throw new PowerCut("the power went")
    this.steps_left -= 1
    this.steps += 1
  }

  carryOut(operation: StoreOperation): void {
    const { page_size } = this
    switch (operation.kind) {
      case "erase": {
        const quarter = page_size / ERASE_STEPS
        for (let step = 0; step < ERASE_STEPS; step++) {
          this.#spend()
          const from = operation.page * page_size + step * quarter
          this.bytes.fill(0xff, from, from + quarter)
        }
        this.erases[operation.page] = (this.erases[operation.page] ?? 0) + 1
        return
      }
      case "program":
        this.programs += 1
        for (const [at, byte] of operation.bytes.entries()) {
          this.#spend()
          const place = operation.page * page_size + operation.at + at
          ok(operation.at + at < page_size && this.bytes[place] === 0xff, "a byte is programmed once after an erase")
          this.bytes[place] = byte
        }
        return
      case "advance":
        this.#spend()
        this.counter += 1
        ok(operation.to === this.counter, "the counter moves by one")
    }
  }

  read(page: number): Uint8Array {
    return this.bytes.slice(page * this.page_size, (page + 1) * this.page_size)
  }
}

export const DEVICE = new Uint8Array(32).fill(0xd0)
export const KEYS: StorageKeys = new Map([[1, new Uint8Array(32).fill(0x51)]])

/** Chance that is never the same twice in one process, as a real one is not either. */
let draws = 0
export function chance(size: number): Uint8Array {
  draws += 1
  assert(size <= 32, "a hash is long enough")
  return new Uint8Array(createHash("sha256").update(`chance ${draws}`).digest()).slice(0, size)
}

export type Opening = { keys?: StorageKeys; device?: Uint8Array; crypto?: typeof nodeCrypto }

/** Boots: reads the chip from its beginning. */
export function openStore(
  chip: Chip,
  { keys = KEYS, device = DEVICE, crypto = nodeCrypto }: Opening = {},
): SealedStore {
  return new SealedStore({
    crypto,
    keys,
    device,
    geometry: chip,
    counter: chip.counter,
    counterAtFirst: 0,
    read: (page) => chip.read(page),
    random: chance,
  })
}

export function settle(chip: Chip, store: SealedStore): void {
  for (const operation of store.settle()) chip.carryOut(operation)
}
