/**
 * Deterministic CBOR (RFC 8949, section 4.2.1), and only the part of it that signed facts need.
 *
 * Integers within 2^53-1, byte strings, text in NFC, arrays, maps with integer keys, true, false, null; at most 8 levels
 * deep. No floats, no tags, no indefinite lengths, no other simple values. Whatever decodes encodes back to the same bytes,
 * so a signed thing has one spelling. It is not a general CBOR library.
 */
import { assert, unreachable } from "../assert.ts"
import { byteAt, compareBytes, concat } from "../bytes.ts"
import { fromUtf8, utf8 } from "../text.ts"

export type CborMap = ReadonlyMap<number, Cbor>
export type Cbor = number | boolean | null | string | Uint8Array | readonly Cbor[] | CborMap

const CBOR_DEPTH_MAX = 8

export type CborFault =
  | "ends early"
  | "bytes left over"
  | "not the shortest form"
  | "beyond 2^53-1"
  | "kind not allowed"
  | "text not UTF-8"
  | "text not NFC"
  | "keys not integers"
  | "keys out of order"
  | "too deep"

export type CborDecoded =
  | { readonly ok: true; readonly value: Cbor }
  | { readonly ok: false; readonly fault: CborFault }

const UINT = 0
const NEGATIVE = 1
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const MAP = 5
const SIMPLE = 7
const FALSE = 20
const TRUE = 21
const NULL = 22

/** A string of so many bytes is put between what was written: it is copied once, at the end. */
const LONG = 256

/** Grows by doubling, which is enough for anything shorter than {@link LONG}; the one place where encoded bytes are written. */
class Writer {
  readonly #parts: Uint8Array[] = []
  #bytes = new Uint8Array(LONG)
  #size = 0

  #room(count: number): void {
    if (this.#size + count <= this.#bytes.length) return
    const grown = new Uint8Array(this.#bytes.length * 2)
    grown.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = grown
  }

  /** RFC 8949, section 3: three bits of major type, then the argument in its shortest form. */
  head(major: number, argument: number): void {
    this.#room(9)
    const bytes = this.#bytes
    const lead = major << 5
    if (argument < 24) {
      bytes[this.#size++] = lead | argument
      return
    }
    const width = argument < 0x100 ? 1 : argument < 0x10000 ? 2 : argument < 0x100000000 ? 4 : 8
    bytes[this.#size++] = lead | (width === 1 ? 24 : width === 2 ? 25 : width === 4 ? 26 : 27)
    let rest = argument
    for (let i = width - 1; i >= 0; i--) {
      bytes[this.#size + i] = rest % 256
      rest = Math.floor(rest / 256)
    }
    this.#size += width
  }

  raw(bytes: Uint8Array): void {
    if (bytes.length >= LONG) {
      this.#parts.push(this.#bytes.slice(0, this.#size), bytes)
      this.#size = 0
      return
    }
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#size)
    this.#size += bytes.length
  }

  finish(): Uint8Array {
    return concat(...this.#parts, this.#bytes.subarray(0, this.#size))
  }
}

/**
 * The encoded form of an integer key decides the order of a map: RFC 8949, section 4.2.1. That is the kind, then the shorter
 * form, then the smaller argument; and in the shortest form a smaller argument is never longer.
 */
function keyOrder(a: number, b: number): number {
  if (a >= 0 !== b >= 0) return b - a
  return a >= 0 ? a - b : b - a
}

function writeInteger(writer: Writer, value: number): void {
  assert(Number.isSafeInteger(value), "an integer lies within 2^53-1")
  if (value >= 0) writer.head(UINT, value)
  else writer.head(NEGATIVE, -1 - value)
}

function isMap(value: readonly Cbor[] | CborMap): value is CborMap {
  return value instanceof Map
}

function write(writer: Writer, value: Cbor, depth: number): void {
  assert(depth <= CBOR_DEPTH_MAX, "a value is at most eight levels deep")
  if (typeof value === "number") return writeInteger(writer, value)
  if (value === null) return writer.head(SIMPLE, NULL)
  if (typeof value === "boolean") return writer.head(SIMPLE, value ? TRUE : FALSE)
  if (typeof value === "string") {
    assert(value.normalize("NFC") === value, "text is in NFC")
    const bytes = utf8(value)
    writer.head(TEXT, bytes.length)
    return writer.raw(bytes)
  }
  if (value instanceof Uint8Array) {
    writer.head(BYTES, value.length)
    return writer.raw(value)
  }
  if (isMap(value)) {
    writer.head(MAP, value.size)
    for (const key of [...value.keys()].sort(keyOrder)) {
      writeInteger(writer, key)
      write(writer, value.get(key) ?? null, depth + 1)
    }
    return
  }
  if (Array.isArray(value)) {
    writer.head(ARRAY, value.length)
    for (const item of value) write(writer, item, depth + 1)
    return
  }
  return unreachable(value as never)
}

/** The one encoding of a value. */
export function encodeCbor(value: Cbor): Uint8Array {
  const writer = new Writer()
  write(writer, value, 1)
  return writer.finish()
}

/** Leaves the reader's recursion at the first thing that is wrong; never seen outside this file. */
class Stop extends Error {
  override readonly name = "Stop"
  readonly fault: CborFault
  constructor(fault: CborFault) {
    super(fault)
    this.fault = fault
  }
}

type Head = { readonly major: number; readonly argument: number }

class Reader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    // A Node Buffer's `slice` would share memory with the caller: read through a plain view.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) throw new Stop("ends early")
    return byteAt(this.#bytes, this.#at++)
  }

  #take(size: number): Uint8Array {
    if (size > this.left) throw new Stop("ends early")
    this.#at += size
    return this.#bytes.slice(this.#at - size, this.#at)
  }

  #head(): Head {
    const lead = this.#byte()
    const major = lead >> 5
    const short = lead & 31
    if (short < 24) return { major, argument: short }
    if (short > 27 || major === SIMPLE) throw new Stop("kind not allowed")
    const width = 1 << (short - 24)
    let argument = 0
    for (let i = 0; i < width; i++) argument = argument * 256 + this.#byte()
    if (!Number.isSafeInteger(argument)) throw new Stop("beyond 2^53-1")
    const least = width === 1 ? 24 : width === 2 ? 0x100 : width === 4 ? 0x10000 : 0x100000000
    if (argument < least) throw new Stop("not the shortest form")
    return { major, argument }
  }

  #integer(head: Head): number {
    if (head.major === UINT) return head.argument
    const value = -1 - head.argument
    if (!Number.isSafeInteger(value)) throw new Stop("beyond 2^53-1")
    return value
  }

  #text(size: number): string {
    const text = fromUtf8(this.#take(size))
    if (text === null) throw new Stop("text not UTF-8")
    if (text.normalize("NFC") !== text) throw new Stop("text not NFC")
    return text
  }

  #array(count: number, depth: number): Cbor[] {
    if (count > this.left) throw new Stop("ends early") // An item takes a byte at least: no room is made for a lie.
    const items: Cbor[] = []
    for (let i = 0; i < count; i++) items.push(this.value(depth + 1))
    return items
  }

  #map(count: number, depth: number): CborMap {
    if (count > this.left) throw new Stop("ends early")
    const map = new Map<number, Cbor>()
    let last: Uint8Array | null = null
    for (let i = 0; i < count; i++) {
      const from = this.#at
      const head = this.#head()
      if (head.major !== UINT && head.major !== NEGATIVE) throw new Stop("keys not integers")
      const key = this.#integer(head)
      const spelled = this.#bytes.subarray(from, this.#at)
      if (last !== null && compareBytes(last, spelled) >= 0) throw new Stop("keys out of order")
      last = spelled
      map.set(key, this.value(depth + 1))
    }
    return map
  }

  value(depth: number): Cbor {
    if (depth > CBOR_DEPTH_MAX) throw new Stop("too deep")
    const head = this.#head()
    switch (head.major) {
      case UINT:
      case NEGATIVE:
        return this.#integer(head)
      case BYTES:
        return this.#take(head.argument)
      case TEXT:
        return this.#text(head.argument)
      case ARRAY:
        return this.#array(head.argument, depth)
      case MAP:
        return this.#map(head.argument, depth)
      case SIMPLE:
        if (head.argument === NULL) return null
        if (head.argument === TRUE || head.argument === FALSE) return head.argument === TRUE
        throw new Stop("kind not allowed")
      default:
        throw new Stop("kind not allowed") // Tags, RFC 8949 section 3.4.
    }
  }
}

/** Decodes exactly one value that fills the bytes. The caller caps their size. */
export function decodeCbor(bytes: Uint8Array): CborDecoded {
  const reader = new Reader(bytes)
  try {
    const value = reader.value(1)
    return reader.left === 0 ? { ok: true, value } : { ok: false, fault: "bytes left over" }
  } catch (error) {
    if (error instanceof Stop) return { ok: false, fault: error.fault }
    throw error
  }
}
