/**
 * The secure element on a real PKCS#11 token, SoftHSM2: the contract of every element, the sealed store on it, and what an
 * answer of it costs.
 *
 * Needs: softhsm2-util
 *
 * It also needs pkcs11js, which compiles native code and is no part of the default installation: `npm install --no-save
 * --ignore-scripts=false pkcs11js@2.1.7`, or PKCS11JS_FOLDER names the folder of a package that has it. SOFTHSM2_LIBRARY says where the token's
 * library is, where Debian's place is not it.
 */
import { FileChip, SealedFlash } from "@holdfast/board"
import { nodeCrypto, MemoryDisk } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { TokenElement } from "../src/element-pkcs11.ts"
import { boardKeys } from "../src/keys.ts"
import { StorageRing } from "../src/storage-keys.ts"
import { elementContract } from "./element-contract.ts"

const folder = mkdtempSync(join(tmpdir(), "holdfast-token-"))
mkdirSync(join(folder, "tokens"))
writeFileSync(join(folder, "softhsm2.conf"), `directories.tokendir = ${folder}/tokens\nobjectstore.backend = file\n`)
process.env["SOFTHSM2_CONF"] = join(folder, "softhsm2.conf")
const library = process.env["SOFTHSM2_LIBRARY"] ?? "/usr/lib/softhsm/libsofthsm2.so"
const shape = [
  "--module",
  library,
  "--init-token",
  "--free",
  "--label",
  "holdfast",
  "--pin",
  "271828",
  "--so-pin",
  "314159",
]
execFileSync("softhsm2-util", shape)
after(() => rmSync(folder, { recursive: true }))

const package_folder = process.env["PKCS11JS_FOLDER"]
function token(name: string): TokenElement {
  const where = package_folder === undefined ? {} : { package_folder }
  return new TokenElement({ library, token_label: "holdfast", pin: "271828", name, ...where })
}

let boards = 0
elementContract("pkcs11", "pkcs11", () => {
  const name = `board ${++boards}`
  return { open: () => token(name), other: () => token("another board"), done: () => undefined }
})

test("attack 70: a board's storage is sealed by the token, and its keys come back", () => {
  const disk = new MemoryDisk()
  const keys = boardKeys(disk, (size) => token("sealing board").random(size), token("sealing board"))
  const open = (): SealedFlash => {
    const element = token("sealing board")
    const chip = new FileChip(join(folder, "chip"))
    return new SealedFlash({ chip, element, ring: new StorageRing(disk, element), crypto: nodeCrypto })
  }
  const flash = open()
  flash.load()
  flash.store("throttle", Uint8Array.of(7))
  flash.settle()
  const stored = open().load()
  deepEqual([stored.fault, stored.parts.get("throttle")], [undefined, Uint8Array.of(7)])
  flash.changeKey()
  equal(open().load().fault, undefined)
  const again = boardKeys(disk, (size) => new Uint8Array(size), token("sealing board"))
  deepEqual([again.serial, again.pinKey, again.element.kind], [keys.serial, keys.pinKey, "pkcs11"])
})

test("an answer of the token takes milliseconds", () => {
  const element = token("timed board")
  const figures: Record<string, () => unknown> = {
    sign: () => element.sign(element.agreementKey),
    agree: () => element.agree(element.agreementKey),
    seal: () => element.seal("storage", element.agreementKey),
    advance: () => element.advance(),
  }
  for (const [name, work] of Object.entries(figures)) {
    const times = Array.from({ length: 50 }, () => {
      const from = performance.now()
      work()
      return performance.now() - from
    }).sort((one, other) => one - other)
    console.log(`pkcs11 ${name}: median ${times[25]?.toFixed(2)} ms, worst of 50 ${times[49]?.toFixed(2)} ms`)
    ok((times[25] ?? 0) > 0)
  }
})
