/**
 * Where a board keeps its two images, its boot record and the floor of the security counter.
 *
 * {@link FileImageSlots} is a directory: `slot-a`, `slot-b`, `boot`, `floor`. Every call is durable when it returns, and a
 * power cut leaves a record old or new; a slot that is being written may be left anyhow, which its check finds. What the bytes
 * mean is not known here. On a board with a secure element the floor is that element's counter.
 */
import type { ImageSlot } from "@holdfast/lock/image"
import { type Disk, NodeDisk } from "@holdfast/port-node"
import { closeSync, constants, fdatasyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from "node:fs"
import { join } from "node:path"

export interface ImageSlots {
  /** The first `size` bytes of a slot, or all that is in it. */
  read(slot: ImageSlot, size?: number): Uint8Array | null
  /** At offset 0 the slot is emptied first. */
  write(slot: ImageSlot, offset: number, bytes: Uint8Array): void
  record(): Uint8Array | null
  storeRecord(bytes: Uint8Array): void
  floor(): number
  /** Never lowers it. */
  raiseFloor(counter: number): void
}

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** Nothing was confirmed before the first floor. */
function readFloor(bytes: Uint8Array | null): number {
  if (bytes === null || bytes.length !== 4) return 0
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
}

/** Images in files below one directory. One process writes them at a time: the launcher, or the board that it runs. */
export class FileImageSlots implements ImageSlots {
  readonly #disk: Disk
  readonly #directory: string

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#disk = new NodeDisk(directory)
    this.#directory = directory
  }

  read(slot: ImageSlot, size?: number): Uint8Array | null {
    return size === undefined ? this.#disk.read(`slot-${slot}`) : this.#disk.readPart(`slot-${slot}`, 0, size)
  }

  write(slot: ImageSlot, offset: number, bytes: Uint8Array): void {
    const file = openSync(join(this.#directory, `slot-${slot}`), constants.O_WRONLY | constants.O_CREAT, 0o600)
    try {
      if (offset === 0) ftruncateSync(file, 0)
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, offset + at)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
  }

  record(): Uint8Array | null {
    return this.#disk.read("boot")
  }

  storeRecord(bytes: Uint8Array): void {
    this.#disk.replace("boot", bytes)
  }

  floor(): number {
    return readFloor(this.#disk.read("floor"))
  }

  raiseFloor(counter: number): void {
    if (counter > this.floor()) this.#disk.replace("floor", u32(counter))
  }
}

/** One image that is there for good, for a program that is no lock of its own: nothing replaces it. */
export class OneImage implements ImageSlots {
  readonly #image: Uint8Array

  constructor(image: Uint8Array) {
    this.#image = image
  }

  read(slot: ImageSlot, size?: number): Uint8Array | null {
    return slot === "a" ? this.#image.slice(0, size) : null
  }

  write(): void {
    // There is no second slot: what comes is forgotten, and its check finds nothing.
  }

  record(): Uint8Array | null {
    return null
  }

  storeRecord(): void {
    // Nothing is chosen between, so nothing has to be remembered.
  }

  floor(): number {
    return 0
  }

  raiseFloor(): void {
    // One image stands for itself: an older one is another trust file's.
  }
}
