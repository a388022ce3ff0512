/** A vendor's desk for the tests: keys, images, the trust that a board is given, and image slots whose power can be cut. */
import type { ImageSlot, VendorTrust } from "@holdfast/lock/image"
import { concat } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { generateKeyPairSync } from "node:crypto"
import type { ImageSlots } from "../src/image/slots.ts"
import { type Making, makeImage, signerFrom, type VendorSigner } from "../src/image/vendor.ts"

export const MODEL = "HF-VB1"

const PEM = { format: "pem", type: "pkcs8" } as const
const release = signerFrom(generateKeyPairSync("ed25519").privateKey.export(PEM).toString())
const second = signerFrom(generateKeyPairSync("ml-dsa-44").privateKey.export(PEM).toString())
const stranger = signerFrom(generateKeyPairSync("ed25519").privateKey.export(PEM).toString())

export const VENDOR: VendorTrust = {
  keys: release.kind === "classical" ? [{ algorithm: release.algorithm, key: release.key }] : [],
  threshold: 1,
  mlDsa: second.key,
  revoked: [],
}

/** An image of version 1.`minor`.0 with the security counter `counter`. */
export function imageOf(
  minor: number,
  counter: number,
  payload: string = "",
  changed: Partial<Making> = {},
): Uint8Array {
  return imageBy([release, second], minor, counter, payload, changed)
}

/** The same, signed by somebody who is not the vendor. */
export function forgedImage(minor: number, counter: number, payload: string): Uint8Array {
  return imageBy([stranger, second], minor, counter, payload)
}

function imageBy(
  signers: readonly VendorSigner[],
  minor: number,
  counter: number,
  payload: string,
  changed: Partial<Making> = {},
): Uint8Array {
  const version = { major: 1, minor, revision: 0, build: 0 }
  const version_min = { major: 0, minor: 0, revision: 0, build: 0 }
  const plain = { version, version_min, model: MODEL, revision_min: 1, revision_max: 1, counter }
  return makeImage({ ...plain, payload: utf8(payload), ...changed }, signers)
}

/** The power went before a write. */
export class SlotsCut extends Error {
  override readonly name = "SlotsCut"
}

/** Slots in memory. With a budget of writes the power goes when it is used up; a slot's write is then torn in the middle. */
export class MemoryImageSlots implements ImageSlots {
  readonly slots = new Map<ImageSlot, Uint8Array>()
  stored: Uint8Array | null = null
  counter = 0
  writes_left = Number.POSITIVE_INFINITY

  read(slot: ImageSlot, size?: number): Uint8Array | null {
    return this.slots.get(slot)?.slice(0, size) ?? null
  }

  #spend(): void {
    if (this.writes_left-- <= 0) throw new SlotsCut("the power went before a write")
  }

  write(slot: ImageSlot, offset: number, bytes: Uint8Array): void {
    const before = this.slots.get(slot)?.slice(0, offset) ?? new Uint8Array(0)
    const half = concat(before, bytes.subarray(0, Math.floor(bytes.length / 2)))
    if (this.writes_left <= 0) this.slots.set(slot, half)
    this.#spend()
    this.slots.set(slot, concat(before, bytes))
  }

  record(): Uint8Array | null {
    return this.stored
  }

  storeRecord(bytes: Uint8Array): void {
    this.#spend()
    this.stored = bytes
  }

  floor(): number {
    return this.counter
  }

  raiseFloor(counter: number): void {
    if (counter <= this.counter) return
    this.#spend()
    this.counter = counter
  }

  copy(): MemoryImageSlots {
    const copy = new MemoryImageSlots()
    for (const [slot, bytes] of this.slots) copy.slots.set(slot, bytes)
    copy.stored = this.stored
    copy.counter = this.counter
    return copy
  }
}
