/**
 * How long somebody waits for `npm start` once everything is installed: from the command to a console page and an API that
 * answer, with keeper, database and all locks of the example up and everything they said shown.
 *
 * `seconds` is the first start, which makes the site, its twelve doors and its people; `seconds_again` the same building
 * the next morning.
 */
import { cpus } from "node:os"
import { setTimeout as later } from "node:timers/promises"
import { Building } from "./building.ts"
import { type Figure, median } from "./figure.ts"

const ROUNDS = 5
const ASK_AGAIN_MS = 10

type SiteFile = { readonly api: string }
type Health = { readonly status: string }

async function isUsable(origin: string): Promise<boolean> {
  const page = await fetch(`${origin}/`)
  const site = (await (await fetch(`${origin}/site.json`)).json()) as SiteFile
  const health = (await (await fetch(`${site.api}/health`)).json()) as Health
  return page.ok && health.status === "ok"
}

async function seconds(building: Building, begin: () => Promise<void>): Promise<number> {
  const from_ms = performance.now()
  await begin()
  while (!(await isUsable(building.origin))) await later(ASK_AGAIN_MS)
  return (performance.now() - from_ms) / 1000
}

export async function start(): Promise<Figure[]> {
  const first: number[] = []
  const again: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const building = new Building()
    try {
      first.push(await seconds(building, () => building.startNew()))
      await building.stop()
      again.push(await seconds(building, () => building.start()))
    } finally {
      await building.remove()
    }
  }
  const machine = `${cpus().length} cores, Node ${process.version}, the example office, page and health "ok", median`
  const figure = (name: string, samples: number[], words: string): Figure => {
    const value = Number(median(samples).toFixed(2))
    return { bench: "start", figure: name, value, unit: "s", n: samples.length, seed: 0, with: `${words}, ${machine}` }
  }
  return [figure("seconds", first, "first start"), figure("seconds_again", again, "started again")]
}
