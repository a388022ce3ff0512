/** Every numbered row of docs/ is closed by the tests that it names, and every number in a title means something. */
import { deepEqual } from "node:assert/strict"
import { test } from "node:test"
import { checkDocument, checkMeanings, checkRows, closedBy, numbersIn, rowsIn, titlesIn, written } from "../rows.ts"
import { show, sourceOf } from "../sources.ts"

/** Numbers that no table has, so that what is planted here closes no row of the project's own. */
const TITLES: readonly (readonly [string, readonly string[]])[] = [
  ["attack 901: it opens once", ["901"]],
  ["attack 928, 977: twice", ["928", "977"]],
  ["attacks 927 and 937: it is the same work", ["927", "937"]],
  ["attack 906 and attack 914: a recorded meeting", ["906", "914"]],
  ["X-16, attack 929: while the keypad is closed", ["929"]],
  ["it opens 901 times, 28 of them by mistake", []],
  ["an attack that has no number", []],
  ["C47: nothing is enrolled", []],
]
for (const [title, numbers] of TITLES)
  test(`a title names ${numbers.join(" and ") || "nothing"}: ${title}`, () => deepEqual(numbersIn(title), numbers))

test("rules and figures are named by their letter", () => {
  deepEqual(numbersIn("I-99, R97: it holds (L-98)"), ["I-99", "R97", "L-98"])
  deepEqual(numbersIn("XI-99 R1234 I-9"), [])
})

const PLANTED = sourceOf(
  "core/lock/test/planted.test.ts",
  `/** Planted. */
test("attack 901: told by a plain test", () => {})
for (const each of [1]) test(\`attack 902: told \${each} times\`, async () => {})
inBuilding("attack 903: told where something else makes the test", (building) => building)
ok(isThere, "attack 904: an assertion's words are no title")
// test("attack 905: a comment", () => {})
`,
)

test("titles are what tests are called, not what is asserted or remarked in them", () => {
  deepEqual(titlesIn(PLANTED), [
    "attack 901: told by a plain test",
    "attack 902: told  …  times",
    "attack 903: told where something else makes the test",
  ])
})

const closed = closedBy([PLANTED, sourceOf("core/lock/src/planted.ts", 'test("attack 906: the product", () => {})')])
const table = (...rows: readonly string[]): string =>
  ["| attack | what | tests |", "| --- | --- | --- |", ...rows].join("\n")
const claims = (text: string): readonly string[] =>
  checkDocument("docs/planted.md", text, closed).map(({ claim }) => claim)

test("a row names tests that are there, and a row without a test is open", () => {
  deepEqual(claims(table("| 901 | a | core/lock: planted |", "| 902 | b | |")), [])
  deepEqual(claims(table("| 901 | a | core/lock: planted, other |")), [
    "row 901 is not closed by core/lock: other: no title there names it",
  ])
  deepEqual(claims(table("| 906 | a | |")), ['no test names row 906: write one, or put it under "Open"'])
  deepEqual(claims(`## Open\n\n${table("| 906 | a | |")}`), [])
  deepEqual(claims(table("| 901 | a | |", "| 901 | a | |")), ["row 901 is there twice"])
})

test("every number in a title has a row somewhere", () => {
  const missing = checkMeanings([table("| 901 | a | |"), table("| 903 | a | |")], closed)
  deepEqual(
    missing.map(({ claim }) => claim),
    ["no row says what 902 is, which core/lock: planted names"],
  )
})

test("the last cells are written from the titles, and nothing else is", () => {
  const before = `Words | 901 |\n\n${table("| 901 | a | old |", "| 902 | b | |")}\n\n## Open\n\n${table("| 906 | c | |")}\n`
  const after = written(before, closed)
  deepEqual(
    rowsIn(after).map(({ number, cell }) => [number, cell]),
    [
      ["901", "core/lock: planted"],
      ["902", "core/lock: planted"],
      ["906", ""],
    ],
  )
  deepEqual(after.split("\n").length, before.split("\n").length)
  deepEqual(written(after, closed), after)
})

test("the tables of docs/ and the titles of the tests agree", () => deepEqual(checkRows().map(show), []))
