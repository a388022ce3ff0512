/**
 * Made-up doors and what is done to them, from a seed: a stand-in for recordings of real doors, and no more than that.
 *
 * Every mounting is another one: how the sensor hangs, how noisy it is, how the leaf rings, how much of a blow arrives. The
 * figures are those of the project's table of the physics, most of them knowledge of the field and few of them measured on a
 * door. Whatever is counted on these windows says how detectors compare, not how they do at a real door.
 *
 * It also is the virtual accelerometer of the example building. Nothing in a lock uses it.
 */
import { assert } from "@holdfast/base"
import { AXES, SAMPLE_HZ, WINDOW_SAMPLES } from "./window.ts"

/** Numbers in [0, 1) that look random and repeat with the seed (xorshift). */
export type Chance = () => number

export function chanceFrom(seed: number): Chance {
  let state = (seed ^ 0x9e37_79b9) | 1
  for (let round = 0; round < 8; round++) state = scrambled(state)
  return () => {
    state = scrambled(state)
    return (state >>> 0) / 0x1_0000_0000
  }
}

function scrambled(state: number): number {
  let next = state ^ (state << 13)
  next ^= next >>> 17
  return next ^ (next << 5)
}

const between = (chance: Chance, low: number, high: number): number => low + (high - low) * chance()
/** Even over the orders of magnitude. */
const scaled = (chance: Chance, low: number, high: number): number => low * (high / low) ** chance()
/** Nearly normal, with mean 0 and deviation 1. */
function normal(chance: Chance): number {
  return (chance() + chance() + chance() + chance() - 2) * Math.sqrt(3)
}

type Vector = readonly [x: number, y: number, z: number]
type Mode = { readonly hz: number; readonly gain: number; readonly decay_s: number }

export type Mounting = {
  /** Through the leaf, along it and up, as the sensor sees them. */
  readonly through: Vector
  readonly along: Vector
  readonly up: Vector
  readonly modes: readonly Mode[]
  readonly noise_mg: number
  readonly hum_mg: number
  /** How much of a blow arrives at the lock. */
  readonly coupling: number
}

/** A door of wood or steel with one of three sensors in its lock. */
export function mountingFrom(chance: Chance): Mounting {
  const steel = chance() < 0.5
  const modes = Array.from({ length: 4 }, () => ({
    hz: steel ? scaled(chance, 80, 600) : scaled(chance, 40, 250),
    gain: between(chance, 0.2, 1),
    decay_s: between(chance, 0.05, 0.2),
  }))
  const noise_mg = pick(chance, [9.7, 3.9, 1.6])
  return { ...turned(chance), modes, noise_mg, hum_mg: between(chance, 0.2, 2), coupling: scaled(chance, 0.8, 1.25) }
}

function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const item = items[Math.floor(chance() * items.length)]
  assert(item !== undefined, "there is something to pick")
  return item
}

/** Three directions at right angles, from a random quaternion. */
function turned(chance: Chance): Pick<Mounting, "through" | "along" | "up"> {
  const [a, b, c, d] = [normal(chance), normal(chance), normal(chance), normal(chance)]
  const size = a * a + b * b + c * c + d * d
  assert(size > 0, "a turn has a size")
  const two = 2 / size
  return {
    through: [1 - two * (c * c + d * d), two * (b * c + a * d), two * (b * d - a * c)],
    along: [two * (b * c - a * d), 1 - two * (b * b + d * d), two * (c * d + a * b)],
    up: [two * (b * d + a * c), two * (c * d - a * b), 1 - two * (b * b + c * c)],
  }
}

/** What happens at a door in one moment: pushed through the leaf, ringing excited in it, and the lean of the case. */
type Moment = {
  readonly push_mg: number
  readonly ring_mg: number
  readonly noise_mg: number
  readonly lean_mg: number
}
type Course = (at_s: number) => Moment

const STILL: Moment = { push_mg: 0, ring_mg: 0, noise_mg: 0, lean_mg: 0 }
const STEP_S = 1 / SAMPLE_HZ

type Blow = { readonly at_s: number; readonly peak_mg: number; readonly contact_s: number; readonly ring: number }

/** Half-sine pushes. What is shorter than a sample shows as much less. */
function blowsAs(blows: readonly Blow[]): Course {
  return (at_s) => {
    let push_mg = 0
    let ring_mg = 0
    for (const { at_s: begins_s, peak_mg, contact_s, ring } of blows) {
      const since_s = at_s - begins_s
      if (since_s < 0 || since_s > contact_s + STEP_S) continue
      if (since_s < STEP_S) ring_mg += peak_mg * ring
      if (contact_s < STEP_S) push_mg += since_s < STEP_S ? (peak_mg * contact_s) / STEP_S : 0
      else push_mg += peak_mg * Math.max(0, Math.sin((Math.PI * since_s) / contact_s))
    }
    return { ...STILL, push_mg, ring_mg }
  }
}

/** Blows of one kind, one after the other from `begin_s` on. */
function row(
  chance: Chance,
  begin_s: number,
  count: number,
  pause_s: readonly [number, number],
  peak_mg: readonly [number, number],
  contact_s: readonly [number, number],
  ring: number,
): Blow[] {
  const strength = scaled(chance, ...peak_mg)
  let at_s = begin_s
  return Array.from({ length: count }, () => {
    const blow = { at_s, peak_mg: strength * between(chance, 0.7, 1.2), contact_s: between(chance, ...contact_s), ring }
    at_s += between(chance, ...pause_s)
    return blow
  })
}

const BEGIN_S = 0.5
const many = (chance: Chance, low: number, high: number): number => Math.floor(between(chance, low, high + 1))

/** Lines at the turning speed and its multiples, drifting with the feed, and the chatter of the edge. */
function drilling(chance: Chance, level_mg: number, lines: number, chatter: number): Course {
  const turning_hz = chance() < 0.6 ? between(chance, 17, 52) : between(chance, 12, 17)
  const drift = between(chance, 0.05, 0.15)
  const drift_hz = between(chance, 0.2, 1)
  const raw = [between(chance, 0.3, 1), between(chance, 0.6, 1.2), between(chance, 0.1, 0.6), between(chance, 0.1, 0.4)]
  const size = Math.sqrt(raw.reduce((sum, weight) => sum + (weight * weight) / 2, 0))
  const weights = raw.map((weight) => weight / size)
  let phase = 0
  return (at_s) => {
    if (at_s < BEGIN_S) return STILL
    phase += 2 * Math.PI * turning_hz * (1 + drift * Math.sin(2 * Math.PI * drift_hz * at_s)) * STEP_S
    const push_mg = weights.reduce((sum, weight, at) => sum + weight * Math.sin((at + 1) * phase), 0) * level_mg * lines
    return { ...STILL, push_mg, noise_mg: level_mg * chatter }
  }
}

/** Bursts of ringing at odd times. */
function bursts(chance: Chance, every_s: readonly [number, number], level_mg: readonly [number, number]): Course {
  const level = scaled(chance, ...level_mg)
  let next_s = BEGIN_S
  let until_s = 0
  let noise_mg = 0
  return (at_s) => {
    if (at_s >= next_s) {
      until_s = at_s + between(chance, 0.01, 0.08)
      noise_mg = level * between(chance, 0.3, 1)
      next_s = at_s + between(chance, ...every_s)
    }
    return at_s < until_s ? { ...STILL, noise_mg, ring_mg: 0 } : STILL
  }
}

/** Levering: the case leans and comes back, creaks on the way, and now and then something gives. */
function levering(chance: Chance): Course {
  const lean_mg = between(chance, 5, 60)
  const push_s = between(chance, 0.4, 2)
  const pause_s = between(chance, 0.3, 1.2)
  const creak_mg = scaled(chance, 80, 800)
  const releases = chance() < 0.85
  const creaks = bursts(chance, [0.05, 0.3], [creak_mg, creak_mg])
  const release_mg = between(chance, 3_000, 8_000)
  return (at_s) => {
    if (at_s < BEGIN_S) return STILL
    const round_s = push_s + pause_s
    const since_s = (at_s - BEGIN_S) % round_s
    if (since_s >= push_s) return STILL
    const lean = lean_mg * Math.min(1, (since_s / push_s) * 1.5)
    const gives = releases && since_s + STEP_S >= push_s
    return { ...creaks(at_s), lean_mg: lean, ring_mg: gives ? release_mg * 0.6 : 0 }
  }
}

/** A slow swing of the leaf about its hinges. */
function swinging(level_mg: number, hz: number, until_s: number): Course {
  return (at_s) => (at_s < until_s ? { ...STILL, push_mg: level_mg * Math.sin(2 * Math.PI * hz * at_s) } : STILL)
}

function tone(level_mg: number, hz: number, on: (at_s: number) => boolean): Course {
  return (at_s) => (on(at_s) ? { ...STILL, push_mg: level_mg * Math.SQRT2 * Math.sin(2 * Math.PI * hz * at_s) } : STILL)
}

function together(...courses: readonly Course[]): Course {
  return (at_s) => {
    const moments = courses.map((course) => course(at_s))
    const sum = (part: keyof Moment): number => moments.reduce((all, moment) => all + moment[part], 0)
    return { push_mg: sum("push_mg"), ring_mg: sum("ring_mg"), noise_mg: sum("noise_mg"), lean_mg: sum("lean_mg") }
  }
}

export const ATTACKS = ["drill", "percussion drill", "hammer", "pry", "kick"] as const
/** What must not alarm. */
export const NUISANCES = [
  "knock",
  "slam",
  "key rattle",
  "next door drills",
  "lawn mower",
  "lorry",
  "music",
  "child bangs",
  "trolley hits",
  "wind",
  "vacuum cleaner",
  "opened and closed",
] as const
export type Happening = (typeof ATTACKS)[number] | (typeof NUISANCES)[number]

const COURSES: Readonly<Record<Happening, (chance: Chance) => Course>> = {
  drill: (chance) => drilling(chance, scaled(chance, 50, 1_000), 1, between(chance, 0.15, 0.4)),
  "percussion drill": (chance) => drilling(chance, scaled(chance, 200, 2_000), 0.15, between(chance, 0.3, 0.5)),
  hammer: (chance) => blowsAs(row(chance, BEGIN_S, 12, [0.5, 2], [3_000, 30_000], [0.0005, 0.0015], 0.4)),
  pry: levering,
  kick: (chance) => blowsAs(row(chance, BEGIN_S, many(chance, 2, 6), [1, 3.3], [3_000, 15_000], [0.01, 0.03], 0.1)),
  knock: (chance) =>
    blowsAs([
      ...row(chance, BEGIN_S, many(chance, 2, 6), [0.15, 0.35], [200, 2_000], [0.001, 0.003], 0.15),
      ...(chance() < 0.3 ? row(chance, 5, many(chance, 2, 6), [0.15, 0.35], [200, 2_000], [0.001, 0.003], 0.15) : []),
    ]),
  slam: (chance) =>
    together(
      swinging(between(chance, 100, 400), between(chance, 0.3, 2), BEGIN_S + 1),
      blowsAs(row(chance, BEGIN_S + 1, 1, [1, 1], [2_000, 12_000], [0.002, 0.006], 0.3)),
    ),
  "key rattle": (chance) => bursts(chance, [0.05, 0.6], [20, 300]),
  "next door drills": (chance) =>
    drilling(chance, scaled(chance, 50, 1_000) * 10 ** (-between(chance, 20, 35) / 20), 1, between(chance, 0.15, 0.4)),
  "lawn mower": (chance) => tone(between(chance, 2, 15), between(chance, 45, 60), () => true),
  lorry: (chance) => {
    const until_s = between(chance, 2, 6)
    return tone(between(chance, 3, 20), between(chance, 5, 30), (at_s) => at_s > BEGIN_S && at_s < until_s)
  },
  music: (chance) => {
    const beat_s = between(chance, 0.4, 0.8)
    return tone(between(chance, 2, 20), between(chance, 40, 80), (at_s) => at_s % beat_s < 0.2)
  },
  "child bangs": (chance) =>
    blowsAs(row(chance, BEGIN_S, many(chance, 5, 30), [0.2, 1], [300, 2_500], [0.005, 0.01], 0.1)),
  "trolley hits": (chance) =>
    blowsAs(row(chance, BEGIN_S, many(chance, 1, 2), [0.2, 0.6], [1_000, 6_000], [0.01, 0.03], 0.1)),
  wind: (chance) =>
    together(
      swinging(between(chance, 10, 60), between(chance, 0.5, 3), Number.POSITIVE_INFINITY),
      bursts(chance, [0.2, 1.5], [30, 300]),
    ),
  "vacuum cleaner": (chance) =>
    together(
      blowsAs(row(chance, BEGIN_S, many(chance, 1, 6), [0.6, 3], [100, 800], [0.005, 0.02], 0.1)),
      tone(between(chance, 5, 20), 100, () => true),
    ),
  "opened and closed": (chance) =>
    together(
      swinging(between(chance, 100, 400), between(chance, 0.3, 2), BEGIN_S + 2),
      blowsAs(row(chance, BEGIN_S + 2, 1, [1, 1], [500, 3_000], [0.001, 0.005], 0.3)),
    ),
}

/** When the leaf comes to, for what moves it; else null. */
function leafClosesAt(happening: Happening): number | null {
  if (happening === "slam") return BEGIN_S + 1
  return happening === "opened and closed" ? BEGIN_S + 2 : null
}

export type Episode = {
  /** Windows as the sensor port takes them, one after the other from when it woke. */
  readonly windows: readonly Int16Array[]
  /** From the first thing that happened until the first window began. */
  readonly woke_ms: number
  /** How far into the windows the leaf closed; null where it never moved. */
  readonly leafClosed_ms: number | null
}

/**
 * A change above this, seen at 100 Hz (below 2 uA with the sparest sensor), starts the windows; at the 6 Hz of its sparest
 * mode most kicks would only wake it. What came before the fast filter settled is in no window.
 */
const WAKE_MG = 62
const WAKE_SAMPLES = SAMPLE_HZ / 100
const SETTLE_SAMPLES = 4
const RANGE_MG = 8_000
/** Building hum. */
const HUM_HZ = 100
/** The sensor's own filter before it samples. */
const FILTER_HZ = 180

/** One episode of at most `length_s` at one door. */
export function episodeOf(happening: Happening, mounting: Mounting, chance: Chance, length_s: number = 12): Episode {
  const samples = rendered(COURSES[happening](chance), mounting, chance, Math.floor(length_s * SAMPLE_HZ))
  const woke = wakeIn(samples, Math.floor(chance() * WAKE_SAMPLES))
  const windows: Int16Array[] = []
  const size = WINDOW_SAMPLES * AXES
  for (let at = woke * AXES; at + size <= samples.length; at += size) windows.push(samples.slice(at, at + size))
  const closes_s = leafClosesAt(happening)
  const woke_s = woke / SAMPLE_HZ
  return {
    windows,
    woke_ms: Math.max(0, Math.round((woke_s - BEGIN_S) * 1000)),
    leafClosed_ms: closes_s === null ? null : Math.round((closes_s - woke_s) * 1000),
  }
}

/** The first sample after the waking sensor saw motion and the fast filter settled. */
function wakeIn(samples: Int16Array, phase: number): number {
  const count = samples.length / AXES
  for (let at = phase + WAKE_SAMPLES; at < count; at += WAKE_SAMPLES) {
    const before = samples.subarray((at - WAKE_SAMPLES) * AXES)
    const now = samples.subarray(at * AXES, at * AXES + AXES)
    if (now.some((value, axis) => Math.abs(value - (before.at(axis) ?? value)) > WAKE_MG))
      return Math.min(count, at + SETTLE_SAMPLES)
  }
  return count
}

/** One mode of the leaf: a resonator that each ring strikes and noise keeps going. */
function resonator({ hz, gain, decay_s }: Mode): (ring_mg: number, noise_mg: number) => number {
  const kept = Math.exp(-STEP_S / decay_s)
  const turn = 2 * kept * Math.cos(2 * Math.PI * hz * STEP_S)
  const passes = gain / Math.sqrt(1 + (hz / FILTER_HZ) ** 8)
  const driven = Math.sqrt(1 - kept * kept)
  let last = 0
  let before = 0
  return (ring_mg, noise_mg) => {
    const next = turn * last - kept * kept * before + passes * (ring_mg + driven * noise_mg)
    before = last
    last = next
    return next
  }
}

function rendered(course: Course, mounting: Mounting, chance: Chance, count: number): Int16Array {
  const { through, along, up, coupling, hum_mg, noise_mg: sensor_mg } = mounting
  const modes = mounting.modes.map(resonator)
  const samples = new Int16Array(count * AXES)
  const aside = between(chance, 0.1, 0.4)
  for (let at = 0; at < count; at++) {
    const { push_mg, ring_mg, noise_mg, lean_mg } = course(at * STEP_S)
    const shaking_mg = noise_mg === 0 ? 0 : noise_mg * normal(chance)
    const rings = modes.reduce((sum, mode) => sum + mode(ring_mg * coupling, shaking_mg), 0)
    const hum = hum_mg * Math.sin(2 * Math.PI * HUM_HZ * at * STEP_S)
    const out = push_mg * coupling + rings + hum + shaking_mg * 0.3 + lean_mg
    for (let axis = 0; axis < AXES; axis++) {
      const value = (through.at(axis) ?? 0) * out + (along.at(axis) ?? 0) * out * aside + (up.at(axis) ?? 0) * 1_000
      const read = Math.round(value + sensor_mg * normal(chance))
      samples[at * AXES + axis] = Math.max(-RANGE_MG, Math.min(RANGE_MG, read))
    }
  }
  return samples
}
