/**
 * The core of a lock as scripts for a small board: what is always there, and what is called in for a moment.
 *
 * Picture a workshop with one bench. Whatever a person at the door waits for stays on it: keys, cards, decision, bolt, journal,
 * defence. A message from a courier can wait for its tools to be fetched: the code that reads policies, signatures and proofs
 * is loaded from flash for that one turn and put away again. Core knows nothing of it: the modules that are called in are pure
 * functions of their arguments, so here, in the bundler, a stub takes their place that calls them in.
 */
import { assert } from "@holdfast/base"
import { build, type BuildOptions, type Metafile, type Plugin } from "esbuild"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))

/** Modules that are called in, with the functions by which the resident part reaches them. */
const CALLED_IN: Readonly<Record<string, readonly string[]>> = {
  "core/lock/src/hearing.ts": ["messageHeard"],
  "core/lock/src/phone/reader.ts": ["beginPhone", "continuePhone", "tellPhone", "failPhone"],
}

export type Portable = {
  readonly resident: string
  /** By the name that the stub asks for: a script that leaves its functions in the global `part`. */
  readonly calledIn: ReadonlyMap<string, string>
  /** Bytes of minified script by room: of the resident part, and of what is called in beyond it. */
  readonly rooms: ReadonlyMap<string, number>
}

const OPTIONS = {
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  metafile: true,
  absWorkingDir: ROOT,
  logLevel: "error",
} as const satisfies BuildOptions

/** Puts a stub in the place of each module that is called in. */
const stubs: Plugin = {
  name: "called in",
  setup(on) {
    on.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const name = relative(ROOT, path)
      const reached = CALLED_IN[name]
      if (reached === undefined) return undefined
      const lines = reached.map(
        (each) => `export const ${each} = (...given) => callIn(${JSON.stringify(name)}).${each}(...given)`,
      )
      return { contents: lines.join("\n"), loader: "js" }
    })
  },
}

async function bundle(options: BuildOptions): Promise<{ readonly script: string; readonly metafile: Metafile }> {
  const built = await build({ ...OPTIONS, ...options })
  const [file] = built.outputFiles ?? []
  assert(file !== undefined && built.metafile !== undefined, "a bundle is one file")
  return { script: file.text, metafile: built.metafile }
}

function calledInScript(name: string, reached: readonly string[]): Promise<{ readonly script: string }> {
  const from = `./${relative(dirname(name), name)}`
  const contents = `import { ${reached.join(", ")} } from "${from}"\nglobalThis.part = { ${reached.join(", ")} }`
  return bundle({ stdin: { contents, resolveDir: join(ROOT, dirname(name)), loader: "ts" } })
}

/** `core/lock/src/card/reader.ts` belongs to the room `core/lock/card`. */
function roomOf(input: string): string {
  const [outer = "", room = "", , part = ""] = input.replace(/^.*node_modules\//, "npm/").split("/")
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
  const resident = await bundle({ entryPoints: [entry], plugins: [stubs] })
  const calledIn = new Map<string, string>()
  for (const [name, reached] of Object.entries(CALLED_IN))
    calledIn.set(name, (await calledInScript(name, reached)).script)
  return { resident: resident.script, calledIn, rooms: sizesByRoom(resident.metafile) }
}
