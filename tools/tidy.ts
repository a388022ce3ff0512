/**
 * The house rules that a compiler does not know: `node tools/tidy.ts` lists what stands against them.
 *
 * Picture three lists: words that may not stand in core, words that may not stand anywhere, and what a file must look
 * like from outside. A rule says in which view of a file it looks (code, comments or the whole text) and what to do
 * instead. The rules are tested with planted violations in `test/tidy.test.ts`.
 *
 * It is no linter (that is oxlint, which knows types) and measures no quality: the numbers are in figures.ts.
 */
import ts from "typescript"
import { lineAt, manifestOf, rooms, type Source, show, sources, type Violation } from "./sources.ts"
import { printFigures } from "./figures.ts"
import { checkRows } from "./rows.ts"
import { type Views, viewsOf } from "./views.ts"

type View = "code" | "comments" | "text"
type Rule = { readonly in: View; readonly ban: RegExp; readonly instead: string }

export const FILE_LINES_MAX = 400
export const FACE_VALUES_MAX = 25

const IN_CORE: readonly Rule[] = [
  { in: "code", ban: /\b(Date|performance)\b/, instead: "a clock: take `now` as an argument" },
  { in: "code", ban: /\bMath\s*\.\s*random\b/, instead: "chance: take random bytes as an input" },
  { in: "code", ban: /\b(async|await|Promise)\b/, instead: "waiting: return an effect, take the answer as an input" },
  { in: "code", ban: /\b(setTimeout|setInterval|queueMicrotask)\b/, instead: "a timer: return a wake effect" },
  { in: "code", ban: /\b(Intl|localeCompare|toLocale\w+)\b/, instead: "a locale: compare bytes, bring zone tables in" },
  { in: "code", ban: /\b(Buffer|TextEncoder|TextDecoder)\b/, instead: "a platform's bytes: use Uint8Array and utf8" },
  { in: "code", ban: /\b(console|process|globalThis)\s*\./, instead: "the outside: return an effect" },
  { in: "code", ban: /\]\s*\?\?\s*0\b/, instead: "an overrun turned into a zero: use byteAt" },
  { in: "code", ban: /\bimport\s*\(/, instead: "a dynamic import: core is whole from the start" },
]

const OUTSIDE_CORE: readonly Rule[] = [
  { in: "code", ban: /\bMath\s*\.\s*random\b/, instead: "weak chance: take random bytes from the port" },
]

const IN_TESTS: readonly Rule[] = [
  {
    in: "code",
    ban: /\bsetTimeout\s*\(\s*(resolve|done|fulfil|wake|ok|r)\b|\bawait\s+(setTimeout|sleep|delay)\b/,
    instead: "a sleep: wait for the event itself",
  },
  { in: "text", ban: /from "(node:)?timers\/promises"/, instead: "a sleep: wait for the event itself" },
  { in: "code", ban: /\bAtomics\s*\.\s*wait\b/, instead: "a sleep: wait for the event itself" },
  {
    in: "code",
    ban: /\b(test|it|describe|suite|t|context)\s*\.\s*(only|skip|todo)\s*\(/,
    instead: "a test that does not run",
  },
  { in: "code", ban: /\b(skip|todo)\s*:|\bonly\s*:\s*true\b/, instead: "a test that does not run" },
]

const EVERYWHERE: readonly Rule[] = [
  { in: "code", ban: /\bnew\s+Error\s*\(/, instead: "a nameless error: use a fault union or a named class" },
  { in: "code", ban: /\bexport\s+\*/, instead: "an open face: export by name" },
  { in: "code", ban: /\brejectUnauthorized\s*:\s*false\b/, instead: "TLS that trusts anyone: give it the certificate" },
  { in: "comments", ban: /@ts-[a-z]/, instead: "an escape from the types" },
  {
    in: "comments",
    ban: /\b(eslint|oxlint|biome)-(disable|ignore)/,
    instead: "a silenced rule: change the code or the rule",
  },
  { in: "comments", ban: /\b(TODO|FIXME|XXX|HACK)\b/, instead: "unfinished: finish it or write an issue" },
  { in: "text", ban: /(?<![\w.])\/(home|Users|work)\/[a-z]/, instead: "a path of one machine" },
]

/** Names that say nothing about what lives there. */
const VAGUE = /(^|\/)(utils?|common|helpers?|shared|lib|misc)(\/|\.|$)/

function rulesFor({ room, part, path }: Source): readonly Rule[] {
  const rules = [...EVERYWHERE]
  if (part === "test") rules.push(...IN_TESTS)
  else rules.push(...(room.startsWith("core/") ? IN_CORE : OUTSIDE_CORE))
  if (!/(vite\.config|\.d)\.ts$/.test(path))
    rules.push({ in: "code", ban: /\bexport\s+default\b/, instead: "a nameless export: export by name" })
  return rules
}

function bannedWords(source: Source, views: Views): readonly Violation[] {
  const textOf = { code: views.code, comments: views.comments, text: source.text }
  return rulesFor(source).flatMap((rule) => {
    const every = new RegExp(rule.ban, `${rule.ban.flags}g`)
    return [...textOf[rule.in].matchAll(every)].map((match) => ({
      path: source.path,
      line: lineAt(source.text, match.index),
      claim: `\`${match[0].trim()}\` is ${rule.instead}`,
    }))
  })
}

/** The escape from the types that this node is, if any; regular expressions are too coarse for these. */
function escapeOf(node: ts.Node): string | null {
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "`any` is an escape from the types: say what it is, or unknown"
  const definite =
    (ts.isPropertyDeclaration(node) || ts.isVariableDeclaration(node)) && node.exclamationToken !== undefined
  return definite || ts.isNonNullExpression(node) ? "`!` is a promise that nothing keeps: assert it instead" : null
}

function escapes({ path, text }: Source, { tree }: Views): readonly Violation[] {
  const found: Violation[] = []
  const visit = (node: ts.Node): void => {
    const claim = escapeOf(node)
    if (claim !== null) found.push({ path, line: lineAt(text, node.getStart(tree)), claim })
    ts.forEachChild(node, visit)
  }
  visit(tree)
  return found
}

/** What a file must look like from outside: a head that explains it, a size to read in one go, a telling name. */
function shapeOf({ path, text }: Source): readonly Violation[] {
  const claims: string[] = []
  const lines = text.trimEnd().split("\n").length
  if (!/^(#![^\n]*\n)?\/\*\*/.test(text)) claims.push("the file does not begin by saying what it is")
  if (lines > FILE_LINES_MAX) claims.push(`${lines} lines; at most ${FILE_LINES_MAX}`)
  if (VAGUE.test(path)) claims.push("the name says nothing about what lives here")
  return claims.map((claim) => ({ path, line: 1, claim }))
}

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)

/** How many values, types not counted, a face exports. */
export function valuesOf(tree: ts.SourceFile): number {
  let values = 0
  for (const statement of tree.statements) {
    if (ts.isExportDeclaration(statement)) {
      const named = statement.exportClause
      if (statement.isTypeOnly || named === undefined || !ts.isNamedExports(named)) continue
      values += named.elements.filter((element) => !element.isTypeOnly).length
    } else if (isExported(statement)) {
      if (ts.isVariableStatement(statement)) values += statement.declarationList.declarations.length
      else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) values++
    }
  }
  return values
}

function checkFace({ path }: Source, { tree }: Views): readonly Violation[] {
  const values = valuesOf(tree)
  if (values <= FACE_VALUES_MAX) return []
  return [{ path, line: 1, claim: `the face exports ${values} values; at most ${FACE_VALUES_MAX}` }]
}

/** All house rules against one file; `faces` are the paths that a package.json offers to other rooms. */
export function checkTidy(source: Source, faces: ReadonlySet<string>): readonly Violation[] {
  const views = viewsOf(source.path, source.text)
  const face = faces.has(source.path) ? checkFace(source, views) : []
  return [...shapeOf(source), ...bannedWords(source, views), ...escapes(source, views), ...face]
}

/** The files that rooms offer to each other. */
export function faces(): ReadonlySet<string> {
  const offered = rooms().flatMap((room) =>
    Object.values(manifestOf(room).exports ?? {}).map((file) => `${room}/${file.replace(/^\.\//, "")}`),
  )
  return new Set(offered)
}

export function checkHouse(): readonly Violation[] {
  const offered = faces()
  return sources().flatMap((source) => checkTidy(source, offered))
}

if (import.meta.main && process.argv.includes("--figures")) printFigures(sources())
else if (import.meta.main) {
  const violations = [...checkHouse(), ...checkRows()]
  for (const violation of violations) console.log(show(violation))
  console.log(`${violations.length} violations of the house rules`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
