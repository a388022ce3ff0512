/** Offline PINs against published vectors and a second implementation, and at a door: once, in time, here and nowhere else. */
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Secret } from "@holdfast/access/door"
import { idOf, unixSeconds } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import {
  ACCEPTABLE_COUNT,
  acceptable,
  type Descriptor,
  descriptorBytes,
  DURATIONS_S,
  endOf,
  OFFLINE_TYPES,
  offlineDigits,
  offlinePin,
  searchOffline,
  siteHalf,
} from "../src/offline.ts"
import { decodeUsed, encodeUsed, judgeUse, type Used, USED_MAX, withUse } from "../src/offline-used.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  door,
  Flash,
  MONDAY_8,
  pairingWith,
  policyFor,
  PowerCut,
} from "./building.ts"
import { Keeper } from "./keeper.ts"

type Vector = {
  readonly type: number
  readonly epoch: number
  readonly start: number
  readonly duration: number
  readonly sequence: number
  readonly descriptor: string
  readonly digits: number
  readonly pin: string
}
type Vectors = {
  readonly owner: string
  readonly site_key: string
  readonly door: string
  readonly site: string
  readonly pins: readonly Vector[]
}
const FILE = new URL("../../../vectors/offline-pin.json", import.meta.url)
const vectors = JSON.parse(readFileSync(FILE, "utf8")) as Vectors

const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array()

/** The same by another hand: node:crypto and whole numbers of any size. */
function pinOf(owner: string, site: string, descriptor: string, digits: number): string {
  const part = (key: string): bigint => {
    const mac = createHmac("sha256", Buffer.from(key, "hex")).update(Buffer.from(descriptor, "hex")).digest()
    return mac.readBigUInt64BE(0)
  }
  const modulus = 10n ** BigInt(digits)
  return String(((part(owner) % modulus) + (part(site) % modulus)) % modulus).padStart(digits, "0")
}

test("the vectors are what a second implementation makes of the picture in offline.ts", () => {
  const label = Buffer.from("offline-pin/door/v1\0")
  const site = createHmac("sha256", Buffer.from(vectors.site_key, "hex"))
    .update(label)
    .update(Buffer.from(vectors.door, "hex"))
  equal(site.digest("hex"), vectors.site)
  for (const { type, epoch, start, duration, sequence, descriptor, digits, pin } of vectors.pins) {
    const tail = Buffer.alloc(9)
    tail.writeUInt8(type, 0)
    tail.writeUInt16BE(epoch, 1)
    tail.writeUInt32BE(start, 3)
    tail.writeUInt8(duration, 7)
    tail.writeUInt8(sequence, 8)
    equal(Buffer.concat([Buffer.from("offline-pin/v1\0"), tail]).toString("hex"), descriptor)
    equal(pinOf(vectors.owner, vectors.site, descriptor, digits), pin)
  }
})

test("and the lock makes the same of them", () => {
  equal(toHex(siteHalf(crypto, bytesOf(vectors.site_key), idOf<"DoorId">(bytesOf(vectors.door)))), vectors.site)
  for (const { type, epoch, start, duration, sequence, descriptor, digits, pin } of vectors.pins) {
    const word = OFFLINE_TYPES[type]
    ok(word !== undefined)
    const said: Descriptor = { type: word, epoch, start, duration, sequence }
    equal(toHex(descriptorBytes(said)), descriptor)
    const number = offlinePin(crypto, bytesOf(vectors.owner), bytesOf(vectors.site), said, digits)
    equal(String(number).padStart(digits, "0"), pin)
  }
})

test("neither half mints alone: without the other a holder is no nearer to any code", () => {
  const [first] = vectors.pins
  ok(first !== undefined)
  for (const other of ["00".repeat(32), "ff".repeat(32), vectors.owner])
    notEqual(pinOf(vectors.owner, other, first.descriptor, first.digits), first.pin)
  notEqual(pinOf("00".repeat(32), vectors.site, first.descriptor, first.digits), first.pin)
})

const NOON = unixSeconds(MONDAY_8 + 4 * 3_600)

test("650 codes are acceptable at any instant, and each is told from the others", () => {
  for (const at of [0, 1, 3_599, 3_600, NOON, NOON + 1_799, 4_000_000_000]) {
    const found = acceptable(unixSeconds(at), 7)
    equal(found.length, ACCEPTABLE_COUNT)
    if (at > 86_400) equal(new Set(found.map((each) => toHex(descriptorBytes(each)))).size, ACCEPTABLE_COUNT)
    for (const each of found) if (each.type !== "timed" && at > 86_400) ok(endOf(each) > at, "none is over already")
  }
  deepEqual([1, 2, 3, 4].map(offlineDigits), [9, 9, 10, 10])
  ok(Math.log2(10 ** 9 / ACCEPTABLE_COUNT) > 20, "R28: a guess has more than 20 bits to find")
})

test("attack 27: the search works out every code, wherever the right one stands", () => {
  const [owner, site] = [bytesOf(vectors.owner), bytesOf(vectors.site)]
  const descriptors = acceptable(NOON, 1)
  const calls = { count: 0 }
  const counting = {
    ...crypto,
    hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
      calls.count++
      return crypto.hmacSha256(key, bytes)
    },
  }
  const work = (code: string): number => {
    calls.count = 0
    searchOffline(counting, owner, site, descriptors, code, 9)
    return calls.count
  }
  const code = (at: number): string => {
    const descriptor = descriptors[at]
    ok(descriptor !== undefined)
    return String(offlinePin(crypto, owner, site, descriptor, 9)).padStart(9, "0")
  }
  const codes = [code(0), code(1), code(324), code(649), "000000000", "1234", ""]
  deepEqual(
    codes.map(work),
    codes.map(() => 2 * ACCEPTABLE_COUNT),
  )
  deepEqual(searchOffline(crypto, owner, site, descriptors, code(649), 9), descriptors[649])
})

const OWNER = new Uint8Array(32).fill(0x51)
const SITE_KEY = new Uint8Array(32).fill(0x52)
const HOUR = Math.floor(MONDAY_8 / 3_600)

/** A door for which ana holds the owner's half of a secret and the site the other. */
function guesthouse(
  halves: readonly ("owner" | "site")[] = ["owner", "site"],
  epoch = 1,
): { board: Board; ana: Cardholder } {
  const keeper = new Keeper()
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const keys = { owner: OWNER, site: siteHalf(crypto, SITE_KEY, door) }
  const secrets: Secret[] = halves.map((half) => {
    return { kind: "offline half", credential: half === "owner" ? ana.pin : ana.card, half, epoch, key: keys[half] }
  })
  give(board, ana, secrets)
  return { board, ana }
}

function give(board: Board, ana: Cardholder, secrets: readonly Secret[]): void {
  board.keeper.grow()
  const policy = policyFor(board.keeper, [[ana, ALWAYS_TERMS]], { modes: [{ schedule: null, factors: "pin" }] })
  board.issued = board.keeper.issue(policy, secrets, board.lock.held.size)
  board.hear(board.issued.offer)
  const from_s = Math.floor(board.wall_ms / 1000)
  board.hear(board.keeper.lease(door, board.issued, from_s, from_s + 30 * 86_400))
}

function code(said: Partial<Descriptor>, at = door): string {
  const descriptor: Descriptor = { type: "one-time", epoch: 1, start: HOUR, duration: 0, sequence: 0, ...said }
  return String(offlinePin(crypto, OWNER, siteHalf(crypto, SITE_KEY, at), descriptor, 9)).padStart(9, "0")
}

/** Types the code and answers with the word of the record; the bolt is back afterwards. */
function enter(board: Board, digits: string): string {
  board.type(digits)
  const open = board.bolt === "drawn"
  board.pushThrough()
  board.pass(10_000)
  const last = board
    .published()
    .filter((each) => /^(admitted|refused|throttled|offline)/.test(each))
    .at(-1)
  equal(open, last === "admitted: done")
  return last ?? ""
}

// hours from Monday 08:00 at which it begins | what it is | hours later it is entered | how often before | outcome
const TABLE = `
  0     one-time          0      0   admitted: done
  0     one-time          23     0   admitted: done
  0     one-time          24     0   refused: unknown credential
  1     one-time          0      0   refused: unknown credential
  0     one-time          1      1   refused: code used
  0     timed 1 h         0      0   admitted: done
  0     timed 1 h         1      0   refused: code used
  0     timed 4 h         3      2   admitted: done
  0     timed 4 h         4      2   refused: code used
  0     timed 72 h        23     0   admitted: done
  0     timed 72 h        24     0   refused: unknown credential
  0     timed 72 h        71     1   admitted: done
  0     timed 72 h        72     1   refused: code used
`
for (const row of TABLE.trim().split("\n")) {
  const [begins = "", what = "", later = "", before = "", outcome = ""] = row.trim().split(/\s{2,}/)
  test(`a ${what} code of Monday 08:00 + ${begins} h, entered ${later} h later and ${before} times before: ${outcome}`, () => {
    const { board } = guesthouse()
    const hours = Number(/(\d+) h/.exec(what)?.[1] ?? "0")
    const start = HOUR + Number(begins)
    const digits = code(
      hours === 0 ? { start } : { type: "timed", start, duration: DURATIONS_S.indexOf(hours * 3_600) },
    )
    for (let i = 0; i < Number(before); i++) equal(enter(board, digits), "admitted: done")
    board.pass(Number(later) * 3_600_000 - (board.wall_ms - MONDAY_8 * 1000))
    equal(enter(board, digits), outcome)
  })
}

test("R28: a momentary code holds ten minutes at most, and opens once", () => {
  const moment = Math.floor(MONDAY_8 / 300)
  for (const [after_s, outcome] of [
    [0, "admitted: done"],
    [599, "admitted: done"],
    [600, "refused: unknown credential"],
  ] as const) {
    const { board } = guesthouse()
    board.pass(after_s * 1000)
    equal(enter(board, code({ type: "momentary", start: moment })), outcome)
    if (outcome === "admitted: done") notEqual(enter(board, code({ type: "momentary", start: moment })), outcome)
  }
})

test("an erase code opens nothing, and takes back what was issued before it", () => {
  const { board } = guesthouse()
  const timed = code({ type: "timed", duration: 5 })
  equal(enter(board, timed), "admitted: done")
  board.pass(2 * 3_600_000)
  equal(enter(board, code({ type: "erase", start: HOUR + 1 })), "offline codes erased: done")
  equal(enter(board, timed), "refused: code used")
  equal(enter(board, code({ start: HOUR + 1, sequence: 3 })), "refused: code used")
  equal(enter(board, code({ start: HOUR + 2 })), "admitted: done", "what was issued later still opens")
})

test("attack 58: a code of one door is nobody's at another", () => {
  const { board } = guesthouse()
  equal(enter(board, code({}, idOf(new Uint8Array(16).fill(0xd1)))), "refused: unknown credential")
  equal(enter(board, code({})), "admitted: done")
})

test("attack 58: what was used stays used, whenever the power goes", () => {
  for (let writes = 0, done = false; !done; writes++) {
    const { board } = guesthouse()
    const digits = code({})
    board.flash.writesLeft = writes
    let moved = false
    try {
      board.type(digits)
      done = true
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
      moved = board.bolt === "drawn"
    }
    board.flash.writesLeft = Number.POSITIVE_INFINITY
    const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
    after.input({ kind: "linked" })
    after.type(digits)
    if (moved || done) equal(after.bolt, "thrown", `after ${writes} writes the code opened a second time`)
    ok(writes < 100, "the scenario ends")
  }
})

test("attack 58: where the memory of used codes is damaged, only codes that begin later are taken", () => {
  const { board } = guesthouse()
  equal(enter(board, code({})), "admitted: done")
  const flash = board.flash.copy()
  flash.parts.set("offline", new Uint8Array(40))
  const after = new Board(board.keeper, flash, board.pairing, board.wall_ms)
  after.input({ kind: "linked" })
  equal(enter(after, code({})), "refused: code used")
  equal(enter(after, code({ sequence: 1 })), "refused: code used", "though nobody used it")
  after.pass(3_600_000)
  equal(enter(after, code({ start: HOUR + 1 })), "admitted: done")
})

test("half of a secret takes no codes, two halves of two epochs take none, and neither does a lock without the time", () => {
  for (const half of ["owner", "site"] as const)
    equal(enter(guesthouse([half]).board, code({})), "refused: unknown credential")
  const { board } = guesthouse(["owner", "site"], 2)
  equal(enter(board, code({})), "refused: unknown credential", "codes of the epoch before")
  equal(enter(board, code({ epoch: 2 })), "admitted: done")
  const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.type(code({ epoch: 2, sequence: 1 }))
  equal(after.bolt, "thrown")
})

test("the memory of used codes reads back as it was written, is bounded, and then takes no more", () => {
  const credential = idOf<"CredentialId">(new Uint8Array(16).fill(1))
  let used: Used = []
  for (let sequence = 0; sequence < USED_MAX; sequence++) {
    const descriptor: Descriptor = { type: "one-time", epoch: 1, start: HOUR, duration: 0, sequence }
    equal(judgeUse(used, credential, descriptor, NOON), "first")
    used = withUse(used, { credential, descriptor, handle: new Uint8Array(8).fill(sequence) }, NOON)
    deepEqual(decodeUsed(encodeUsed(used)), used)
  }
  const next: Descriptor = { type: "one-time", epoch: 1, start: HOUR + 1, duration: 0, sequence: 0 }
  equal(judgeUse(used, credential, next, NOON), "full")
  equal(judgeUse(used, credential, { ...next, start: HOUR + 25 }, unixSeconds(MONDAY_8 + 25 * 3_600)), "first")
  const bytes = encodeUsed(used.slice(0, 2))
  for (let size = 0; size < bytes.length; size++) equal(decodeUsed(bytes.subarray(0, size)), null)
})
