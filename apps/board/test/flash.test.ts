/** One contract for both storages; then what only files can suffer: torn ends, and room given back. */
import { deepEqual, equal, ok, throws } from "node:assert/strict"
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { NodeDisk } from "@holdfast/port-node"
import { FileFlash, type Flash, FlashCut, MemoryFlash } from "@holdfast/board"

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

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
}

flashContract("memory", () => {
  const flash = new MemoryFlash()
  return { open: () => flash, done: () => undefined }
})

function folder(): { directory: string; open(): FileFlash; done(): void } {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-flash-"))
  return {
    directory,
    open: () => new FileFlash(new NodeDisk(directory), directory),
    done: () => rmSync(directory, { recursive: true }),
  }
}
flashContract("files", folder)

test("files: a torn end of any length is cut off, and what is appended next is read back", () => {
  for (const torn of [1, 7, 8, 9, 20]) {
    const place = folder()
    const first = place.open()
    first.load()
    first.append(1, bytes(1, 2, 3))
    first.settle()
    appendFileSync(join(place.directory, "flash/records"), new Uint8Array(torn).fill(0xff))
    const second = place.open()
    deepEqual(second.load().records, [bytes(1, 2, 3)])
    second.append(2, bytes(4))
    second.settle()
    deepEqual(place.open().load().records, [bytes(1, 2, 3), bytes(4)])
    place.done()
  }
})

test("files: room that was given back is used again", () => {
  const place = folder()
  const flash = place.open()
  flash.load()
  const record = new Uint8Array(100)
  for (let sequence = 1; sequence <= 10_000; sequence++) {
    flash.append(sequence, record)
    if (sequence % 100 === 0) flash.release(sequence - 10)
  }
  flash.settle()
  ok(statSync(join(place.directory, "flash/records")).size < 400_000)
  equal(place.open().load().records.length >= 10, true)
  ok(readFileSync(join(place.directory, "flash/records")).length > 0)
  place.done()
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
