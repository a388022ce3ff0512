/**
 * Looking for secrets where none may be: in files, in an environment, in the memory of a process.
 *
 * Each secret is looked for as it is, in hex and in base64, wherever in a longer base64 text it may begin. A search that
 * finds nothing proves something only beside one that finds: see the controls in `keys.test.ts`.
 */
import { createPrivateKey } from "node:crypto"
import { closeSync, openSync, readFileSync, readSync } from "node:fs"
import { assert } from "@holdfast/base"
import { type Cbor, type CborMap, decodeCbor } from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"

/** The keeper's own files end with their SHA-256. */
const SUM_SIZE = 32

type Needle = { readonly name: string; readonly bytes: Buffer }

/** The letters of base64 that a secret fixes, for each of the three places where it may begin in a longer text. */
function base64Spellings(secret: Buffer): Buffer[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret])
      .toString("base64")
      .replace(/=+$/, "")
    const from = Math.ceil((before * 8) / 6)
    const until = Math.floor(((before + secret.length) * 8) / 6)
    return Buffer.from(text.slice(from, until))
  })
}

function spellings(secret: Buffer): Buffer[] {
  const base64 = base64Spellings(secret)
  const url = base64.map((text) => Buffer.from(text.toString().replaceAll("+", "-").replaceAll("/", "_")))
  const hex = secret.toString("hex")
  return [secret, Buffer.from(hex), Buffer.from(hex.toUpperCase()), ...base64, ...url]
}

/** Every eighth place is looked at, so each spelling is known by the four bytes at each of its first eight places. */
const STRIDE = 8
const WINDOW = 4
const SLOT_BITS = 20

const slotOf = (window: number): number => Math.imul(window, 0x9e3779b1) >>> (32 - SLOT_BITS)

export class Needles {
  readonly #byWindow = new Map<number, { readonly needle: Needle; readonly offset: number }[]>()
  readonly #slots = new Uint8Array(1 << SLOT_BITS)

  /** A secret of at least twelve bytes: shorter ones are found anywhere by chance. */
  add(name: string, secret: Uint8Array): void {
    assert(secret.length >= STRIDE + WINDOW, "a secret is long enough not to be met by chance")
    for (const bytes of spellings(Buffer.from(secret)))
      for (let offset = 0; offset < STRIDE; offset++) {
        const window = bytes.readUInt32LE(offset)
        this.#slots[slotOf(window)] = 1
        this.#byWindow.set(window, [...(this.#byWindow.get(window) ?? []), { needle: { name, bytes }, offset }])
      }
  }

  /** The names of the secrets that lie in `hay`. */
  in(hay: Buffer): ReadonlySet<string> {
    const found = new Set<string>()
    for (let at = 0; at + WINDOW <= hay.length; at += STRIDE) {
      const window = hay.readUInt32LE(at)
      if (this.#slots[slotOf(window)] === 0) continue
      for (const { needle, offset } of this.#byWindow.get(window) ?? [])
        if (liesAt(hay, needle.bytes, at - offset)) found.add(needle.name)
    }
    return found
  }
}

function liesAt(hay: Buffer, needle: Buffer, at: number): boolean {
  return (
    at >= 0 && at + needle.length <= hay.length && hay.compare(needle, 0, needle.length, at, at + needle.length) === 0
  )
}

/** A private key in PKCS#8 and the bare number in it. */
export function addPrivateKey(needles: Needles, name: string, pkcs8: Uint8Array): void {
  needles.add(`${name} (PKCS#8)`, pkcs8)
  const { d = "" } = createPrivateKey({ key: Buffer.from(pkcs8), format: "der", type: "pkcs8" }).export({
    format: "jwk",
  })
  needles.add(name, Buffer.from(d, "base64url"))
}

function fieldsOf(file: Uint8Array): CborMap {
  const decoded = decodeCbor(file)
  assert(decoded.ok && decoded.value instanceof Map, "a key file is a CBOR map")
  return decoded.value
}

function bytesIn(value: Cbor | undefined): Uint8Array {
  assert(value instanceof Uint8Array, "a key is a byte string")
  return value
}

/** What a board's software element sealed: nonce, then AES-256-GCM under a key made from its root, the purpose bound. */
function unsealed(root: Uint8Array, purpose: string, sealed: Uint8Array | undefined): Cbor {
  assert(sealed !== undefined, "a board has its sealed files")
  const key = nodeCrypto.hmacSha256(root, utf8("holdfast/element seal/v1\u0001"))
  const plain = nodeCrypto.aesGcmOpen(key, sealed.subarray(0, 12), utf8(purpose), sealed.subarray(12))
  const decoded = plain === null ? null : decodeCbor(plain)
  assert(decoded?.ok === true, "the element's key opens what it sealed")
  return decoded.value
}

function addBoardKeys(needles: Needles, files: ReadonlyMap<string, Buffer>, board: string, root: Uint8Array): void {
  needles.add(`${board}: element's root`, root)
  const own = unsealed(root, "keys", files.get(`${board}/element/keys`))
  assert(Array.isArray(own), "the element's two keys are a list")
  addPrivateKey(needles, `${board}: journal key`, bytesIn(own[0]))
  needles.add(`${board}: HPKE key`, bytesIn(own[1]))
  const kept = unsealed(root, "board keys", files.get(`${board}/keys`))
  assert(kept instanceof Map, "a key file is a CBOR map")
  addPrivateKey(needles, `${board}: TLS key`, bytesIn(kept.get(1)))
  needles.add(`${board}: PIN key`, bytesIn(kept.get(2)))
}

/** Every key of the keeper, of the boards and of the cards, as they lie in a data directory. */
export function addKeysOf(needles: Needles, files: ReadonlyMap<string, Buffer>): void {
  const summed = files.get("keeper/keys") ?? Buffer.alloc(0)
  const keeper = fieldsOf(summed.subarray(0, -SUM_SIZE))
  addPrivateKey(needles, "keeper: policy key", bytesIn(keeper.get(1)))
  addPrivateKey(needles, "keeper: log key", bytesIn(keeper.get(2)))
  needles.add("keeper: HPKE key", bytesIn(keeper.get(3)))
  needles.add("keeper: storage key", bytesIn(keeper.get(4)))
  const zones = keeper.get(5)
  assert(Array.isArray(zones), "the zone masters are a list")
  zones.forEach((zone: Cbor, index) => needles.add(`keeper: master of zone ${index}`, bytesIn(zone)))
  for (const [path, root] of files) {
    const [, board] = /^(boards\/[0-9a-f]{32})\/element\/root$/.exec(path) ?? []
    if (board !== undefined) addBoardKeys(needles, files, board, root)
  }
  const cards = JSON.parse(String(files.get("boards/cards.json"))) as {
    encoder: string
    keys: string[]
    label: string
  }[]
  for (const { encoder, keys, label } of cards)
    for (const key of [encoder, ...keys]) needles.add(`card of ${label}`, Buffer.from(key, "hex"))
}

/** Keys as text are broken into lines; only short files could be such texts. */
const TEXT_SIZE_MAX = 64 * 1024

/** What of the secrets lies in these files: "path: secret". */
export function foundInFiles(needles: Needles, files: ReadonlyMap<string, Buffer>): readonly string[] {
  return [...files].flatMap(([path, file]) => {
    const found = new Set(needles.in(file))
    if (file.length <= TEXT_SIZE_MAX) {
      const joined = Buffer.from(file.filter((byte) => byte !== 10 && byte !== 13))
      for (const name of needles.in(joined)) found.add(name)
    }
    return [...found].map((name) => `${path}: ${name}`)
  })
}

const PIECE = 8 * 1024 * 1024
const OVERLAP = 1_024 // More than the longest spelling.

/** What of the secrets lies in the writable memory of a process. Linux only: /proc/PID/mem, which a parent may read. */
export function foundInMemory(needles: Needles, pid: number): ReadonlySet<string> {
  const found = new Set<string>()
  const memory = openSync(`/proc/${pid}/mem`, "r")
  const piece = Buffer.alloc(PIECE)
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
    if (from === "") continue
    const end = Number.parseInt(to, 16)
    for (let at = Number.parseInt(from, 16); at < end; at += PIECE - OVERLAP) {
      const size = readPiece(memory, piece, at, Math.min(PIECE, end - at))
      for (const name of needles.in(piece.subarray(0, size))) found.add(name)
    }
  }
  closeSync(memory)
  return found
}

/** Memory that went away since its map was read has nothing in it. */
function readPiece(memory: number, piece: Buffer, at: number, size: number): number {
  try {
    return readSync(memory, piece, 0, size, at)
  } catch {
    return 0
  }
}
