/**
 * The house rules hold in this checkout, room by room, and each rule finds what is planted against it.
 */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { rooms, roomOf, show, sourceOf } from "../sources.ts"
import { checkHouse, checkTidy, FACE_VALUES_MAX, FILE_LINES_MAX } from "../tidy.ts"

/** Words that may not stand in this file's own text. */
const [FOLDER, SCHEME] = ["home", "node"]
const HEAD = "/** A planted file. */\n"

function claims(path: string, text: string, faces: readonly string[] = []): readonly string[] {
  return checkTidy(sourceOf(path, text), new Set(faces)).map(({ claim }) => claim.replace(/^`[^`]*` is /, ""))
}

/** One row: code in a file of that path, and the beginning of what the rule says; `fine` where nothing is wrong. */
function tidies(path: string, code: string, says: string): void {
  test(`${path}: ${code} is ${says}`, () => {
    const found = claims(path, `${HEAD}${code}\n`).map((claim) => claim.replace(/:.*/, ""))
    deepEqual(found, says === "fine" ? [] : [says])
  })
}

const core = (code: string, says: string) => tidies("core/lock/src/bolt.ts", code, says)
const app = (code: string, says: string) => tidies("apps/server/src/api.ts", code, says)
const inTest = (code: string, says: string) => tidies("core/lock/test/bolt.test.ts", code, says)

core("const now = Date.now()", "a clock")
core("const now = performance.now()", "a clock")
core("const update = 1; const validated = 2", "fine")
core("const dice = Math.random()", "chance")
core("export const wait = async () => 1", "waiting")
core("export function load(): Promise<number>", "waiting")
core("setTimeout(step, 5)", "a timer")
core("const order = a.localeCompare(b)", "a locale")
core("const zone = new Intl.DateTimeFormat()", "a locale")
core("const bytes = Buffer.from(text)", "a platform's bytes")
core("const bytes = new TextEncoder().encode(text)", "a platform's bytes")
core("process.exit(1)", "the outside")
core("console.log(1)", "the outside")
core("const byte = bytes[i] ?? 0", "an overrun turned into a zero")
core("const point = letter.codePointAt(0) ?? 0", "fine")
core(`const door = import("./door.ts")`, "a dynamic import")
core(`const text = "Date, await and Math.random in a string"`, "fine")
core("const text = `Date ${value} await`", "fine")
core("const text = `at ${Date.now()}`", "a clock")
core("const pattern = /Date|async/", "fine")
core("// Date and async in a comment", "fine")
app("const now = Date.now()", "fine")
app("await load()", "fine")
app("const dice = Math.random()", "weak chance")
app("const value = load() as any", "an escape from the types")
app("function take(value: any): void {}", "an escape from the types")
app("const rows: any[] = []", "an escape from the types")
app("const bag = new Map<string, any>()", "an escape from the types")
app("const any = new Allowance(2); take(any)", "fine")
app("const row = rows[0]!", "a promise that nothing keeps")
app("const name = row!.name", "a promise that nothing keeps")
app("let door!: Door", "a promise that nothing keeps")
app("const differs = a !== b && !c && a != b", "fine")
app(`throw new Error("no")`, "a nameless error")
app(`throw new DoorError("no")`, "fine")
app(`export * from "./door.ts"`, "an open face")
app("export default 5", "a nameless export")
app("connect({ rejectUnauthorized: false })", "TLS that trusts anyone")
app("connect({ rejectUnauthorized: true })", "fine")
app(`// @ts-expect-error`, "an escape from the types")
app(`// biome-ignore format: mine`, "a silenced rule")
app(`// TODO later`, "unfinished")
app(`const path = "/${FOLDER}/ana/data"`, "a path of one machine")
tidies("apps/console/vite.config.ts", "export default {}", "fine")
tidies("apps/console/src/door.tsx", "export const Door = () => <p>Date and any; await!</p>", "fine")
tidies("apps/console/src/door.tsx", "export const Door = () => <p>{row!.name}</p>", "a promise that nothing keeps")
inTest("const dice = Math.random()", "fine")
inTest("await new Promise((resolve) => setTimeout(resolve, 50))", "a sleep")
inTest("await sleep(50)", "a sleep")
inTest(`import { setTimeout } from "${SCHEME}:timers/promises"`, "a sleep")
inTest(`test.only("a", () => {})`, "a test that does not run")
inTest(`test("a", { skip: !here }, () => {})`, "a test that does not run")
inTest("const rest = all.slice(1)", "fine")
tidies("core/lock/src/utils.ts", "const a = 1", "the name says nothing about what lives here")
tidies("apps/server/src/lib/door.ts", "const a = 1", "the name says nothing about what lives here")
tidies("apps/server/src/library.ts", "const a = 1", "fine")

test("a file begins by saying what it is", () => {
  deepEqual(claims("core/lock/src/bolt.ts", "const a = 1\n"), ["the file does not begin by saying what it is"])
  deepEqual(claims("tools/setup.mjs", `#!/usr/bin/env node\n${HEAD}const a = 1\n`), [])
})

test("a file of the greatest length is fine, one more line is not", () => {
  const file = (lines: number) => claims("core/lock/src/bolt.ts", HEAD + "const a = 1\n".repeat(lines - 1))
  deepEqual(file(FILE_LINES_MAX), [])
  equal(file(FILE_LINES_MAX + 1).length, 1)
})

test("a face offers a bounded number of values; types do not count", () => {
  const face = "core/lock/src/index.ts"
  const names = (count: number) => Array.from({ length: count }, (_, i) => `value${i}`).join(", ")
  const file = (count: number) => `${HEAD}export { type Bolt, ${names(count)} } from "./bolt.ts"\nexport type A = 1\n`
  deepEqual(claims(face, file(FACE_VALUES_MAX), [face]), [])
  equal(claims(face, file(FACE_VALUES_MAX + 1), [face]).length, 1)
  equal(claims(face, `${file(FACE_VALUES_MAX)}export const more = 1\n`, [face]).length, 1)
  deepEqual(claims("core/lock/src/other.ts", file(FACE_VALUES_MAX + 1), [face]), [])
})

const house = checkHouse()
for (const room of [...rooms(), "tools"])
  test(`${room} keeps the house rules`, () => {
    deepEqual(house.filter(({ path }) => roomOf(path) === room).map(show), [])
  })
