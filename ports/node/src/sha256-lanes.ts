/**
 * SHA-256 of many messages of 65 bytes, four at a time: the hashes that a Merkle tree is made of (RFC 6962, section 2.1).
 *
 * Picture four clerks at one desk who fill in four forms with the same strokes: each 32-bit word of the algorithm is a lane
 * of a 128-bit vector. A call into node:crypto costs four times as much as so short a hash itself; this is one call for all
 * of a row. The machine code is put together here, at the first use, from the formulas of FIPS 180-4, so that nothing binary
 * is shipped. It is for public bytes: what must not leak by timing is hashed by node:crypto.
 */
import { assert } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"

const BLOCK_SIZE = 64
const DIGEST_SIZE = 32
const LANES = 4
const WORD_SIZE = 4
const VECTOR_SIZE = 16
const ROUNDS = 64
const PAGE_SIZE = 65_536
/** Blocks that one call takes: the records of a batch. */
const BLOCKS_MAX = 512

/** Where things lie in the memory: round constants, first state, what comes in, what goes out. */
const CONSTANTS = 0
const STATE = CONSTANTS + ROUNDS * VECTOR_SIZE
const INPUT = STATE + 8 * VECTOR_SIZE + VECTOR_SIZE // Whoever reads the first word reads a byte before the block, too.
const OUTPUT = INPUT + BLOCKS_MAX * BLOCK_SIZE
const PAGES = Math.ceil((OUTPUT + BLOCKS_MAX * DIGEST_SIZE) / PAGE_SIZE)

/** The first 32 bits of the fractional parts of roots of the first primes: FIPS 180-4, sections 4.2.2 and 5.3.3. */
function fractions(count: number, root: (prime: number) => number): number[] {
  const primes: number[] = []
  for (let next = 2; primes.length < count; next++) if (primes.every((prime) => next % prime !== 0)) primes.push(next)
  return primes.map((prime) => Math.floor((root(prime) % 1) * 2 ** 32))
}

/** Instructions of WebAssembly (Core Specification 2.0, section 5.4): a byte, or what is made of several. */
type Code = number | readonly Code[]

function bytesOf(code: Code): number[] {
  const bytes: number[] = []
  const pour = (part: Code): void => {
    if (typeof part === "number") bytes.push(part)
    else for (const each of part) pour(each)
  }
  pour(code)
  return bytes
}

/** LEB128, section 5.2.2. */
function unsigned(value: number): Code {
  return value < 0x80 ? value : [(value & 0x7f) | 0x80, unsigned(value >>> 7)]
}

function signed(value: number): Code {
  const rest = value >> 7
  const isLast = (rest === 0 && (value & 0x40) === 0) || (rest === -1 && (value & 0x40) !== 0)
  return isLast ? value & 0x7f : [(value & 0x7f) | 0x80, signed(rest)]
}

const number = (value: number): Code => [0x41, signed(value)]
const local = (index: number): Code => [0x20, unsigned(index)]
const set = (index: number, value: Code): Code => [value, 0x21, unsigned(index)]
const plus = (a: Code, b: Code): Code => [a, b, 0x6a]
const minus = (a: Code, b: Code): Code => [a, b, 0x6b]
const shiftLeft = (a: Code, b: Code): Code => [a, b, 0x74]
const isMore = (a: Code, b: Code): Code => [a, b, 0x4a]
const repeatWhile = (condition: Code, body: Code): Code => [0x03, 0x40, body, condition, 0x0d, 0, 0x0b]

/** On vectors: the operands, then the instruction, then what stands behind it. */
const vector = (instruction: number, operands: readonly Code[], ...behind: readonly Code[]): Code => [
  operands,
  0xfd,
  unsigned(instruction),
  behind,
]
const splat = (value: Code): Code => vector(0x11, [value])
const and = (a: Code, b: Code): Code => vector(0x4e, [a, b])
const or = (a: Code, b: Code): Code => vector(0x50, [a, b])
const xor = (a: Code, b: Code): Code => vector(0x51, [a, b])
const shl = (a: Code, bits: number): Code => vector(0xab, [a, number(bits)])
const shr = (a: Code, bits: number): Code => vector(0xad, [a, number(bits)])
const add = (...terms: readonly Code[]): Code => terms.reduce((sum, term) => vector(0xae, [sum, term]))
const load = (from: number): Code => vector(0x00, [number(0)], 0, unsigned(from))
/** One byte, or one word, at `base` + `from` put into one of the vector's 16, or 4. */
const withByte = (into: Code, base: Code, from: number, place: number): Code =>
  vector(0x54, [base, into], 0, unsigned(from), place)
const withWord = (into: Code, base: Code, from: number, place: number): Code =>
  vector(0x56, [base, into], 0, unsigned(from), place)
const storeWord = (base: Code, to: number, value: Code, place: number): Code =>
  vector(0x5a, [base, value], 0, unsigned(to), place)
/** The other end first, in each word. */
const swapped = (a: Code): Code => vector(0x0d, [a, a], 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12)

/** FIPS 180-4, section 4.1.2. */
const rotr = (x: Code, bits: number): Code => or(shr(x, bits), shl(x, 32 - bits))
const ch = (x: Code, y: Code, z: Code): Code => xor(z, and(x, xor(y, z)))
const maj = (x: Code, y: Code, z: Code): Code => or(and(x, y), and(z, or(x, y)))
const sum0 = (x: Code): Code => xor(xor(rotr(x, 2), rotr(x, 13)), rotr(x, 22))
const sum1 = (x: Code): Code => xor(xor(rotr(x, 6), rotr(x, 11)), rotr(x, 25))
const sigma0 = (x: Code): Code => xor(xor(rotr(x, 7), rotr(x, 18)), shr(x, 3))
const sigma1 = (x: Code): Code => xor(xor(rotr(x, 17), rotr(x, 19)), shr(x, 10))

/** Locals: the call's two parameters, the byte before what is read, where it writes, then vectors. */
const PREFIX = 0
const COUNT = 1
const FROM = 2
const TO = 3
const FIRST_VECTOR = 4
const VECTORS = 33
/** The state, going round by one with each step: a of step `t` is number -t of eight. */
const state = (index: number): number => FIRST_VECTOR + (index & 7)
/** The message schedule; only its last sixteen words are needed. */
const word = (index: number): number => FIRST_VECTOR + 8 + (index & 15)
/** The state between the two blocks. */
const between = (index: number): number => FIRST_VECTOR + 24 + index
const T1 = FIRST_VECTOR + 32

/** FIPS 180-4, section 6.2.2, steps 1 to 3: the sixteen words and the state are there already. */
function steps(): Code {
  const code: Code[] = []
  for (let t = 0; t < ROUNDS; t++) {
    const at = (letter: number): Code => local(state(letter - t))
    const w = (back: number): Code => local(word(t - back))
    if (t >= 16) code.push(set(word(t), add(sigma1(w(2)), w(7), sigma0(w(15)), w(16))))
    const t1 = add(at(7), sum1(at(4)), ch(at(4), at(5), at(6)), load(CONSTANTS + t * VECTOR_SIZE), w(0))
    code.push(set(T1, t1))
    code.push(set(state(3 - t), add(at(3), local(T1))))
    code.push(set(state(7 - t), add(local(T1), sum0(at(0)), maj(at(0), at(1), at(2)))))
  }
  return code
}

const PLACES = [0, 1, 2, 3]
const LETTERS = [0, 1, 2, 3, 4, 5, 6, 7]

/** The prefix and 63 bytes of four messages, through the compression. The prefix stands in the place of the byte before. */
function firstBlock(): Code {
  const code: Code[] = []
  for (let t = 0; t < 16; t++) {
    const read = (into: Code, place: number): Code =>
      withWord(into, local(FROM), place * BLOCK_SIZE + t * WORD_SIZE, place)
    code.push(set(word(t), swapped(PLACES.reduce(read, splat(number(0))))))
  }
  const prefix = splat(shiftLeft(local(PREFIX), number(24)))
  code.push(set(word(0), or(shr(shl(local(word(0)), 8), 8), prefix)))
  for (const at of LETTERS) code.push(set(state(at), load(STATE + at * VECTOR_SIZE)))
  code.push(steps())
  for (const at of LETTERS) code.push(set(between(at), add(local(state(at)), load(STATE + at * VECTOR_SIZE))))
  return code
}

/** The last byte of four messages and their padding (section 5.1.1), through the compression, and the digests out. */
function secondBlock(): Code {
  const code: Code[] = []
  for (const at of LETTERS) code.push(set(state(at), local(between(at))))
  const read = (into: Code, place: number): Code =>
    withByte(into, local(FROM), (place + 1) * BLOCK_SIZE, place * WORD_SIZE + 3)
  code.push(set(word(0), PLACES.reduce(read, splat(number(0x800000)))))
  for (let t = 1; t < 15; t++) code.push(set(word(t), splat(number(0))))
  code.push(set(word(15), splat(number(8 * (1 + BLOCK_SIZE)))))
  code.push(steps())
  for (const at of LETTERS) {
    code.push(set(state(at), swapped(add(local(state(at)), local(between(at))))))
    for (const place of PLACES)
      code.push(storeWord(local(TO), place * DIGEST_SIZE + at * WORD_SIZE, local(state(at)), place))
  }
  return code
}

/** A module with a memory and a function of (prefix, count), which leaves the digests of `count` blocks at {@link OUTPUT}. */
function assembled(): Uint8Array {
  const four = [
    firstBlock(),
    secondBlock(),
    set(FROM, plus(local(FROM), number(LANES * BLOCK_SIZE))),
    set(TO, plus(local(TO), number(LANES * DIGEST_SIZE))),
    set(COUNT, minus(local(COUNT), number(LANES))),
  ]
  const begin = [set(FROM, number(INPUT - 1)), set(TO, number(OUTPUT))]
  const code = [begin, repeatWhile(isMore(local(COUNT), number(0)), four), 0x0b]
  const sized = (content: Code): Code => {
    const bytes = bytesOf(content)
    return [unsigned(bytes.length), bytes]
  }
  const named = (name: string): Code => sized([...utf8(name)])
  const module = [
    [0, ...utf8("asm"), 1, 0, 0, 0],
    [1, sized([1, 0x60, 2, 0x7f, 0x7f, 0])], // One type: (i32, i32) -> ().
    [3, sized([1, 0])],
    [5, sized([1, 0, PAGES])],
    [7, sized([2, named("memory"), 2, 0, named("run"), 0, 0])],
    [10, sized([1, sized([2, 2, 0x7f, VECTORS, 0x7b, code])])], // Locals beside the parameters: two i32, then v128.
  ]
  return Uint8Array.from(bytesOf(module))
}

/** What of WebAssembly's interface is used here, and what {@link assembled} exports; Node's own types do not tell. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: Exports }
}
type Exports = {
  readonly memory: { readonly buffer: ArrayBuffer }
  readonly run: (prefix: number, count: number) => void
}
type Lanes = { readonly memory: Uint8Array; readonly run: Exports["run"] }

function begin(): Lanes {
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(assembled())).exports
  const words = new Uint32Array(memory.buffer)
  const constants = [...fractions(ROUNDS, Math.cbrt), ...fractions(8, Math.sqrt)]
  for (const [at, constant] of constants.entries()) words.fill(constant, at * LANES, (at + 1) * LANES)
  return { memory: new Uint8Array(memory.buffer), run }
}

let lanes: Lanes | null = null

/** SHA-256(prefix || block) for each block of 64 bytes; one digest of 32 bytes behind the other. */
export function sha256Blocks(prefix: number, blocks: Uint8Array): Uint8Array {
  const count = blocks.length / BLOCK_SIZE
  assert(Number.isInteger(count), "every block is whole")
  lanes ??= begin()
  const { memory, run } = lanes
  const digests = new Uint8Array(count * DIGEST_SIZE)
  for (let from = 0; from < count; from += BLOCKS_MAX) {
    const size = Math.min(BLOCKS_MAX, count - from)
    memory.set(blocks.subarray(from * BLOCK_SIZE, (from + size) * BLOCK_SIZE), INPUT)
    run(prefix, size)
    digests.set(memory.subarray(OUTPUT, OUTPUT + size * DIGEST_SIZE), from * DIGEST_SIZE)
  }
  return digests
}
