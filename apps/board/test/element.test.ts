/** The software element keeps the contract, and what it leaves on its disk is encrypted, torn nowhere and gone when it is destroyed. */
import { MemoryDisk, PowerCut } from "@holdfast/port-node"
import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { test } from "node:test"
import { ElementError } from "../src/element.ts"
import { SoftwareElement } from "../src/element-software.ts"
import { BoardKeysError, boardKeys, destroyKeys } from "../src/keys.ts"
import { elementContract } from "./element-contract.ts"

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

elementContract("software", "software", () => {
  const disk = new MemoryDisk()
  const elsewhere = new SoftwareElement(new MemoryDisk(), random)
  return { open: () => new SoftwareElement(disk, random), other: () => elsewhere, done: () => undefined }
})

test("software: the power goes at any write of its making, and the next start has an element", () => {
  for (let writes = 0; writes < 12; writes++) {
    const disk = new MemoryDisk(writes)
    try {
      new SoftwareElement(disk, random)
    } catch (error) {
      ok(error instanceof PowerCut)
    }
    for (const fate of ["kept", "lost", "torn"] as const) {
      const next = disk.afterPowerCut(() => fate)
      const element = new SoftwareElement(next, random)
      deepEqual(new SoftwareElement(next, random).signingKey, element.signingKey)
    }
  }
})

test("software: files that are damaged are named, and no new element takes their place", () => {
  for (const file of ["element/root", "element/keys", "element/counter"]) {
    const disk = new MemoryDisk()
    new SoftwareElement(disk, random)
    const bytes = disk.read(file)
    ok(bytes !== null)
    disk.replace(file, bytes.with(3, (bytes[3] ?? 0) ^ 1))
    throws(() => new SoftwareElement(disk, random), ElementError)
  }
})

test("attack 70: the board's keys lie encrypted on its disk, and come back as they were", () => {
  const disk = new MemoryDisk()
  const keys = boardKeys(disk, random)
  const again = boardKeys(disk, random)
  deepEqual([again.serial, again.pinKey, again.storage.keys], [keys.serial, keys.pinKey, keys.storage.keys])
  deepEqual(again.tls.publicKey, keys.tls.publicKey)
  const secrets = [keys.pinKey, keys.tls.pkcs8().slice(-40), ...keys.storage.keys.values()]
  for (const [path, file] of disk.contents())
    for (const secret of secrets) equal(Buffer.from(file).includes(Buffer.from(secret)), false, path)
})

test("attack 70: the files of one board's keys are nothing to another's element", () => {
  const [one, other] = [new MemoryDisk(), new MemoryDisk()]
  boardKeys(one, random)
  boardKeys(other, random)
  other.replace("keys", one.read("keys") ?? new Uint8Array(0))
  throws(() => boardKeys(other, random), BoardKeysError)
})

test("attack 59: a board whose keys were destroyed is another board when it starts again", () => {
  const disk = new MemoryDisk()
  const keys = boardKeys(disk, random)
  const sealed = keys.element.seal("storage", keys.pinKey)
  destroyKeys(disk, keys.element)
  throws(() => keys.journal.sign(sealed), ElementError)
  const next = boardKeys(disk, random)
  notDeepEqual([next.serial, next.pinKey], [keys.serial, keys.pinKey])
  equal(next.element.unseal("storage", sealed), null)
})
