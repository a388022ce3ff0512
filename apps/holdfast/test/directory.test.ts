/** The data directory's first page and the room under it; what cannot be used comes first. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, test } from "node:test"
import {
  clearUnfinished,
  DirectoryError,
  FORMAT,
  openDirectory,
  type Page,
  putAside,
  readPage,
  writePage,
} from "../src/directory.ts"
import { freshPlace } from "./command.ts"

const MIB = 1024 * 1024
const PAGE: Page = {
  format: FORMAT,
  state: "founded",
  example: "office",
  port: 4870,
  apiPort: 4871,
  mqttPort: 8883,
  listen: "localhost",
  root: "AAAA",
}
let directory = ""

beforeEach(() => {
  directory = freshPlace("data")
  mkdirSync(directory)
})
afterEach(() => rmSync(dirname(directory), { recursive: true }))

test("a full disk is one line that says how much must be free", async () => {
  await rejects(
    openDirectory(directory, async () => 200 * MIB - 1),
    (error: unknown) =>
      error instanceof DirectoryError && error.message.endsWith("is full: at least 200 MB must be free."),
  )
  await openDirectory(directory, async () => 200 * MIB)
  deepEqual(readdirSync(directory), [])
})

test("a disk that cannot say how full it is cannot be used", async () => {
  const broken = async (): Promise<number> => {
    throw new DirectoryError("input/output error")
  }
  await rejects(openDirectory(directory, broken), DirectoryError)
})

const BROKEN: readonly (readonly [string, unknown])[] = [
  ["a list", []],
  ["no format", { ...PAGE, format: undefined }],
  ["format 0", { ...PAGE, format: 0 }],
  ["another state", { ...PAGE, state: "closed" }],
  ["founded without a root", { ...PAGE, root: null }],
  ["a root that is a number", { ...PAGE, root: 1 }],
  ["a port that is a text", { ...PAGE, port: "4870" }],
  ["no example", { ...PAGE, example: undefined }],
]

for (const [name, page] of BROKEN)
  test(`a first page that cannot be read: ${name}`, async () => {
    writeFileSync(join(directory, "holdfast.json"), JSON.stringify(page))
    await rejects(readPage(directory), /holdfast\.json cannot be read: restore it from a backup\.$/)
  })

test("what is written is read back; an empty directory has no page, and an unfinished page is none", async () => {
  equal(await readPage(directory), null)
  writeFileSync(join(directory, "holdfast.json.unfinished"), "{")
  equal(await readPage(directory), null)
  writePage(directory, PAGE)
  deepEqual(await readPage(directory), PAGE)
})

test("a founding that was cut short is cleared but for its page", async () => {
  writePage(directory, { ...PAGE, state: "founding", root: null })
  mkdirSync(join(directory, "keeper"))
  await clearUnfinished(directory)
  deepEqual(readdirSync(directory), ["holdfast.json"])
})

test("--reset puts a building aside whole, under the time; what is not ours stays", async () => {
  writePage(directory, PAGE)
  const aside = await putAside(directory, new Date("2026-11-22T02:03:04.005Z"))
  equal(aside, `${directory}.2026-11-22T02-03-04-005Z`)
  ok(!existsSync(directory))
  deepEqual(await readPage(aside), PAGE)
  mkdirSync(directory)
  writeFileSync(join(directory, "thesis.txt"), "chapter 1")
  await rejects(putAside(directory, new Date(0)), DirectoryError)
  deepEqual(readdirSync(directory), ["thesis.txt"])
})
