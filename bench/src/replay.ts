/**
 * How long a badge log takes to be lived again by real locks, keeper and ledger, as the command itself says it.
 *
 * The example's log always, and the file that HOLDFAST_BADGE_LOG names, where it names one (the VAST Challenge 2016 log of
 * 29,763 rows is the one the bound is about).
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Figure, median } from "./figure.ts"

const REPLAY = fileURLToPath(new URL("../../sim/src/replay-main.ts", import.meta.url))
const EXAMPLE = fileURLToPath(new URL("../../examples/badges.csv", import.meta.url))
const ROUNDS = 5

/** The replay did not end well; the message is what it printed. */
class ReplayError extends Error {
  override readonly name = "ReplayError"
}

type Counts = { readonly rows: number; readonly journal_records: number; readonly seconds: number }

async function replayOnce(file: string): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"))
  const words = [REPLAY, file, "--data", join(folder, "data")]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] })
  let [out, err] = ["", ""]
  child.stdout.on("data", (part: Buffer) => {
    out += part.toString()
  })
  child.stderr.on("data", (part: Buffer) => {
    err += part.toString()
  })
  const [code] = (await once(child, "close")) as [number | null]
  rmSync(folder, { recursive: true, force: true })
  if (code !== 0) throw new ReplayError(err)
  return JSON.parse(out) as Counts
}

async function measure(file: string): Promise<Figure> {
  const samples: number[] = []
  let counts: Counts = { rows: 0, journal_records: 0, seconds: 0 }
  for (let round = 0; round < ROUNDS; round++) {
    counts = await replayOnce(file)
    samples.push(counts.seconds)
  }
  const { rows, journal_records } = counts
  return {
    bench: "replay",
    figure: "seconds",
    value: median(samples),
    unit: "s",
    n: ROUNDS,
    seed: 0,
    with: `${basename(file)}: ${rows} rows, ${journal_records} journal records, ${cpus().length} cores, Node ${process.version}, median`,
  }
}

export async function replay(): Promise<Figure[]> {
  const named = process.env["HOLDFAST_BADGE_LOG"] ?? ""
  const files = named === "" ? [EXAMPLE] : [EXAMPLE, named]
  const figures: Figure[] = []
  for (const file of files) figures.push(await measure(file))
  return figures
}
