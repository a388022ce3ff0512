/** A virtual phone held to a virtual board: from the world's drawer to the lock's machine and back. */
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import type { VirtualBoard } from "@holdfast/board"
import { MemoryDisk } from "@holdfast/port-node"
import { deepEqual, equal, notEqual, ok, throws } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { SoftwareElement } from "../src/element-software.ts"
import { newEphemeral, PhoneReader, READER_KEY_FILE } from "../src/phone-reader.ts"
import { lockName, Phones } from "../src/phones.ts"
import { readAct } from "../src/world-act.ts"
import { bareBoard, door, pairing, site } from "./bare-board.ts"

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

type Bench = { readonly board: VirtualBoard; readonly reader: PhoneReader; readonly locks: Map<string, PublicKey> }

/** A board that has no policy yet: it meets a phone all the same. */
function bench(): Bench {
  const disk = new MemoryDisk()
  const reader = new PhoneReader(disk, new SoftwareElement(disk, random))
  const board = bareBoard({ pairing: { ...pairing, readerKey: reader.publicKey }, phoneReader: reader })
  board.switchOn(0)
  return { board, reader, locks: new Map([[lockName(site, door), reader.publicKey]]) }
}

test("a phone of the drawer and a board go through a whole meeting; without a policy it is nobody's, and told so", () => {
  const { board, locks } = bench()
  const phones = new Phones(new MemoryDisk(), random)
  const phone = phones.make("Ana's phone")
  phone.arm(true, locks)
  board.holdPhone(1_000, phone)
  equal(phone.told, "stays as it is", "it was heard to the end, inside the channel")
  equal(board.lock?.meeting, null)
  notEqual(board.nextWake_ms(), null)
  board.advance(2_000)
  equal(board.lock?.meeting, null)
})

test("a phone whose holder put it away answers nobody, and one that does not know the lock shows it nothing", () => {
  const { board, locks } = bench()
  const phone = new Phones(new MemoryDisk(), random).make("Ana's phone")
  board.holdPhone(1_000, phone)
  equal(phone.told, null, "locked")
  phone.arm(true, new Map())
  board.holdPhone(2_000, phone)
  equal(phone.told, "failed", "of another building")
  phone.arm(true, locks)
  board.holdPhone(3_000, phone)
  equal(phone.told, "stays as it is")
})

test("the drawer keeps its phones: the same keys, and the lasting keys of the locks it met", () => {
  const { board, locks } = bench()
  const disk = new MemoryDisk()
  const phones = new Phones(disk, random)
  const made = phones.make("Ana's phone")
  made.arm(true, locks)
  board.holdPhone(1_000, made)
  const again = new Phones(disk, random)
  deepEqual(again.views(), phones.views())
  const stored = again.get(made.name)?.stored()
  equal(stored?.lasting.length, 1)
  ok(!JSON.stringify(again.views()).includes(stored?.key ?? ""), "the world is told the public half alone")
  equal(again.get("nobody's"), null)
})

test("the board's key towards phones is made once, lies sealed, and is not read by another element", () => {
  const disk = new MemoryDisk()
  const element = new SoftwareElement(disk, random)
  const reader = new PhoneReader(disk, element)
  deepEqual(new PhoneReader(disk, element).publicKey, reader.publicKey)
  const sealed = disk.read(READER_KEY_FILE)
  ok(sealed !== null && !toHex(sealed).includes(toHex(reader.publicKey)))
  const other = new MemoryDisk()
  other.replace(READER_KEY_FILE, sealed)
  throws(() => new PhoneReader(other, new SoftwareElement(other, random)), { name: "BoardKeysError" })
})

test("attack 4: no two boards and no two phones have one key, and none is made from a name", () => {
  const keys = [bench(), bench()].map(({ reader }) => toHex(reader.publicKey))
  const phones = new Phones(new MemoryDisk(), random)
  for (let number = 0; number < 3; number++) keys.push(phones.make("the same label").view().key)
  equal(new Set(keys).size, keys.length)
})

test("attack 7: an ephemeral key serves one meeting, and the one before it agrees no more", () => {
  const { reader } = bench()
  const peer = newEphemeral()
  const made = [1, 2].map(() => reader.answer({ kind: "make ephemeral" }))
  const [first, second] = made.map((each) => (each.kind === "made" ? each.key : null))
  ok(first && second)
  notEqual(toHex(first), toHex(second))
  const agreed = reader.answer({ kind: "agree", key: peer.key })
  ok(agreed.kind === "agreed" && agreed.secret !== null)
  deepEqual(peer.agree(second), agreed.secret)
  notEqual(toHex(peer.agree(first) ?? new Uint8Array(0)), toHex(agreed.secret))
  equal(newEphemeral().agree(publicKey(new Uint8Array(64))), null)
})

test("the world's port reads a phone by its name alone", () => {
  deepEqual(readAct({ act: "phone", phone: "ab12" }), { act: "phone", phone: "ab12" })
  for (const body of [{ act: "phone" }, { act: "phone", phone: 1 }, { act: "phone", card: "ab12" }])
    equal(readAct(body), null)
})
