/**
 * What the sealed store needs from a flash chip, and a chip that is a file.
 *
 * A page is erased whole, to 0xff, and each of its bytes is programmed once after that; both are durable when they return.
 * In the file every byte is kept inverted, so that a hole in it reads as erased and a large chip takes only the
 * room that was used. What the bytes mean is core/lock's business.
 */
import { assert } from "@holdfast/base"
import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from "node:fs"
import { dirname } from "node:path"

export interface FlashChip {
  readonly page_size: number
  readonly pages: number
  /** The whole page. */
  read(page: number): Uint8Array
  program(page: number, at: number, bytes: Uint8Array): void
  erase(page: number): void
}

/** 32 MiB: 100,000 records and two policies of 10,000 people each, in pages that are seldom turned: a turn waits four times. */
const CHIP_PAGE_SIZE = 16_384
const CHIP_PAGES = 2_048

export class FileChip implements FlashChip {
  readonly page_size: number
  readonly pages: number
  readonly #file: number

  constructor(path: string, page_size: number = CHIP_PAGE_SIZE, pages: number = CHIP_PAGES) {
    this.page_size = page_size
    this.pages = pages
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.#file = openSync(path, "a+", 0o600) // Made when it is not there.
    closeSync(this.#file)
    this.#file = openSync(path, "r+")
  }

  read(page: number): Uint8Array {
    const bytes = new Uint8Array(this.page_size)
    if (fstatSync(this.#file).size <= page * this.page_size) return bytes.fill(0xff)
    readSync(this.#file, bytes, 0, this.page_size, page * this.page_size) // What lies behind the file's end stays zero.
    return new Uint8Array(new Uint32Array(bytes.buffer).map((word) => ~word).buffer)
  }

  program(page: number, at: number, bytes: Uint8Array): void {
    assert(page < this.pages && at + bytes.length <= this.page_size, "what is programmed lies within a page")
    writeSync(this.#file, inverted(bytes), 0, bytes.length, page * this.page_size + at)
    fdatasyncSync(this.#file)
  }

  /** Durable with the next program, which is the first at which it matters. */
  erase(page: number): void {
    assert(page < this.pages, "the page is one of the chip's")
    if (fstatSync(this.#file).size <= page * this.page_size) return
    writeSync(this.#file, new Uint8Array(this.page_size), 0, this.page_size, page * this.page_size)
  }

  close(): void {
    closeSync(this.#file)
  }
}

function inverted(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => byte ^ 0xff)
}
