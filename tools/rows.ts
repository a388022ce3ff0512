/**
 * Which tests close which numbered row: `node tools/rows.ts` holds the two tables of docs/ against the titles of the tests.
 *
 * Picture three columns of numbers: attacks 1 to 145 (docs/attacks.md), and what must always hold, I-01 to R56
 * (docs/rules.md). A test that closes a row has the row's number in its title: `attack 43: ...`, `R24: ...`. The last cell of a
 * row names the files of such tests, room by room, and is written by `node tools/rows.ts --write`; all other cells are written
 * by hand. A row without a test stands under the heading "Open". A new test of a row that has one already need not be written
 * down at once: what stands there must be true, not complete.
 *
 * It finds that a test says it closes a row. Whether the test would fail without the defence, only its reader knows.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import ts from "typescript"
import { ROOT, type Source, show, sources, type Violation } from "./sources.ts"

export const DOCUMENTS = ["docs/attacks.md", "docs/rules.md"] as const
const OPEN = "Open"

/** The numbers that a title names: "attack 28, 77: ..." names 28 and 77. */
export function numbersIn(title: string): readonly string[] {
  const attacks = [...title.matchAll(/\battacks? (\d+(?:(?:,| and|, and)(?: attack)? \d+)*)/g)]
  const numbers = attacks.flatMap(([, list = ""]) => list.match(/\d+/g) ?? [])
  const rules = title.match(/\b(?:[IL]-\d\d|R\d{1,2})\b/g) ?? []
  return [...numbers, ...rules]
}

/** The text of a string or a template, with a gap where something is put in. */
function textOf(node: ts.Node | undefined): string {
  if (node === undefined) return ""
  if (ts.isStringLiteralLike(node)) return node.text
  if (!ts.isTemplateExpression(node)) return ""
  return [node.head.text, ...node.templateSpans.map((span) => span.literal.text)].join(" … ")
}

/** The titles in a test file: what stands first where something that ends in a function is called. */
export function titlesIn({ path, text }: Source): readonly string[] {
  const titles: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.arguments.length > 1 && ts.isIdentifier(node.expression)) {
      const last = node.arguments.at(-1)
      if (last !== undefined && (ts.isArrowFunction(last) || ts.isIdentifier(last)))
        titles.push(textOf(node.arguments[0]))
    }
    ts.forEachChild(node, visit)
  }
  const kind = path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false, kind))
  return titles.filter((title) => title !== "")
}

/** How the last cell of a table calls a file of tests: its room, and its path in there without what all have in common. */
function nameOf(path: string, room: string): string {
  return path
    .slice(room.length + 1)
    .replace(/^test\//, "")
    .replace(/(\.test)?\.ts$/, "")
}

type Closed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

/** For each number, by room, the files whose tests name it; a rule that the simulator watches is closed there too. */
export function closedBy(files: readonly Source[]): Closed {
  const closed = new Map<string, Map<string, Set<string>>>()
  for (const file of files) {
    const watched = /^sim\/src\/rules\/([il]-\d\d)\.ts$/.exec(file.path)?.[1]
    if (file.part !== "test" && watched === undefined) continue
    const numbers = watched === undefined ? titlesIn(file).flatMap(numbersIn) : [watched.toUpperCase()]
    for (const number of numbers) {
      const byRoom = closed.get(number) ?? new Map<string, Set<string>>()
      closed.set(number, byRoom)
      const names = byRoom.get(file.room) ?? new Set<string>()
      byRoom.set(file.room, names.add(watched ?? nameOf(file.path, file.room)))
    }
  }
  return closed
}

function cellOf(closed: Closed, number: string): string {
  const rooms = [...(closed.get(number) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  return rooms.map(([room, names]) => `${room}: ${[...names].sort().join(", ")}`).join("; ")
}

/** Each file that a cell names, with its room. */
function filesIn(cell: string): readonly string[] {
  return cell.split("; ").flatMap((part) => {
    const [room = "", names = ""] = part.split(": ")
    return names === "" ? [] : names.split(", ").map((name) => `${room}: ${name}`)
  })
}

type Row = { readonly number: string; readonly cell: string; readonly line: number; readonly isOpen: boolean }

/** The numbered rows of a document's tables. */
export function rowsIn(text: string): readonly Row[] {
  let heading = ""
  return text.split("\n").flatMap((line, at): Row[] => {
    heading = /^#+ (.*)$/.exec(line)?.[1] ?? heading
    const number = /^\| *(\d+|[IL]-\d\d|R\d{1,2}) *\|/.exec(line)?.[1]
    if (number === undefined) return []
    const cells = line.split("|").slice(1, -1)
    return [{ number, cell: cells.at(-1)?.trim() ?? "", line: at + 1, isOpen: heading === OPEN }]
  })
}

/** What is wrong between one document and the tests. */
export function checkDocument(path: string, text: string, closed: Closed): readonly Violation[] {
  const seen = new Set<string>()
  return rowsIn(text).flatMap(({ number, cell, line, isOpen }) => {
    const claims: string[] = []
    if (seen.has(number)) claims.push(`row ${number} is there twice`)
    seen.add(number)
    if (!isOpen && !closed.has(number)) claims.push(`no test names row ${number}: write one, or put it under "${OPEN}"`)
    for (const file of isOpen ? [] : filesIn(cell))
      if (!filesIn(cellOf(closed, number)).includes(file))
        claims.push(`row ${number} is not closed by ${file}: no title there names it`)
    return claims.map((claim) => ({ path, line, claim }))
  })
}

/** Every number in a title has a row that says what it means. */
export function checkMeanings(texts: readonly string[], closed: Closed): readonly Violation[] {
  const known = new Set(texts.flatMap(rowsIn).map(({ number }) => number))
  return [...closed].flatMap(([number, byRoom]) => {
    if (known.has(number)) return []
    const where = [...byRoom].map(([room, names]) => `${room}: ${[...names].join(", ")}`).join("; ")
    const path = /^\d/.test(number) ? DOCUMENTS[0] : DOCUMENTS[1]
    return [{ path, line: 1, claim: `no row says what ${number} is, which ${where} names` }]
  })
}

const textsOf = (): readonly string[] => DOCUMENTS.map((path) => readFileSync(join(ROOT, path), "utf8"))

export function checkRows(): readonly Violation[] {
  const closed = closedBy(sources())
  const texts = textsOf()
  const inDocuments = DOCUMENTS.flatMap((path, at) => checkDocument(path, texts[at] ?? "", closed))
  return [...inDocuments, ...checkMeanings(texts, closed)]
}

/** The text with the last cell of every closed row as the tests have it. No column is aligned: a row is a line of its own. */
export function written(text: string, closed: Closed): string {
  const lines = text.split("\n")
  for (const { number, line, isOpen } of rowsIn(text)) {
    const cells = (lines[line - 1] ?? "").split("|").slice(1, -1)
    const last = isOpen ? (cells.at(-1) ?? "") : cellOf(closed, number)
    lines[line - 1] = `| ${[...cells.slice(0, -1), last].map((cell) => cell.trim()).join(" | ")} |`.replace(
      "|  |",
      "| |",
    )
  }
  return lines.join("\n")
}

if (import.meta.main) {
  if (process.argv.includes("--write")) {
    const closed = closedBy(sources())
    for (const [at, path] of DOCUMENTS.entries()) writeFileSync(join(ROOT, path), written(textsOf()[at] ?? "", closed))
  }
  const violations = checkRows()
  for (const violation of violations) console.log(show(violation))
  console.log(`${violations.length} rows that stand otherwise in docs than in the tests`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
