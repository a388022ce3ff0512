/**
 * The keys under which a board seals its storage: kept sealed by the secure element, and changed without a moment in which
 * the power may not go.
 *
 *   one key -> a new one is added, durably -> everything is sealed anew -> the old one is forgotten, durably
 *
 * From the first step on, whatever is written is sealed under the new key. A board that wakes up with two finishes.
 */
import { assert } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readUint } from "@holdfast/base/cbor"
import type { StorageKeys } from "@holdfast/lock/store"
import type { Disk } from "@holdfast/port-node"
import { ElementError, type SecureElement } from "./element.ts"

const FILE = "storage-keys"
const PURPOSE = "storage keys"
const KEY_SIZE = 32
const VERSIONS_MAX = 255

type Ring = { readonly counterAtFirst: number; readonly keys: StorageKeys }

function encode({ counterAtFirst, keys }: Ring): Uint8Array {
  return encodeCbor([counterAtFirst, [...keys].map(([version, key]) => [version, key])])
}

function readKey(item: Cbor): readonly [number, Uint8Array] | null {
  if (!Array.isArray(item)) return null
  const [versionField, keyField] = item as readonly Cbor[]
  const version = readUint(versionField, VERSIONS_MAX)
  const key = readBytes(keyField, KEY_SIZE)
  return version === null || key === null ? null : [version, key]
}

function decode(bytes: Uint8Array): Ring | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value)) return null
  const [firstField, keysField] = decoded.value as readonly Cbor[]
  const counterAtFirst = readUint(firstField)
  const keys = readArray(keysField, 2, readKey)
  return counterAtFirst === null || keys === null || keys.length === 0 ? null : { counterAtFirst, keys: new Map(keys) }
}

export class StorageRing {
  readonly #disk: Disk
  readonly #element: SecureElement
  #ring: Ring

  /** The keys of this disk; on a blank one the first is made. */
  constructor(disk: Disk, element: SecureElement) {
    this.#disk = disk
    this.#element = element
    const sealed = disk.read(FILE)
    const plain = sealed === null ? null : element.unseal(PURPOSE, sealed)
    const ring = plain === null ? null : decode(plain)
    if (sealed !== null && ring === null)
      throw new ElementError("the storage keys were not sealed by this secure element")
    this.#ring = ring ?? { counterAtFirst: element.counter(), keys: new Map([[1, element.random(KEY_SIZE)]]) }
    if (sealed === null) this.#write(this.#ring)
  }

  #write(ring: Ring): void {
    this.#disk.replace(FILE, this.#element.seal(PURPOSE, encode(ring)))
    this.#ring = ring
  }

  get keys(): StorageKeys {
    return this.#ring.keys
  }

  /** What the element's counter said when the first key was made. */
  get counterAtFirst(): number {
    return this.#ring.counterAtFirst
  }

  /** Whether no further key can take over. */
  get isSpent(): boolean {
    return this.keys.has(VERSIONS_MAX)
  }

  /** Adds the key that takes over. */
  add(): void {
    const newest = Math.max(...this.keys.keys())
    assert(this.keys.size === 1 && newest < VERSIONS_MAX, "a change of keys begins with one key, 254 times at most")
    this.#write({ ...this.#ring, keys: new Map([...this.keys, [newest + 1, this.#element.random(KEY_SIZE)]]) })
  }

  /** Forgets all keys but the newest. Nothing may be sealed under another any more. */
  retire(): void {
    const newest = Math.max(...this.keys.keys())
    if (this.keys.size === 1) return
    this.#write({ ...this.#ring, keys: new Map([...this.keys].filter(([version]) => version === newest)) })
  }
}
