/**
 * From a card at the reader to the motor's command, through the whole board process: what a person at the door waits.
 *
 * A real building in its processes. The clock starts before the virtual world is told to hold a card to a reader and stops
 * when the world tells that the reader shows "granted", which the board does right after it commanded the motor; so both ways
 * of the world's port are counted too. The bolt is thrown before each tap. Half of the taps come with the network, half after
 * it was cut at every door. Which cards open which doors at this hour is tried out first.
 */
import { assert } from "@holdfast/base"
import { cpus } from "node:os"
import { setTimeout as later } from "node:timers/promises"
import { Building } from "./building.ts"
import { type Figure, percentile } from "./figure.ts"

const SAMPLES = 100
const WARM_UP = 10
/** The reader's light goes out within this time. */
const SIGNAL_MS_MAX = 3_000
const THROWN_MS_MAX = 60_000

type Site = { readonly world: { readonly origin: string; readonly token: string } | null }
type DoorNews = { readonly door: string; readonly signal: string; readonly bolt: string }
type Pair = { readonly door: string; readonly card: string }

/** The world's port: acts in, doors' changes out. */
class World {
  readonly #origin: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #doors = new Map<string, DoorNews>()
  readonly #heard = new Set<(news: DoorNews) => void>()
  readonly #end = new AbortController()

  constructor({ world }: Site) {
    assert(world !== null, "an example building tells its world to callers on this machine")
    this.#origin = world.origin
    this.#headers = { authorization: `Bearer ${world.token}`, "content-type": "application/json" }
  }

  async listen(): Promise<void> {
    const answer = await fetch(`${this.#origin}/live`, { headers: this.#headers, signal: this.#end.signal })
    assert(answer.body !== null, "a stream has a body")
    this.#read(answer.body).catch(() => undefined) // It ends when the bench is over.
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let text = ""
    for await (const part of body) {
      text += decoder.decode(part, { stream: true })
      const events = text.split("\n\n")
      text = events.pop() ?? ""
      for (const event of events) this.#hear(JSON.parse(event.slice(event.indexOf("data: ") + 6)))
    }
  }

  #hear(news: DoorNews): void {
    this.#doors.set(news.door, news)
    for (const each of this.#heard) each(news)
  }

  close(): void {
    this.#end.abort()
  }

  /** Answers when the door's bolt is thrown and its reader shows nothing. */
  async rested(door: string): Promise<void> {
    const rests = (): boolean => {
      const news = this.#doors.get(door)
      return news?.bolt === "thrown" && news.signal === "idle"
    }
    const rested = Promise.withResolvers<boolean>()
    const heard = (): void => (rests() ? rested.resolve(true) : undefined)
    this.#heard.add(heard)
    heard()
    const inTime = await Promise.race([rested.promise, later(THROWN_MS_MAX, false)])
    this.#heard.delete(heard)
    assert(inTime, "a door locks again behind whoever it let in")
  }

  async act(door: string, act: object): Promise<void> {
    const request = { method: "POST", headers: this.#headers, body: JSON.stringify(act) }
    const answer = await fetch(`${this.#origin}/doors/${door}/act`, request)
    assert(answer.ok, "the world knows its doors and acts")
  }

  async names(path: "doors" | "cards", name: "door" | "card"): Promise<readonly string[]> {
    const listed = (await (await fetch(`${this.#origin}/${path}`, { headers: this.#headers })).json()) as object[]
    return listed.map((each) => String(new Map(Object.entries(each)).get(name)))
  }

  /** Holds the card to the reader; the milliseconds until it shows "granted", or null for any other answer. */
  async tap({ door, card }: Pair): Promise<number | null> {
    const answer = Promise.withResolvers<number | null>()
    const from_ms = performance.now()
    const heard = (news: DoorNews): void => {
      if (news.door !== door || (news.signal !== "granted" && news.signal !== "denied")) return
      answer.resolve(news.signal === "granted" ? performance.now() - from_ms : null)
    }
    this.#heard.add(heard)
    await this.act(door, { act: "present", card })
    const took_ms = await Promise.race([answer.promise, later(SIGNAL_MS_MAX, null)])
    this.#heard.delete(heard)
    return took_ms
  }
}

/** One card for each door that opens now to any. */
async function openings(world: World): Promise<readonly Pair[]> {
  const [doors, cards] = [await world.names("doors", "door"), await world.names("cards", "card")]
  const pairs = await Promise.all(
    doors.map(async (door) => {
      for (const card of cards) {
        if ((await world.tap({ door, card })) !== null) return [{ door, card }]
        await world.rested(door)
      }
      return []
    }),
  )
  return pairs.flat()
}

async function taps(world: World, pairs: readonly Pair[]): Promise<number[]> {
  const samples: number[] = []
  for (let at = 0; at < SAMPLES + WARM_UP; at++) {
    const pair = pairs[at % pairs.length]
    assert(pair !== undefined, "some door opens to some card at any hour")
    await world.rested(pair.door)
    const took_ms = await world.tap(pair)
    assert(took_ms !== null, "who was let in before is let in again")
    if (at >= WARM_UP) samples.push(took_ms)
  }
  return samples
}

export async function tap(): Promise<Figure[]> {
  const building = new Building()
  try {
    await building.startNew()
    const world = new World((await (await fetch(`${building.origin}/site.json`)).json()) as Site)
    await world.listen()
    const pairs = await openings(world)
    const online = await taps(world, pairs)
    for (const { door } of pairs) await world.act(door, { act: "link", on: false })
    const offline = await taps(world, pairs)
    world.close()
    const words = `${pairs.length} doors, world port to "granted", ${cpus().length} cores, Node ${process.version}`
    const figure = (name: string, samples: number[], share: number): Figure => ({
      bench: "tap",
      figure: name,
      value: Math.round(percentile(samples, share) * 10) / 10,
      unit: "ms",
      n: samples.length,
      seed: 0,
      with: words,
    })
    const all = [...online, ...offline]
    return [
      figure("p95_ms", all, 0.95),
      figure("p99_ms", all, 0.99),
      figure("p95_ms_online", online, 0.95),
      figure("p95_ms_offline", offline, 0.95),
    ]
  } finally {
    await building.remove()
  }
}
