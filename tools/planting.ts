/**
 * Tries mutants of one file, one after the other, in this process: `node tools/planting.ts JSON`, started by mutate.ts.
 *
 * Picture a workbench. Modules that are built on the file are loaded anew for each mutant, with it inside, under an address
 * that ends in the mutant's number; all others stay as they are. Then the tests run, those first that killed lately, up to
 * the first that fails. The sweep, where the file has one, says for each of its cases how much the code admits: a mutant that
 * admits more than the sound code in any case opens a door.
 *
 * What hangs or kills the process is ended by who started it.
 */
import { readFileSync } from "node:fs"
import { registerHooks, stripTypeScriptTypes } from "node:module"
import { fileURLToPath } from "node:url"
import { type Mutant, mutantsOf } from "./mutants.ts"
import { handOver, type Recorded, runOne } from "./recorder.ts"

export type Job = {
  readonly file: string
  readonly tests: readonly string[]
  readonly sweep: string | null
  /** The number of the first mutant to try. */
  readonly from: number
}
export type Said =
  | { readonly kind: "broken"; readonly test: string; readonly why: string }
  | { readonly kind: "sound" }
  /** The tests are through with the mutant; its sweep comes. */
  | { readonly kind: "tried"; readonly killer: string | null }
  | { readonly kind: "judged"; readonly number: number; readonly killer: string | null; readonly opens: boolean }

/** A sweep's module: each case answers how much is admitted, by rising numbers; one that throws admits nothing at all. */
type Sweep = { readonly admits: () => Iterable<() => number> }

const ROOT = new URL("../", import.meta.url)
const RECORDER = new URL("recorder.ts", import.meta.url).href
/** Less than any answer of a sweep. */
const THROWN = Number.NEGATIVE_INFINITY

const bare = (url: string): string => url.replace(/\?.*$/, "")
const say = (said: Said): void => void process.send?.(said)

/** Who imports a module, and what stands in it without its types. */
const importers = new Map<string, Set<string>>()
const stripped = new Map<string, string>()
/** What is loaded anew for each mutant: the file and all that is built on it. */
let anew: ReadonlySet<string> = new Set()
/** How often it was. */
let generation = 0
let planted: { readonly url: string; readonly source: string } | null = null

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === "node:test") return { url: RECORDER, shortCircuit: true }
    const found = nextResolve(specifier, context)
    if (!found.url.endsWith(".ts")) return found
    const among = importers.get(found.url) ?? new Set()
    importers.set(found.url, among.add(bare(context.parentURL ?? "")))
    return anew.has(found.url) ? { ...found, url: `${found.url}?${generation}` } : found
  },
  load(url, context, nextLoad) {
    const address = bare(url)
    if (!anew.has(address)) return nextLoad(url, context)
    const isPlanted = planted?.url === address
    const kept = isPlanted ? undefined : stripped.get(address)
    const source =
      kept ??
      stripTypeScriptTypes(
        isPlanted && planted !== null ? planted.source : readFileSync(fileURLToPath(address), "utf8"),
      )
    if (!isPlanted) stripped.set(address, source)
    return { format: "module", source, shortCircuit: true }
  },
})

/** The module and all that import it, directly or not. */
function builtOn(url: string): ReadonlySet<string> {
  const all = new Set([url])
  for (const each of all) for (const importer of importers.get(each) ?? []) if (importer !== "") all.add(importer)
  return all
}

const job: Job = JSON.parse(process.argv[2] ?? "")
const target = new URL(job.file, ROOT).href
const source = readFileSync(new URL(target), "utf8")
/** Tests by how soon they are likely to kill. */
let order: readonly string[] = []

/** The tests as they are noted by loading their files. */
async function loadTests(): Promise<ReturnType<typeof handOver>> {
  generation += 1
  handOver()
  for (const test of job.tests) await import(new URL(test, ROOT).href)
  return handOver()
}

/** The first test that fails, or null. */
async function failing(tests: readonly Recorded[]): Promise<{ readonly test: string; readonly why: unknown } | null> {
  const rank = new Map(order.map((name, at) => [name, at]))
  const sorted = tests.toSorted((a, b) => (rank.get(a.name) ?? 0) - (rank.get(b.name) ?? 0))
  for (const test of sorted)
    try {
      await runOne(test)
    } catch (why) {
      return { test: test.name, why }
    }
  return null
}

/** What each case of the sweep answers, as it is asked for. */
async function swept(): Promise<Iterable<number>> {
  if (job.sweep === null) return []
  const { admits }: Sweep = await import(new URL(job.sweep, ROOT).href)
  return (function* () {
    for (const answer of admits())
      try {
        yield answer()
      } catch {
        yield THROWN
      }
  })()
}

/** Runs everything as it is: how long each test takes, and what the sound code admits. Null where a test fails. */
async function sound(): Promise<readonly number[] | null> {
  const { tests, endings } = await loadTests()
  const took = new Map<string, number>()
  for (const test of tests) {
    const begun = performance.now()
    const failed = await failing([test])
    if (failed !== null) {
      say({ kind: "broken", test: failed.test, why: String(failed.why) })
      return null
    }
    took.set(test.name, performance.now() - begun)
  }
  for (const ending of endings) await ending()
  order = [...took.keys()].sort((a, b) => (took.get(a) ?? 0) - (took.get(b) ?? 0))
  const admitted = [...(await swept())]
  anew = builtOn(target)
  say({ kind: "sound" })
  return admitted
}

/** The name of the test that sees this mutant, or null. What does not even load is seen at once. */
async function killerOf(): Promise<string | null> {
  try {
    const { tests, endings } = await loadTests()
    const failed = await failing(tests)
    for (const ending of endings) await ending()
    if (failed === null) return null
    order = [failed.test, ...order.filter((name) => name !== failed.test)]
    return failed.test
  } catch {
    return "loading"
  }
}

/** Whether the planted code admits in any case more than the sound one. What does not load admits nothing. */
async function opens(admitted: readonly number[]): Promise<boolean> {
  try {
    let at = 0
    for (const value of await swept()) if (value > (admitted[at++] ?? THROWN)) return true
    return false
  } catch {
    return false
  }
}

async function judge(number: number, { start, end, text }: Mutant, admitted: readonly number[]): Promise<void> {
  planted = { url: target, source: source.slice(0, start) + text + source.slice(end) }
  const killer = await killerOf()
  say({ kind: "tried", killer })
  say({ kind: "judged", number, killer, opens: await opens(admitted) })
}

const admitted = await sound()
if (admitted !== null)
  for (const [number, mutant] of mutantsOf(job.file, source).entries())
    if (number >= job.from) await judge(number, mutant, admitted)
process.exit()
