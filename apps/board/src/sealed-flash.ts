/**
 * A board's storage on a chip that anybody may hold in hand: core/lock's sealed store, with the chip and the secure element
 * that carry its operations out.
 *
 * Everything given to it is in the chip when `settle` returns, all of it or nothing. It decides nothing: which state is old and
 * which is new, and what is not to be believed, is the store's to say.
 */
import { assert, type Crypto } from "@holdfast/base"
import type { Part, Stored } from "@holdfast/lock"
import { SealedStore, type StoreOperation, type Wear } from "@holdfast/lock/store"
import { nodeCrypto } from "@holdfast/port-node"
import { join } from "node:path"
import { FileChip, type FlashChip } from "./chip.ts"
import type { SecureElement } from "./element.ts"
import type { Flash } from "./flash.ts"
import type { BoardKeys } from "./keys.ts"
import type { StorageRing } from "./storage-keys.ts"

export type SealedFlashOptions = {
  readonly chip: FlashChip
  readonly element: Pick<SecureElement, "counter" | "advance" | "random" | "signingKey">
  readonly ring: Pick<StorageRing, "keys" | "counterAtFirst" | "isSpent" | "add" | "retire">
  readonly crypto: Crypto
}

export class SealedFlash implements Flash {
  readonly #options: SealedFlashOptions
  #store: SealedStore | null = null

  constructor(options: SealedFlashOptions) {
    this.#options = options
  }

  /** Reads the whole chip. A change of keys that the power interrupted is finished. */
  load(): Stored {
    const { ring } = this.#options
    const store = this.#mount()
    this.#store = store
    if (ring.keys.size > 1) {
      this.#run(store.reseal())
      ring.retire()
    }
    return store.stored
  }

  #mount(): SealedStore {
    const { chip, element, ring, crypto } = this.#options
    const { page_size, pages } = chip
    return new SealedStore({
      crypto,
      geometry: { page_size, pages },
      device: crypto.sha256(element.signingKey),
      keys: ring.keys,
      counter: element.counter(),
      counterAtFirst: ring.counterAtFirst,
      read: (page) => chip.read(page),
      random: (size) => element.random(size),
    })
  }

  /**
   * A new storage key from now on: nothing that was ever sealed under the old one can be read with what remains. A board has 254
   * of these changes in it.
   */
  changeKey(): void {
    this.settle()
    if (this.#options.ring.isSpent) return
    this.#options.ring.add()
    this.load()
  }

  get wear(): Wear {
    return this.#opened.wear
  }

  get #opened(): SealedStore {
    assert(this.#store !== null, "storage is loaded before it is used")
    return this.#store
  }

  store(part: Part, bytes: Uint8Array): void {
    this.#opened.put(part, bytes)
  }

  append(sequence: number, bytes: Uint8Array): void {
    this.#opened.append(sequence, bytes)
  }

  release(through: number): void {
    this.#opened.release(through)
  }

  discard(from: number): void {
    this.#opened.discard(from)
  }

  settle(): void {
    this.#run(this.#opened.settle())
  }

  #run(operations: Iterable<StoreOperation>): void {
    for (const operation of operations) this.#carryOut(operation)
  }

  #carryOut(operation: StoreOperation): void {
    const { chip, element } = this.#options
    if (operation.kind === "erase") chip.erase(operation.page)
    else if (operation.kind === "program") chip.program(operation.page, operation.at, operation.bytes)
    else assert(element.advance() === operation.to, "nobody else moves the element's counter")
  }
}

/** The storage of the board in this directory, sealed under its keys. */
export function sealedFlash(directory: string, keys: Pick<BoardKeys, "element" | "storage">): SealedFlash {
  const chip = new FileChip(join(directory, "flash/chip"))
  return new SealedFlash({ chip, element: keys.element, ring: keys.storage, crypto: nodeCrypto })
}
