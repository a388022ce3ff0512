/**
 * The boot loader of a board: verifies both slots, chooses, notes the choice, and hands out the very bytes that it verified.
 *
 * Picture a doorkeeper between the slots and the processor. He trusts nothing that he did not just check himself: not what was
 * checked when the image was taken, not the record's word for it. He knows no network and no lock; what he hands over is run
 * by `launcher.ts`, or stands for a program on a virtual board.
 */
import { equalBytes, unreachable } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { Effect, Input } from "@holdfast/lock"
import {
  type BoardFacts,
  type BootRecord,
  chooseImage,
  confirmed,
  decodeBootRecord,
  encodeBootRecord,
  type Firmware,
  type ImageCrypto,
  type ImageSlot,
  imageVersionText,
  otherSlot,
  type VendorTrust,
  verifyImage,
  withTrial,
} from "@holdfast/lock/image"
import { nodeCrypto, verifyMlDsa44 } from "@holdfast/port-node"
import type { ImageSlots } from "./slots.ts"

const imageCrypto: ImageCrypto = { ...nodeCrypto, verifyMlDsa44 }

export type LoaderOptions = {
  readonly slots: ImageSlots
  readonly vendor: VendorTrust
  readonly model: string
  readonly revision: number
}

type ImageEffect = Extract<Effect, { kind: `image ${string}` }>

/** What was started, as the lock is told. */
export type Started = {
  readonly image: string
  readonly version: string
  readonly onTrial: boolean
  readonly failed: string | null
}

export class Loader {
  readonly #options: LoaderOptions
  #record: BootRecord = { active: "a", trial: null, failed: null }
  #running: { readonly slot: ImageSlot; readonly firmware: Firmware } | null = null

  constructor(options: LoaderOptions) {
    this.#options = options
  }

  #facts(replaces: BoardFacts["replaces"]): BoardFacts {
    const { model, revision, slots } = this.#options
    return { model, revision, counter_min: slots.floor(), replaces }
  }

  #look(slot: ImageSlot): Firmware | null {
    const bytes = this.#options.slots.read(slot)
    const verified = bytes === null ? null : verifyImage(bytes, this.#options.vendor, this.#facts(null), imageCrypto)
    return verified?.ok === true ? verified.firmware : null
  }

  #store(record: BootRecord): void {
    this.#record = record
    this.#options.slots.storeRecord(encodeBootRecord(nodeCrypto, record))
  }

  /** Chooses an image and notes the choice. Null: nothing may run. */
  boot(): Firmware | null {
    const { slots } = this.#options
    const stored = slots.record()
    const record = stored === null ? null : decodeBootRecord(nodeCrypto, stored)
    const found = { a: this.#look("a"), b: this.#look("b") }
    const choice = chooseImage(record, found)
    const encoded = encodeBootRecord(nodeCrypto, choice.record)
    if (stored === null || !equalBytes(encoded, stored)) this.#store(choice.record)
    this.#record = choice.record
    const firmware = choice.boot === null ? null : found[choice.boot]
    this.#running = choice.boot === null || firmware === null ? null : { slot: choice.boot, firmware }
    return firmware
  }

  get started(): Started | null {
    if (this.#running === null) return null
    const { firmware, slot } = this.#running
    const failed = this.#record.failed
    return {
      image: toHex(firmware.image),
      version: imageVersionText(firmware.version),
      onTrial: slot !== this.#record.active && this.#record.trial !== null,
      failed: failed === null ? null : toHex(failed),
    }
  }

  /** Into the slot that does not run; never into the other, and not while that one is the image to go back to. */
  write(offset: number, bytes: Uint8Array): void {
    if (this.#running !== null && this.started?.onTrial !== true)
      this.#options.slots.write(otherSlot(this.#running.slot), offset, bytes)
  }

  /**
   * Holds what was gathered against its name, and only then against all that an image must be. Null: it may be tried.
   */
  check(image: Uint8Array, size: number): string | null {
    if (this.#running === null) return "nothing runs"
    const bytes = this.#options.slots.read(otherSlot(this.#running.slot), size)
    if (bytes === null || bytes.length !== size || !equalBytes(nodeCrypto.sha256(bytes), image)) return "hash differs"
    const facts = this.#facts(this.#running.firmware.version)
    const verified = verifyImage(bytes, this.#options.vendor, facts, imageCrypto)
    return verified.ok ? null : verified.fault
  }

  /** What the lock asks of its slots, and what it is answered. */
  carry(effect: ImageEffect): readonly Input[] {
    switch (effect.kind) {
      case "image write":
        this.write(effect.offset, effect.bytes)
        return []
      case "image check":
        return [{ kind: "image checked", image: effect.image, fault: this.check(effect.image, effect.size) }]
      case "image try":
        this.stage(effect.image)
        return []
      case "image confirm":
        this.confirm()
        return []
      default:
        return unreachable(effect)
    }
  }

  /** Whether an image waits for the next boot: whoever runs the board restarts it. */
  get isStaged(): boolean {
    return this.#record.trial?.begun === false
  }

  /** The next boot tries it. */
  stage(image: Uint8Array): void {
    if (this.#running !== null) this.#store(withTrial({ ...this.#record, active: this.#running.slot }, image))
  }

  /** The running image said that it is well: first the record, then the floor. */
  confirm(): void {
    if (this.#running === null) return
    const { slot, firmware } = this.#running
    if (slot !== this.#record.active) this.#store(confirmed(this.#record, slot))
    this.#options.slots.raiseFloor(firmware.claims.counter)
  }
}
