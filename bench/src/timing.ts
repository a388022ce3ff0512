/**
 * Whether the time that the lock takes tells what was typed: Welch's t between two kinds of entries (attacks 27, 36, 37, 41).
 *
 * Method: dudect (Reparaz, Balasch, Verbauwhede 2017). For each sample a coin with a seed picks one of the two kinds, a lock
 * is brought to where all digits are typed, and the one turn that follows the enter key is timed, to its end: a board carries
 * out effects only then, so nothing can be seen at the door before. Thresholds drawn from both kinds together crop the slow
 * tail; the |t| printed is the largest of all crops. Below 4.5 no difference was found.
 *
 *   wrong, right PIN      after one's own card, by somebody whose right has ended: both are refused. Where a right PIN opens,
 *                         the door itself tells, and there is nothing to compare.
 *   unknown, known        a code of nobody's, one of somebody's whose right has ended: both are refused
 *   locked out, not       a wrong code at a keypad that has to wait, or that takes one try more: both are refused
 *   wrong, right PIN      again at a keypad that has to wait, where the right one is somebody's who may pass: both are refused
 *   duress, normal        one person's two codes: both open
 *
 * That the work is the same is counted in `core/lock/test/apart/equal-work.test.ts`; this is how long it takes.
 * It measures this processor and this language's machine, in core alone. No figure here is a promise for another board.
 */
import { defaultConfig, type FactorsWord, type Policy, type Secret } from "@holdfast/access/door"
import { assert, concat, idOf, unixSeconds, type Uptime, uptime } from "@holdfast/base"
import { boot, type Effect, type Input, type Lock, turn } from "@holdfast/lock"
import { cardAnswers, cardKey, encodeCardFile, virtualCard } from "@holdfast/lock/devices"
import { nodeCrypto } from "@holdfast/port-node"
import { chance } from "./chance.ts"
import { BEGAN_S, beaconFor, type Delivered, deliveryOf, door, numbered, pairing, site, u32 } from "./delivery.ts"
import { type Figure, median } from "./figure.ts"

const SEED = 20_261_122
const ROUNDS = 5
const SAMPLES = 10_000
const WARM_UP = 2_000
const PEOPLE = 100
const CROPS = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1] as const
const MASTER = new Uint8Array(16).fill(0x42)
const NOW: Uptime = uptime(1_000)

const uidOf = (index: number): Uint8Array => concat(Uint8Array.of(4, 1, 2), numbered(index, 0).slice(0, 4))
const keyOf = (index: number): Uint8Array => cardKey(nodeCrypto, MASTER, uidOf(index), 0, site)
const codeOf = (index: number): string => String(100_000 + 7 * index)
const duressOf = (index: number): string => String(500_000 + 7 * index)
/** Between two codes that somebody has. */
const nobodysOf = (index: number): string => String(100_003 + 7 * index)

/** Everybody has a card, a code and one for duress; the right of every second has ended. */
function buildingOf(factors: FactorsWord): Delivered {
  const people = Array.from({ length: PEOPLE }, (_, index) => index)
  const row = (index: number, kind: number): Uint8Array =>
    concat(numbered(2 * index + kind - 1, 0xc0), u32(index), Uint8Array.of(kind, 0, 0, 0))
  const until = (index: number): number => (index % 2 === 0 ? 0xffff_ffff : BEGAN_S - 60)
  const policy: Policy = {
    site,
    door,
    config: { ...defaultConfig("UTC"), modes: [{ schedule: null, factors }] },
    schedules: [],
    credentials: concat(...people.flatMap((index) => [row(index, 1), row(index, 2)])),
    grants: concat(...people.map((index) => u32(index, 0xffff_0000, 0, until(index)))),
    people: concat(...people.map((index) => numbered(index, 0xa0))),
    phones: new Uint8Array(0),
    grantIds: numbered(0, 0x90),
    deniers: [],
    actors: [],
    denials: [],
    compiledAt: unixSeconds(BEGAN_S),
    tzdata: "2026b",
    origins: ["https://doors.example.com"],
    rpId: "doors.example.com",
  }
  const secrets = people.flatMap((index): Secret[] => [
    { kind: "card", credential: idOf(numbered(2 * index, 0xc0)), uid: uidOf(index), key: keyOf(index) },
    { kind: "pin", credential: idOf(numbered(2 * index + 1, 0xc0)), pin: codeOf(index), duress: duressOf(index) },
  ])
  return { policy, secrets }
}

type Step = { readonly lock: Lock; readonly effects: readonly Effect[] }

function after(lock: Lock, input: Input): Step {
  const taken = turn(lock, NOW, input, nodeCrypto)
  return { lock: taken.state, effects: taken.effects }
}

/** A lock that holds the policy and knows the time, and whose line is down since. */
function lockOf(factors: FactorsWord): Lock {
  const stored = { parts: new Map(), records: [] }
  let lock = boot(pairing, stored, new Uint8Array(32).fill(7), NOW, nodeCrypto).state
  lock = after(lock, { kind: "bolt sensed", bolt: "thrown" }).lock
  lock = after(lock, { kind: "door sensed", door: "closed" }).lock
  const greeted = after(lock, { kind: "linked" })
  lock = greeted.lock
  for (const effect of greeted.effects)
    if (effect.kind === "send" && effect.message.kind === "hello") {
      const message = beaconFor(effect.message.nonce, BEGAN_S * 1000 + NOW)
      lock = after(lock, { kind: "message", message }).lock
    }
  for (const message of deliveryOf(buildingOf(factors))) lock = after(lock, { kind: "message", message }).lock
  assert(lock.active !== null && lock.lease !== null, "the lock took its policy and its lease")
  return after(lock, { kind: "unlinked" }).lock
}

function typed(lock: Lock, code: string): Lock {
  let next = lock
  for (const digit of code) next = after(next, { kind: "key", key: { press: "digit", digit: Number(digit) } }).lock
  return next
}

const ENTER: Input = { kind: "key", key: { press: "enter" } }

function entered(lock: Lock, code: string): Lock {
  return after(typed(lock, code), ENTER).lock
}

/** The lock after this person's card proved itself, waiting for the code. */
function shown(lock: Lock, index: number): Lock {
  const file = encodeCardFile({ credential: idOf(numbered(2 * index, 0xc0)), epoch: 1 })
  let card = virtualCard(uidOf(index), new Map([[0, keyOf(index)]]), file)
  let step = after(lock, { kind: "card presented", uid: uidOf(index) })
  for (;;) {
    const asked = step.effects.find((effect) => effect.kind === "card send")
    if (asked === undefined) return step.lock
    const answered = cardAnswers(card, asked.bytes, nodeCrypto.sha256(asked.bytes).slice(0, 20), nodeCrypto)
    card = answered.card
    step = after(step.lock, { kind: "card answered", bytes: answered.answer })
  }
}

/** One comparison: for the person of this number, the lock with all typed but the enter key. */
type Pair = {
  readonly figure: string
  readonly answer: "denied" | "granted"
  prepare(index: number, isFirst: boolean): Lock
}

const mayPass = (index: number): number => index - (index % 2)
const mayNoLonger = (index: number): number => mayPass(index) + 1

function pairs(): readonly Pair[] {
  const both = lockOf("card and pin")
  const carded = Array.from({ length: PEOPLE }, (_, index) => shown(both, index))
  const keypad = lockOf("pin")
  const twice = entered(entered(keypad, "999999"), "999999")
  const waiting = entered(twice, "999999")
  const free = after(twice, { kind: "mechanical key turned" }).lock // As many records as the other.
  return [
    {
      figure: "t_wrong_right_pin",
      answer: "denied",
      prepare(index, isFirst) {
        const who = mayNoLonger(index)
        return typed(carded[who] ?? both, (isFirst ? nobodysOf : codeOf)(who))
      },
    },
    {
      figure: "t_unknown_known",
      answer: "denied",
      prepare: (index, isFirst) => typed(keypad, (isFirst ? nobodysOf : codeOf)(mayNoLonger(index))),
    },
    {
      figure: "t_locked_out_not",
      answer: "denied",
      prepare: (index, isFirst) => typed(isFirst ? waiting : free, nobodysOf(index)),
    },
    {
      figure: "t_wrong_right_locked_out",
      answer: "denied",
      prepare: (index, isFirst) => typed(waiting, (isFirst ? nobodysOf : codeOf)(mayPass(index))),
    },
    {
      figure: "t_duress_normal",
      answer: "granted",
      prepare: (index, isFirst) => typed(keypad, (isFirst ? duressOf : codeOf)(mayPass(index))),
    },
  ]
}

type Sample = { readonly isFirst: boolean; readonly ns: number }

/** At least {@link SAMPLES} of each kind, in the order of the coin. */
function measure(pair: Pair, random: () => number): readonly Sample[] {
  const samples: Sample[] = []
  const counts = [0, 0]
  for (let count = 0; Math.min(...counts) < SAMPLES; count++) {
    const isFirst = random() < 0.5
    const lock = pair.prepare(Math.floor(random() * PEOPLE), isFirst)
    const began = process.hrtime.bigint()
    const taken = turn(lock, NOW, ENTER, nodeCrypto)
    const ns = Number(process.hrtime.bigint() - began)
    assert(
      taken.effects.some((effect) => effect.kind === "show" && effect.signal === pair.answer),
      "both kinds get one answer",
    )
    if (count < WARM_UP) continue
    samples.push({ isFirst, ns })
    counts[isFirst ? 0 : 1] = (counts[isFirst ? 0 : 1] ?? 0) + 1
  }
  return samples
}

/** Welch's t: how far apart two means are, in units of what chance would part them by. */
function welch(a: readonly number[], b: readonly number[]): number {
  const moments = (values: readonly number[]): { readonly mean: number; readonly error: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return { mean, error: squares / (values.length - 1) / values.length }
  }
  const [first, second] = [moments(a), moments(b)]
  return (first.mean - second.mean) / Math.sqrt(first.error + second.error)
}

/** The largest |t| of all crops; a threshold is one and the same for both kinds. */
function largestT(samples: readonly Sample[]): number {
  const sorted = samples.map(({ ns }) => ns).sort((a, b) => a - b)
  const ts = CROPS.map((share) => {
    const threshold = sorted[Math.ceil(sorted.length * share) - 1]
    assert(threshold !== undefined, "there are samples")
    const kept = samples.filter(({ ns }) => ns <= threshold)
    const of = (isFirst: boolean): number[] => kept.filter((each) => each.isFirst === isFirst).map(({ ns }) => ns)
    return Math.abs(welch(of(true), of(false)))
  })
  return Math.max(...ts)
}

/** Figures of `npm run bench -- timing`. */
export async function timing(): Promise<Figure[]> {
  const random = chance(SEED)
  return pairs().map((pair) => {
    const rounds = Array.from({ length: ROUNDS }, () => largestT(measure(pair, random)))
    const value = Math.round(median(rounds) * 100) / 100
    const spread = rounds.map((t) => t.toFixed(1)).join(", ")
    const setting = `largest |t| of ${CROPS.length} crops, median of rounds ${spread}, Node ${process.version}, ${process.arch}`
    return { bench: "timing", figure: pair.figure, value, unit: "|t|", n: 2 * SAMPLES, seed: SEED, with: setting }
  })
}
