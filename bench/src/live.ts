/**
 * From a lock's turn to the pixel: how long until the console's live page shows what has just happened at a door.
 *
 * A real building in its processes and a real browser on the page. The clock starts before the virtual world is told to
 * press the exit button, so it counts the whole turn of the lock, and stops after the frame in which the record's row was
 * painted: lock, batch, MQTT, keeper with its fsync and checkpoint, database, event stream, page. The button and not a card,
 * since whom a card opens for depends on the hour, and a refused card is soon throttled. Doors take turns, each one quiet
 * again before its next press.
 */
import { cpus } from "node:os"
import { setTimeout as later } from "node:timers/promises"
import { assert } from "@holdfast/base"
import type { Browser, Page } from "playwright-core"
import { launchBrowser } from "./browser.ts"
import { Building } from "./building.ts"
import { type Figure, percentile } from "./figure.ts"

const SAMPLES = 120
const WARM_UP = 12
/** Twelve doors at this pace give each one over eight seconds: bolt thrown again, and reported. */
const PACE_MS = 700
const SEEN_MS_MAX = 10_000

type World = { readonly origin: string; readonly token: string }

/**
 * Runs in the page. `seen(door)` resolves with the time after the frame that painted the next new row about the door.
 * A message that is posted in an animation frame is heard after that frame was painted.
 */
const WATCH = `
  const waiting = new Map()
  const told = (row) => {
    for (const [door, done] of waiting)
      if (row.querySelector('a[href="/doors/' + door + '"]')) {
        waiting.delete(door)
        requestAnimationFrame(() => {
          const channel = new MessageChannel()
          channel.port1.onmessage = () => done(performance.timeOrigin + performance.now())
          channel.port2.postMessage(null)
        })
      }
  }
  new MutationObserver((changes) => {
    for (const change of changes)
      for (const node of change.addedNodes)
        if (node instanceof Element)
          for (const row of node.matches("tr") ? [node] : node.querySelectorAll("tr")) told(row)
  }).observe(document.body, { childList: true, subtree: true })
  globalThis.seen = (door) => new Promise((done) => waiting.set(door, done))
`

async function signIn(page: Page, link: string): Promise<void> {
  await page.goto(link)
  await page.getByLabel("Your name").fill("Bench")
  await page.getByRole("button", { name: "Use a key in this browser" }).click()
  await page.getByLabel("I have the file in a safe place").check()
  await page.getByRole("button", { name: "Go on and sign in" }).click()
  await page.getByRole("button", { name: "Sign in with the key in this browser" }).click()
  await page
    .getByText(/log verified/)
    .first()
    .waitFor()
}

async function ask(world: World, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" }
  const answer = await fetch(world.origin + path, {
    headers,
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
  })
  return answer.json()
}

async function worldOf(origin: string): Promise<World> {
  const { world } = (await (await fetch(`${origin}/site.json`)).json()) as { readonly world: World | null }
  assert(world !== null, "an example building tells its world to callers on this machine")
  return world
}

/** The page did not show it. */
class NotSeenError extends Error {
  override readonly name = "NotSeenError"
}

/** One press at one door: the milliseconds until it is painted. */
async function sample(page: Page, world: World, door: string): Promise<number> {
  const seen = page.evaluate(`seen(${JSON.stringify(door)})`)
  await page.evaluate("null") // The page watches before the button is pressed.
  const from_ms = performance.timeOrigin + performance.now()
  await ask(world, `/doors/${door}/act`, { act: "exit" })
  const at_ms = await Promise.race([seen, later(SEEN_MS_MAX, null)])
  if (at_ms === null) throw new NotSeenError(`nothing was shown of door ${door} within ${SEEN_MS_MAX} ms`)
  return Number(at_ms) - from_ms
}

async function measure(building: Building, browser: Browser): Promise<number[]> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await signIn(page, building.link)
  await page.evaluate(WATCH)
  const world = await worldOf(building.origin)
  const doors = (await ask(world, "/doors")) as readonly { readonly door: string }[]
  const samples: number[] = []
  for (let index = 0; index < WARM_UP + SAMPLES; index++) {
    const door = doors[index % doors.length]
    assert(door !== undefined, "the example has doors")
    const [took_ms] = await Promise.all([sample(page, world, door.door), later(PACE_MS)])
    if (index >= WARM_UP) samples.push(took_ms)
  }
  return samples
}

export async function live(): Promise<Figure[]> {
  const building = new Building()
  const browser = await launchBrowser()
  try {
    await building.startNew()
    const samples = await measure(building, browser)
    const common = { bench: "live", unit: "ms", n: samples.length, seed: 0 }
    const words = `${browser.browserType().name()} ${browser.version()}, ${cpus().length} cores, Node ${process.version}, world port to painted row`
    const figure = (name: string, share: number): Figure => {
      return { ...common, figure: name, value: Math.round(percentile(samples, share)), with: words }
    }
    return [figure("p95_ms", 0.95), figure("p50_ms", 0.5)]
  } finally {
    await browser.close()
    await building.remove()
  }
}
