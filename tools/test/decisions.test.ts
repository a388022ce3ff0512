/**
 * The list of decisions names every decision by its number and its title, and each is short enough to be read.
 */
import { deepEqual, ok } from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { test } from "node:test"
import { ROOT } from "../sources.ts"

const FOLDER = join(ROOT, "docs/adr")
const LINES_MAX = 40
const files = globSync("[0-9]*.md", { cwd: FOLDER })
  .filter((file) => !file.startsWith("0000"))
  .sort()
const textOf = (file: string): string => readFileSync(join(FOLDER, file), "utf8")

test("docs/adr/README.md lists every decision once, in order, by the title that its file begins with", () => {
  const listed = textOf("README.md").match(/^- .*$/gm)
  const expected = files.map((file) => {
    const [, number, title] = /^# (\d{4}) (.*)$/m.exec(textOf(file)) ?? []
    ok(number !== undefined && basename(file).startsWith(`${number}-`), `${file} begins with its number and its title`)
    return `- [${number}](${file}) ${title}`
  })
  ok(expected.length > 0)
  deepEqual(listed, expected)
})

for (const file of files)
  test(`${file} is read in a minute`, () => {
    const lines = textOf(file).trimEnd().split("\n").length
    ok(lines <= LINES_MAX, `${lines} lines; at most ${LINES_MAX}`)
  })
