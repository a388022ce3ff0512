/**
 * A board's storage under watch: the sealed store of a real board, on a chip whose power goes at any write.
 *
 * It hears every record on its way to durability, and every nonce under every key. What is noted here is truth that the lock
 * cannot see; the bytes are the store's business.
 */
import type { Crypto } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { type Flash, SealedFlash } from "@holdfast/board"
import type { Part, Stored } from "@holdfast/lock"
import type { Chance } from "../chance.ts"
import { type Line, readLine } from "../truth/line.ts"
import { CutChip } from "./chip.ts"

/** How much flash a board has: the small one goes round several times a day. */
export type FlashSize = { readonly page_size: number; readonly pages: number }

/** Storage keys, which a secure element keeps: each change of them is whole, and outlives a loss of power. */
class Ring {
  readonly #chance: Chance
  keys: ReadonlyMap<number, Uint8Array>
  readonly counterAtFirst = 0
  readonly isSpent = false

  constructor(chance: Chance) {
    this.#chance = chance
    this.keys = new Map([[1, chance.bytes(32)]])
  }

  add(): void {
    this.keys = new Map([...this.keys, [Math.max(...this.keys.keys()) + 1, this.#chance.bytes(32)]])
  }

  retire(): void {
    this.keys = new Map([...this.keys].slice(-1))
  }
}

export class WatchedFlash implements Flash {
  readonly #inner: SealedFlash
  readonly #chip: CutChip
  readonly #ring: Ring
  /** Records of this step. */
  #appended: Line[] = []
  /** The records that a boot would find, by sequence. */
  readonly durable = new Map<number, Line>()
  /** The parts that a boot would find. */
  readonly parts = new Map<Part, Uint8Array>()
  /** What the store said of itself at the last boot. */
  fault: Stored["fault"] | null = null
  /** A key met a nonce for the second time. */
  reusedNonce = false
  readonly #nonces = new Set<string>()
  #waiting: { readonly lines: Line[]; readonly parts: Map<Part, Uint8Array> } = { lines: [], parts: new Map() }

  constructor({ page_size, pages }: FlashSize, device: PublicKey, crypto: Crypto, chance: Chance) {
    this.#ring = new Ring(chance.branch("storage key"))
    this.#chip = new CutChip(page_size, pages, chance.branch("chip"))
    this.#inner = new SealedFlash({
      chip: this.#chip,
      element: this.#chip.element(device),
      ring: this.#ring,
      crypto: this.#watched(crypto),
    })
  }

  #watched(crypto: Crypto): Crypto {
    const seal: Crypto["aesGcmSeal"] = (key, nonce, ...rest) => {
      const name = `${toHex(key)} ${toHex(nonce)}`
      this.reusedNonce ||= this.#nonces.has(name)
      this.#nonces.add(name)
      return crypto.aesGcmSeal(key, nonce, ...rest)
    }
    return new Proxy(crypto, {
      get: (target, name, receiver): unknown => (name === "aesGcmSeal" ? seal : Reflect.get(target, name, receiver)),
    })
  }

  /** The power goes at the write after so many more. */
  budget(writes_left: number): void {
    this.#chip.budget(writes_left)
  }

  /** Under how many keys the storage may stand now: two while a change is under way. */
  get keys_count(): number {
    return this.#ring.keys.size
  }

  /** The lock changes the key under which it stores, as at a hand-over. */
  changeKey(): void {
    this.#inner.changeKey()
  }

  /** What was appended since it was asked last. */
  takeAppended(): readonly Line[] {
    const appended = this.#appended
    this.#appended = []
    return appended
  }

  load(): Stored {
    const stored = this.#inner.load()
    this.fault = stored.fault ?? null
    this.#waiting = { lines: [], parts: new Map() }
    this.parts.clear()
    for (const [part, bytes] of stored.parts) this.parts.set(part, bytes)
    this.durable.clear()
    for (const bytes of stored.records) {
      const line = readLine(bytes)
      if (line !== null) this.durable.set(line.record.sequence, line)
    }
    return stored
  }

  store(part: Part, bytes: Uint8Array): void {
    this.#inner.store(part, bytes)
    this.#waiting.parts.set(part, bytes)
  }

  append(sequence: number, bytes: Uint8Array): void {
    this.#inner.append(sequence, bytes)
    const line = readLine(bytes)
    if (line === null) return
    this.#appended.push(line)
    this.#waiting.lines.push(line)
  }

  release(through: number): void {
    this.#inner.release(through)
  }

  discard(from: number): void {
    this.#inner.discard(from)
    for (const sequence of this.durable.keys()) if (sequence >= from) this.durable.delete(sequence)
  }

  settle(): void {
    this.#inner.settle()
    const { lines, parts } = this.#waiting
    for (const line of lines) this.durable.set(line.record.sequence, line)
    for (const [part, bytes] of parts) this.parts.set(part, bytes)
    this.#waiting = { lines: [], parts: new Map() }
  }
}
