/** One contract for both storages; then what only the sealed one can suffer: a chip and a secure element that lose power. */
import {
  FileChip,
  type Flash,
  type FlashChip,
  FlashCut,
  MemoryFlash,
  SealedFlash,
  type SecureElement,
} from "@holdfast/board"
import { MemoryDisk, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { SoftwareElement } from "../src/element-software.ts"
import { StorageRing } from "../src/storage-keys.ts"

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

function flashContract(name: string, make: () => { open(): Flash; done(): void }): void {
  test(`${name}: what was stored is there after the next boot, the last write of a part and every record`, () => {
    const place = make()
    const first = place.open()
    first.load()
    first.store("boot", bytes(1))
    first.store("boot", bytes(2))
    for (let sequence = 1; sequence <= 5; sequence++) first.append(sequence, bytes(sequence, sequence))
    first.settle()
    const { parts, records } = place.open().load()
    deepEqual([...parts], [["boot", bytes(2)]])
    deepEqual(
      records,
      [1, 2, 3, 4, 5].map((each) => bytes(each, each)),
    )
    place.done()
  })

  test(`${name}: released room is gone or kept whole, discarded records are gone, and appending goes on`, () => {
    const place = make()
    const first = place.open()
    first.load()
    for (let sequence = 1; sequence <= 6; sequence++) first.append(sequence, bytes(sequence))
    first.release(2)
    first.discard(6)
    first.append(6, bytes(60))
    first.settle()
    const { records } = place.open().load()
    deepEqual(records.slice(-4), [bytes(3), bytes(4), bytes(5), bytes(60)])
    place.done()
  })

  test(`${name}: a part of many pages is there whole, and a smaller one after it`, () => {
    const place = make()
    const first = place.open()
    first.load()
    const large = random(50_000)
    first.store("slot a", large)
    first.settle()
    const second = place.open()
    deepEqual(second.load().parts.get("slot a"), large)
    second.store("slot a", bytes(1))
    second.settle()
    deepEqual(place.open().load().parts.get("slot a"), bytes(1))
    place.done()
  })
}

flashContract("memory", () => {
  const flash = new MemoryFlash()
  return { open: () => flash, done: () => undefined }
})

/** A chip in a file, and an element whose disk is memory. */
function sealed(page_size = 4_096, pages = 64) {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-chip-"))
  const path = join(directory, "flash/chip")
  const disk = new MemoryDisk()
  const open = (): SealedFlash => {
    const element = new SoftwareElement(disk, random)
    const chip = new FileChip(path, page_size, pages)
    return new SealedFlash({ chip, element, ring: new StorageRing(disk, element), crypto: nodeCrypto })
  }
  return { directory, path, open, done: () => rmSync(directory, { recursive: true }) }
}
flashContract("sealed", () => sealed())

test("attack 76: the chip's file shows nothing of what it holds", () => {
  const place = sealed()
  const flash = place.open()
  flash.load()
  const name = Buffer.from("ana of the third floor")
  flash.store("slot a", new Uint8Array(name))
  flash.settle()
  const file = readFileSync(place.path)
  ok(file.length > 0)
  equal(file.includes(name), false)
  equal(Buffer.from(file.map((byte) => byte ^ 0xff)).includes(name), false)
  place.done()
})

test("sealed: room that was given back is used again, and every page wears alike", () => {
  const place = sealed(1_024, 32)
  const flash = place.open()
  flash.load()
  const record = new Uint8Array(100)
  for (let sequence = 1; sequence <= 3_000; sequence++) {
    flash.append(sequence, record)
    if (sequence % 10 === 0) flash.release(sequence - 10)
    if (sequence % 5 === 0) flash.settle()
  }
  ok(statSync(place.path).size <= 32 * 1_024)
  ok(flash.wear.erases_max - flash.wear.erases_min <= 1 && flash.wear.erases_max > 5)
  equal(place.open().load().records.length, 10)
  place.done()
})

/** A chip in memory and an element, which lose power together after so many operations. */
class Cutting {
  readonly page_size = 1_024
  readonly pages = 6
  operations_left = Number.POSITIVE_INFINITY
  readonly disk = new MemoryDisk()
  readonly #pages = Array.from({ length: 6 }, () => new Uint8Array(1_024).fill(0xff))

  #spend(): void {
    if (this.operations_left-- <= 0) throw new FlashCut("the power went")
  }

  get chip(): FlashChip {
    const at = (page: number): Uint8Array => this.#pages[page] ?? new Uint8Array(0)
    return {
      page_size: this.page_size,
      pages: this.pages,
      read: (page) => at(page).slice(),
      program: (page, from, given) => {
        this.#spend()
        ok(
          at(page)
            .subarray(from, from + given.length)
            .every((byte) => byte === 0xff),
          "programmed once after an erase",
        )
        at(page).set(given, from)
      },
      erase: (page) => {
        this.#spend()
        at(page).fill(0xff)
      },
    }
  }

  open(): { flash: SealedFlash; ring: StorageRing } {
    const element = new SoftwareElement(this.disk, random)
    const ring = new StorageRing(this.disk, element)
    const counting: Pick<SecureElement, "counter" | "advance" | "random" | "signingKey"> = {
      signingKey: element.signingKey,
      counter: () => element.counter(),
      random: (size) => element.random(size),
      advance: () => {
        this.#spend()
        return element.advance()
      },
    }
    return { flash: new SealedFlash({ chip: this.chip, element: counting, ring, crypto: nodeCrypto }), ring }
  }
}

test("I-25: the power of chip and element goes before any operation: old or new, and no false alarm of a rollback", () => {
  for (let operations = 0, done = false; !done; operations++) {
    const place = new Cutting()
    const { flash } = place.open()
    flash.load()
    place.operations_left = operations
    let settled = 0
    try {
      for (let state = 1; state <= 40; state++) {
        flash.store("throttle", bytes(state))
        flash.append(state, bytes(state))
        if (state > 5) flash.release(state - 5)
        flash.settle()
        settled = state
      }
      done = true
    } catch (error) {
      ok(error instanceof FlashCut)
    }
    place.operations_left = Number.POSITIVE_INFINITY
    const { parts, records, fault } = place.open().flash.load()
    equal(fault, undefined, `cut before operation ${operations}`)
    const state = parts.get("throttle")?.[0] ?? 0
    ok(state === settled || state === settled + 1)
    equal(records.at(-1)?.[0] ?? 0, state)
  }
})

test("attack 78: a change of the storage key that loses its power is finished at the next boot, and the old key is gone", () => {
  for (let operations = 0, done = false; !done; operations++) {
    const place = new Cutting()
    const first = place.open()
    first.flash.load()
    first.flash.store("slot a", new Uint8Array(1_500).fill(7))
    first.flash.settle()
    const [old] = first.ring.keys.values()
    place.operations_left = operations
    try {
      first.flash.changeKey()
      done = true
    } catch (error) {
      ok(error instanceof FlashCut)
    }
    place.operations_left = Number.POSITIVE_INFINITY
    const { flash, ring } = place.open()
    const stored = flash.load()
    deepEqual([stored.fault, stored.parts.get("slot a")?.length], [undefined, 1_500])
    deepEqual([...ring.keys.keys()], [2])
    notDeepEqual([...ring.keys.values()], [old])
    deepEqual(new StorageRing(place.disk, new SoftwareElement(place.disk, random)).keys, ring.keys)
    deepEqual(place.open().flash.load().parts.get("slot a")?.length, 1_500)
  }
})

test("memory: the power goes before the write that was one too many, and what was written stays", () => {
  const flash = new MemoryFlash(2)
  flash.load()
  flash.store("boot", bytes(1))
  flash.append(1, bytes(1))
  flash.settle()
  flash.append(2, bytes(2))
  throws(() => flash.settle(), FlashCut)
  deepEqual(flash.load().records, [bytes(1)])
})
