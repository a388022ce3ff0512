/**
 * The core of a lock as scripts for a small board: what is always there, and what is called in for a moment.
 *
 * Picture a workshop with one bench. What a person at the door waits for stays on it: keys, cards, decision, bolt, journal.
 * Whatever nobody waits for has its tools fetched: the code is loaded from flash for that one turn and put away again. Core
 * knows nothing of it: a function that is called in is a pure function of its arguments, so here, in the bundler, a stub takes
 * its place. A script that was called in brings only what is not there already; the rest is lent to it by the resident part.
 */
import { assert } from "@holdfast/base"
import { build, type BuildOptions, type Metafile, type Plugin, transform } from "esbuild"
import { readFile } from "node:fs/promises"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { slim } from "./slim.ts"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Functions that are called in, by their module. All of one module come together. */
const CALLED_IN: Readonly<Record<string, readonly string[]>> = {
  "core/lock/src/boot.ts": ["boot"],
  "core/lock/src/hearing.ts": ["messageHeard"],
  "core/lock/src/reporting.ts": ["linked", "report", "batchSigned", "reportingGoesOn"],
  "core/lock/src/answering.ts": ["answer", "defenceGoesOn"],
  "core/sense/src/sensors.ts": ["nextSensed"],
  "core/lock/src/reinforce.ts": ["reinforcementGoesOn"],
  "core/lock/src/supplying.ts": ["batteryRead", "driveMeasured", "externalSupply", "supplyGoesOn"],
  "core/lock/src/updating.ts": ["started", "imageChecked", "updateGoesOn"],
  "core/lock/src/service.ts": ["servicePressed", "serviceGoesOn", "eraseSecrets", "caseClosed"],
  "core/lock/src/enrolment.ts": ["enrolmentAsked", "enrol", "openEnrolment", "enrolmentGoesOn"],
  "core/lock/src/phone/meeting.ts": ["phoneHeard", "meetingGoesOn"],
  "core/lock/src/finger.ts": ["biometricCompared"],
  "core/lock/src/card/address.ts": ["addressRead"],
  "core/lock/src/card/reader.ts": ["beginExchange", "continueExchange", "dummyKey"],
  "core/lock/src/offline-entry.ts": ["matchOffline", "noteUse"],
  "core/lock/src/ruling.ts": ["partnerSensed", "relockedByHand"],
}
const PARTS = Object.keys(CALLED_IN)

export type Portable = {
  readonly resident: string
  /** By module and in the order of the numbers that stubs ask for: scripts that leave their functions in the global `part`. */
  readonly calledIn: ReadonlyMap<string, string>
  /** The words of the claims that the scripts make by number. */
  readonly claims: readonly string[]
  /** Bytes of minified script by room, of the resident part. */
  readonly rooms: ReadonlyMap<string, number>
}

const OPTIONS = {
  bundle: true,
  minifySyntax: true,
  write: false,
  format: "iife",
  target: "es2022",
  metafile: true,
  absWorkingDir: ROOT,
  logLevel: "error",
} as const satisfies BuildOptions

/** What the resident part can lend: names of its functions and tables, by module. */
type Lendable = ReadonlyMap<string, readonly string[]>

/** Stands in a script for what the resident part lends it; which number that is, is settled when all scripts are made. */
const borrowed = (module: string, name: string): string => `resident("${module}#${name}")`
const BORROWED = /resident\("([^"#]+)#([^"#]+)"\)/g

/**
 * Puts stubs in the place of what is called in and of what is lent. Behind a stub the module itself is still there, under
 * `whole:`, for the names that the stub does not have. The script of the module `own` has that one whole.
 */
function stubs(lendable: Lendable, own: string | null): Plugin {
  return {
    name: "stubs",
    setup(on) {
      on.onResolve({ filter: /^whole:/ }, ({ path }) => ({
        path: path.slice("whole:".length),
        namespace: "whole",
        sideEffects: false,
      }))
      on.onLoad({ filter: /./, namespace: "whole" }, async ({ path }) => ({
        contents: await readFile(join(ROOT, path), "utf8"),
        loader: "ts",
        resolveDir: join(ROOT, dirname(path)),
      }))
      on.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const module = relative(ROOT, path)
        const calledIn = module === own ? [] : (CALLED_IN[module] ?? [])
        const lent = (lendable.get(module) ?? []).filter((name) => !calledIn.includes(name))
        if (module !== own && calledIn.length === 0 && lent.length === 0) return undefined
        const far = calledIn.map((name, at) => {
          const part = PARTS.indexOf(module)
          return `export const ${name} = (...given) => callIn(${part})[${at}](...given)`
        })
        const near = lent.map((name) => `export const ${name} = /* @__PURE__ */ ${borrowed(module, name)}`)
        return { contents: [...far, ...near, `export * from "whole:${module}"`].join("\n"), loader: "js" }
      })
    },
  }
}

async function bundle(options: BuildOptions): Promise<{ readonly script: string; readonly metafile: Metafile }> {
  const built = await build({ ...OPTIONS, ...options })
  const [file] = built.outputFiles ?? []
  assert(file !== undefined && built.metafile !== undefined, "a bundle is one file")
  return { script: file.text, metafile: built.metafile }
}

/** Looks which functions and tables the resident part has anyway, by the names that the bundler left them. */
async function lendableOf(entry: string): Promise<Lendable> {
  const { script } = await bundle({ entryPoints: [entry], plugins: [stubs(new Map(), null)], minifySyntax: false })
  const lendable = new Map<string, readonly string[]>()
  for (const section of script.split(/^ {2}\/\/ (?=\S+\.ts$)/m).slice(1)) {
    const module = section.slice(0, section.indexOf("\n")).replace(/^whole:/, "")
    const names = [...section.matchAll(/^ {2}(?:function|var) (\w+)(?! = [-\d"])/gm)].map(([, name]) => name ?? "")
    const source = await readFile(join(ROOT, module), "utf8")
    const isExported = (name: string): boolean =>
      new RegExp(`^export (?:function|const|class) ${name}\\b`, "m").test(source)
    lendable.set(module, [...(lendable.get(module) ?? []), ...names.filter(isExported)])
  }
  return lendable
}

async function calledInScript(module: string, lendable: Lendable): Promise<string> {
  const names = (CALLED_IN[module] ?? []).join(", ")
  const contents = `import { ${names} } from "whole:${module}"\nglobalThis.part = [${names}]`
  return (await bundle({ stdin: { contents, resolveDir: ROOT, loader: "ts" }, plugins: [stubs(lendable, module)] }))
    .script
}

/** The guest, and behind it the list of what it lends. */
function residentWith(entry: string, lent: readonly string[]): string {
  const imports = lent.map((each, at) => {
    const [module = "", name = ""] = each.split("#")
    return `import { ${name} as lent${at} } from "./${module}"`
  })
  const list = `const lent = [${lent.map((_, at) => `lent${at}`).join(", ")}]`
  return [...imports, `import "./${entry}"`, list, "globalThis.resident = (at) => lent[at]"].join("\n")
}

/** A bundle as it is shipped. */
async function finished(script: string, claims: string[]): Promise<string> {
  return (await transform(slim(script, claims), { minify: true, target: OPTIONS.target })).code
}

/** `core/lock/src/card/reader.ts` belongs to the room `core/lock/card`. */
function roomOf(input: string): string {
  const [outer = "", room = "", , part = ""] = input
    .replace(/^.*node_modules\//, "npm/")
    .replace(/^whole:/, "")
    .split("/")
  return part.endsWith(".ts") || part === "" ? `${outer}/${room}` : `${outer}/${room}/${part}`
}

function sizesByRoom({ outputs }: Metafile): ReadonlyMap<string, number> {
  const rooms = new Map<string, number>()
  for (const { inputs } of Object.values(outputs))
    for (const [input, { bytesInOutput }] of Object.entries(inputs))
      rooms.set(roomOf(input), (rooms.get(roomOf(input)) ?? 0) + bytesInOutput)
  return rooms
}

/** Bundles the guest at `entry`, a path from the project's root. */
export async function portable(entry: string): Promise<Portable> {
  const lendable = await lendableOf(entry)
  const scripts = await Promise.all(PARTS.map((module) => calledInScript(module, lendable)))
  const lent = [
    ...new Set(scripts.flatMap((script) => [...script.matchAll(BORROWED)].map(([, of, name]) => `${of}#${name}`))),
  ]
  const numbered = (script: string): string =>
    script.replaceAll(BORROWED, (_, of, name) => `resident(${lent.indexOf(`${of}#${name}`)})`)
  const contents = residentWith(entry, lent)
  const plugins = [stubs(new Map(), null)]
  const options: BuildOptions = { stdin: { contents, resolveDir: ROOT, loader: "ts" }, plugins }
  const claims: string[] = []
  const resident = await finished((await bundle(options)).script, claims)
  const calledIn = new Map<string, string>()
  for (const [at, module] of PARTS.entries()) calledIn.set(module, await finished(numbered(scripts[at] ?? ""), claims))
  const { metafile } = await bundle({ ...options, minify: true })
  return { resident, calledIn, claims, rooms: sizesByRoom(metafile) }
}
