/**
 * Who may import whom. This table is the rule and its documentation: `node tools/layers.ts` checks every import of every
 * room against it, type imports too, and what each package.json declares.
 *
 * Picture a house: core stands on nothing, each room stands on rooms above its own row, and nobody reaches through a
 * wall. A word names a package of ours without its scope: `access` is all of core/access, `access/door` is that face
 * only. `outside` names third-party packages of the product, `tests` what tests alone use besides the test tools, which
 * may be the face of another app where a whole building is the test.
 *
 * The file checks directions, not style (tidy), not unused packages (knip).
 */
import { isBuiltin } from "node:module"
import { join, normalize } from "node:path"
import ts from "typescript"
import {
  lineAt,
  type Manifest,
  manifestOf,
  ROOT,
  rooms,
  roomOf,
  type Source,
  show,
  sourceOf,
  sources,
  type Violation,
} from "./sources.ts"

export type Row = {
  readonly room: string
  /** Packages of ours, by words separated by spaces. */
  readonly may: string
  /** Whether the product part may use what Node itself offers. */
  readonly node: boolean
  readonly outside?: string
  readonly tests?: string
}

const CORE = "base access sense lock ledger wire audit"
/** The library faces of apps, for the rooms that set up whole buildings. */
const APPS = "holdfast board keeper front server auditor"

export const TABLE: readonly Row[] = [
  { room: "core/base", may: "", node: false },
  { room: "core/access", may: "base", node: false },
  { room: "core/sense", may: "base", node: false },
  { room: "core/ledger", may: "base", node: false },
  { room: "core/wire", may: "base", node: false },
  {
    room: "core/lock",
    may: "base access/door access/der access/factors access/places access/refusal access/rules sense ledger",
    node: false,
  },
  { room: "core/audit", may: "base access lock ledger", node: false },
  { room: "contract", may: "base access lock ledger", node: false, outside: "typebox" },
  { room: "ports/node", may: "base", node: true },
  { room: "ports/web", may: "base", node: false, outside: "@noble/ciphers @noble/curves @noble/hashes" },
  {
    room: "apps/holdfast",
    may: `${CORE} contract port-node`,
    node: true,
    tests: "playwright",
  },
  { room: "apps/board", may: `${CORE} port-node`, node: true, outside: "mqtt rolldown", tests: "front holdfast" },
  { room: "apps/keeper", may: `${CORE} port-node`, node: true },
  { room: "apps/front", may: "base contract port-node", node: true },
  {
    room: "apps/server",
    may: `${CORE} contract port-node`,
    node: true,
    outside: "aedes fastify @fastify/cors kysely pg typebox",
    tests: "mqtt",
  },
  {
    room: "apps/console",
    may: `${CORE} contract port-web`,
    node: false,
    outside: "react react-dom wouter @fontsource-variable/inter vite @vitejs/plugin-react",
    tests: "auditor board",
  },
  { room: "apps/auditor", may: `${CORE} port-node`, node: true },
  { room: "sim", may: `${CORE} contract port-node ${APPS}`, node: true },
  {
    room: "bench",
    may: `${CORE} contract port-node ${APPS}`,
    node: true,
    outside: "@noble/curves @sparticuz/chromium esbuild playwright-core quickjs-emscripten typescript",
  },
  { room: "tools", may: "", node: true, outside: "typescript" },
]

/** Packages that any test may use: they judge our code and are no part of it. */
const TEST_TOOLS =
  "@axe-core/playwright @sparticuz/chromium cborg esbuild fast-check luxon playwright-core quickjs-emscripten typescript"
/** A test may set up the rooms around its own with any core room, the contract and the ports. */
const TEST_ROOMS = `${CORE} contract port-node port-web`

const SCOPE = "@holdfast/"
const words = (list: string | undefined): readonly string[] => (list ?? "").split(" ").filter((word) => word !== "")

/** `a` covers `a` and all its faces; `a/b` covers that face only. */
function covers(word: string, specifier: string): boolean {
  return specifier === word || specifier.startsWith(`${word}/`)
}

const isIn = (list: readonly string[], specifier: string): boolean => list.some((word) => covers(word, specifier))

/** The package that a bare specifier names: `@scope/name/face` and `name/face` without their face. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/")
}

function againstOurs(row: Row, part: Source["part"], specifier: string): string | null {
  const face = specifier.slice(SCOPE.length)
  if (face.split("/").includes("src")) return "reaches behind a package's face"
  if (isIn(words(row.may), face)) return null
  if (part !== "test") return `${row.room} may not import ${face}`
  return isIn([...words(TEST_ROOMS), ...words(row.tests), nameOf(row.room)], face)
    ? null
    : `tests of ${row.room} may not import ${face}`
}

function againstOutside(row: Row, part: Source["part"], specifier: string): string | null {
  if (isBuiltin(specifier)) {
    if (!specifier.startsWith("node:")) return `write node:${specifier}`
    return row.node || part !== "src" ? null : `${row.room} knows nothing of Node`
  }
  if (isIn(words(row.outside), specifier)) return null
  if (part === "test" && isIn([...words(TEST_TOOLS), ...words(row.tests)], specifier)) return null
  return `${row.room} may not use the package ${packageOf(specifier)}`
}

function againstWalls(source: Source, specifier: string): string | null {
  const target = normalize(join(source.path, "..", specifier))
  if (roomOf(target) !== source.room && !(source.part === "test" && target.startsWith("vectors/")))
    return "leaves its room by a relative path"
  if (source.part === "src" && sourceOf(target, "").part === "test") return "the product imports its tests"
  return null
}

/** What is wrong with one import, or null. */
export function against(row: Row, source: Source, specifier: string): string | null {
  if (/(^|[/-])main\.ts$/.test(specifier)) return "nobody imports a main.ts: it alone meets the operating system"
  if (specifier.startsWith(".")) return againstWalls(source, specifier)
  if (specifier.startsWith(SCOPE)) return againstOurs(row, source.part, specifier)
  return againstOutside(row, source.part, specifier)
}

const rowOf = (room: string): Row | undefined => TABLE.find((row) => row.room === room)

/** Every import of one file against the table; `import()` and `export from` are imports too. */
export function checkSource(source: Source): readonly Violation[] {
  const row = rowOf(source.room)
  if (row === undefined)
    return [{ path: source.path, line: 1, claim: `the room ${source.room} has no row in the table` }]
  return ts.preProcessFile(source.text, true, true).importedFiles.flatMap(({ fileName, pos }) => {
    const claim = against(row, source, fileName)
    return claim === null
      ? []
      : [{ path: source.path, line: lineAt(source.text, pos), claim: `"${fileName}": ${claim}` }]
  })
}

/** What a package.json declares is what the table allows: the product's dependencies, and those of its tests. */
export function checkManifest(row: Row, manifest: Manifest): readonly Violation[] {
  const path = `${row.room}/package.json`
  const declared = (part: "src" | "test", names: readonly string[]) =>
    names.flatMap((name) => {
      const claim = name.startsWith(SCOPE)
        ? againstDependency(row, part, name.slice(SCOPE.length))
        : againstOutside(row, part, name)
      return claim === null ? [] : [{ path, line: 1, claim: `"${name}": ${claim}` }]
    })
  return [
    ...declared("src", Object.keys(manifest.dependencies ?? {})),
    ...declared("test", Object.keys(manifest.devDependencies ?? {})),
  ]
}

/** A dependency names a whole package even where only one of its faces may be imported. */
function againstDependency(row: Row, part: "src" | "test", name: string): string | null {
  const packages = words(row.may).map(packageOf)
  return packages.includes(name) ? null : againstOurs(row, part, SCOPE + name)
}

/** Rows stand below all rows that they import, so the table has no circle; and each row names a room that exists. */
export function checkTable(table: readonly Row[], existing: readonly string[]): readonly Violation[] {
  const claims = existing.filter((room) => !table.some((row) => row.room === room)).map((room) => `${room} has no row`)
  table.forEach((row, index) => {
    if (row.room !== "tools" && !existing.includes(row.room)) claims.push(`${row.room} is no room yet`)
    const above = table.slice(0, index).map((other) => nameOf(other.room))
    for (const word of words(row.may).map(packageOf))
      if (!above.includes(word)) claims.push(`${row.room} may import ${word}, which stands below it`)
  })
  return claims.map((claim) => ({ path: "tools/layers.ts", line: 1, claim }))
}

/** The name, without the scope, of the package in a room. */
function nameOf(room: string): string {
  const last = room.slice(room.indexOf("/") + 1)
  return room.startsWith("ports/") ? `port-${last}` : last
}

/** All violations of the table in this checkout. */
export function checkLayers(): readonly Violation[] {
  const existing = rooms()
  const manifests = TABLE.filter(({ room }) => existing.includes(room)).flatMap((row) =>
    checkManifest(row, manifestOf(row.room)),
  )
  return [...checkTable(TABLE, existing), ...manifests, ...sources().flatMap(checkSource)]
}

if (import.meta.main) {
  const violations = checkLayers()
  for (const violation of violations) console.log(show(violation))
  console.log(`${violations.length} imports against the table (${ROOT})`)
  process.exitCode = violations.length === 0 ? 0 : 1
}
