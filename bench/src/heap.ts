/**
 * How much memory the core of a lock takes: core/lock and access/door, bundled, in QuickJS with a policy of 500 people.
 *
 * The lock really works: it boots, takes policy, secrets and lease, and then people come with cards and codes until 1,000
 * turns are over; batches are signed and receipts come back. Cryptography is the host's. What is printed is QuickJS's own
 * `memory_used_size` after a collection; its memory limit hardly counts small allocations and is no figure.
 */
import { defaultConfig, type Policy, type Secret } from "@holdfast/access/door"
import { assert, concat, idOf, unixMillis, unixSeconds } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { encodeEntry, encodeReceipt, leafHash } from "@holdfast/ledger"
import { type Effect, encodeAdmittedAt, type Input, type Message } from "@holdfast/lock"
import { cardAnswers, cardKey, encodeCardFile, virtualCard } from "@holdfast/lock/devices"
import { nodeCrypto } from "@holdfast/port-node"
import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten"
import {
  BEGAN_S,
  beaconFor,
  checkpointOf,
  type Delivered,
  deliveryOf,
  door,
  journal,
  numbered,
  pairing,
  site,
  u32,
} from "./delivery.ts"
import type { Figure } from "./figure.ts"
import { lendCrypto } from "./lend-crypto.ts"
import { type Portable, portable } from "./portable.ts"
import { type SmallEngine, smallEngine } from "./small-engine.ts"

const SEED = 20_261_122
const PEOPLE = 500
const TURNS = 1_000
const master = new Uint8Array(16).fill(0x42)

const uidOf = (index: number): Uint8Array => concat(Uint8Array.of(4, 1, 2), numbered(index, 0).slice(0, 4))
const hasCode = (index: number): boolean => index % 10 === 0
const codeOf = (index: number): string => String(100_000 + 7 * index)

/** A card for each and a code for every tenth; half of the people by hours, the others always. */
function policyOf(): Delivered {
  const people = Array.from({ length: PEOPLE }, (_, index) => index)
  const credentials = people.flatMap((index) => [
    concat(numbered(2 * index, 0xc0), u32(index), Uint8Array.of(1, 0, 0, 0)),
    ...(hasCode(index) ? [concat(numbered(2 * index + 1, 0xc0), u32(index), Uint8Array.of(2, 0, 0, 0))] : []),
  ])
  const grants = people.map((index) =>
    concat(u32(index), u32((index % 2 === 0 ? 0xffff : 0) * 0x1_0000 + (index % 8)), u32(0, 0xffff_ffff)),
  )
  const workdays = Array.from({ length: 400 }, (_, day) => day).filter((day) => day % 7 < 5)
  const days = workdays.map((day) => u32(BEGAN_S + 86_400 * day, BEGAN_S + 86_400 * day + 36_000))
  const policy: Policy = {
    site,
    door,
    config: { ...defaultConfig("Europe/Berlin"), modes: [{ schedule: null, factors: "card or pin" }] },
    schedules: [concat(...days)],
    credentials: concat(...credentials),
    grants: concat(...grants),
    people: concat(...people.map((index) => numbered(index, 0xa0))),
    phones: new Uint8Array(0),
    grantIds: concat(...Array.from({ length: 8 }, (_, index) => numbered(index, 0x90))),
    ...{ deniers: [], actors: [], denials: [] },
    compiledAt: unixSeconds(BEGAN_S),
    tzdata: "2026b",
    origins: ["https://doors.example.com"],
    rpId: "doors.example.com",
  }
  const secrets = people.flatMap((index): Secret[] => {
    const uid = uidOf(index)
    const card: Secret = {
      kind: "card",
      credential: idOf(numbered(2 * index, 0xc0)),
      uid,
      key: cardKey(nodeCrypto, master, uid, 0, site),
    }
    if (!hasCode(index)) return [card]
    return [card, { kind: "pin", credential: idOf(numbered(2 * index + 1, 0xc0)), pin: codeOf(index) }]
  })
  return { policy, secrets }
}

const BYTES = "bytes:"
const spelled = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? BYTES + toHex(value) : value)
const revived = (_key: string, value: unknown): unknown =>
  typeof value === "string" && value.startsWith(BYTES) ? fromHex(value.slice(BYTES.length)) : value

/** The lock in its small machine, and around it a reader, a motor and a courier that answer at once. */
class SmallBoard {
  readonly #vm: QuickJSContext
  readonly #loader: Loader
  #depth = 0
  turns = 0
  now_ms = 0
  opened = 0
  bolt: "thrown" | "drawn" = "thrown"
  #held: { uid: Uint8Array; card: ReturnType<typeof virtualCard> } | null = null

  constructor(vm: QuickJSContext, loader: Loader) {
    this.#vm = vm
    this.#loader = loader
  }

  call(name: "begin" | "step", ...given: readonly (number | string)[]): string {
    const vm = this.#vm
    const called = vm.getProp(vm.global, name)
    const handles = given.map((each) => (typeof each === "number" ? vm.newNumber(each) : vm.newString(each)))
    const answered = vm.unwrapResult(vm.callFunction(called, vm.undefined, ...handles))
    const text = vm.getString(answered)
    for (const handle of [called, answered, ...handles]) handle.dispose()
    return text
  }

  follow(text: string): void {
    const effects: readonly Effect[] = JSON.parse(text, revived)
    for (const effect of effects) this.#followOne(effect)
  }

  input(input: Input): void {
    this.turns++
    this.now_ms += 20
    this.#depth++
    this.follow(this.call("step", this.now_ms, JSON.stringify(input, spelled)))
    if (--this.#depth === 0) this.#loader.letGo() // All that follows at once is done: the board sleeps.
  }

  #followOne(effect: Effect): void {
    if (effect.kind === "drive" && effect.drive !== "stop") {
      if (effect.drive === "draw") this.opened++
      this.bolt = effect.drive === "draw" ? "drawn" : "thrown"
      this.input({ kind: "bolt sensed", bolt: this.bolt })
    } else if (effect.kind === "card send" && this.#held !== null) {
      const chance = nodeCrypto.sha256(effect.bytes).slice(0, 20)
      const answered = cardAnswers(this.#held.card, effect.bytes, chance, nodeCrypto)
      this.#held = { ...this.#held, card: answered.card }
      this.input({ kind: "card answered", bytes: answered.answer })
    } else if (effect.kind === "sign batch")
      this.input({ kind: "batch signed", signature: journal.sign(effect.bytes), openings: effect.openings })
    else if (effect.kind === "send") this.#answer(effect.message)
  }

  #answer(message: Extract<Effect, { kind: "send" }>["message"]): void {
    const at_ms = BEGAN_S * 1000 + this.now_ms
    if (message.kind === "hello") {
      this.hear(beaconFor(message.nonce, at_ms))
    }
    if (message.kind !== "batch") return
    const entry = encodeEntry({ type: 16, admittedAt: unixMillis(at_ms), bytes: message.entry })
    const checkpoint = checkpointOf(`${site}/events/2026Q4`, leafHash(nodeCrypto, entry))
    const extra = encodeAdmittedAt(at_ms)
    this.hear({ kind: "receipt", receipt: encodeReceipt({ extra, index: 0, proof: [], checkpoint }) })
  }

  hear(message: Message): void {
    this.input({ kind: "message", message })
  }

  present(index: number): void {
    const uid = uidOf(index)
    const file = encodeCardFile({ credential: idOf(numbered(2 * index, 0xc0)), epoch: 1 })
    const card = virtualCard(uid, new Map([[0, cardKey(nodeCrypto, master, uid, 0, site)]]), file)
    this.#held = { uid, card }
    this.input({ kind: "card presented", uid })
  }

  type(code: string): void {
    for (const digit of code) this.input({ kind: "key", key: { press: "digit", digit: Number(digit) } })
    this.input({ kind: "key", key: { press: "enter" } })
  }

  walkThrough(): void {
    this.input({ kind: "door sensed", door: "open" })
    this.input({ kind: "door sensed", door: "closed" })
  }
}

function usedNow(vm: QuickJSContext): number {
  const usage = vm.runtime.computeMemoryUsage()
  const size = vm.getProp(usage, "memory_used_size")
  const bytes = vm.getNumber(size)
  size.dispose()
  usage.dispose()
  return bytes
}

/** Bytes in use right after a collection. */
function usedBytes({ vm, collect }: SmallEngine): number {
  collect()
  return usedNow(vm)
}

/**
 * Lets the guest call scripts in by their number: the functions that a script left. The last one stays until another is
 * wanted or the board goes to sleep, so that the four answers of one card take one load.
 */
class Loader {
  readonly #engine: SmallEngine
  readonly #scripts: readonly string[]
  #held: { readonly number: number; readonly part: QuickJSHandle } | null = null
  /** The most that was in use right after a load, and how long the longest took, by the script's number. */
  readonly peaks: number[] = []
  readonly loads_ms: number[] = []

  constructor(engine: SmallEngine, scripts: readonly string[]) {
    this.#engine = engine
    this.#scripts = scripts
    const { vm } = engine
    const callIn = vm.newFunction("callIn", (number) => this.#part(vm.getNumber(number)).dup())
    vm.setProp(vm.global, "callIn", callIn)
    callIn.dispose()
  }

  #part(number: number): QuickJSHandle {
    if (this.#held?.number === number) return this.#held.part
    this.letGo()
    const { vm } = this.#engine
    const script = this.#scripts[number]
    assert(script !== undefined, "every part that is called in was bundled")
    this.#engine.collect() // The part that was called in before is gone first.
    const before_ms = performance.now()
    vm.unwrapResult(vm.evalCode(script)).dispose()
    this.loads_ms[number] = Math.min(this.loads_ms[number] ?? Number.POSITIVE_INFINITY, performance.now() - before_ms)
    this.peaks[number] = Math.max(this.peaks[number] ?? 0, usedNow(vm))
    const part = vm.getProp(vm.global, "part")
    vm.setProp(vm.global, "part", vm.undefined)
    this.#held = { number, part }
    return part
  }

  letGo(): void {
    this.#held?.part.dispose()
    this.#held = null
  }
}

type Measured = {
  readonly empty: number
  readonly loaded: number
  readonly used: number
  /** By module: the most in use right after it was called in, and the shortest time that took. */
  readonly calledIn: ReadonlyMap<string, { readonly peak: number; readonly load_ms: number }>
  readonly turns: number
  readonly bundle: Portable
}

/** Runs the lock through its thousand turns, with this guest around it. */
async function run(entry: string): Promise<Measured> {
  const bundle = await portable(entry)
  const engine = await smallEngine()
  const { vm } = engine
  const lent = lendCrypto(vm)
  const loader = new Loader(engine, [...bundle.calledIn.values()])
  const empty = usedBytes(engine)
  vm.unwrapResult(vm.evalCode(bundle.resident)).dispose()
  const loaded = usedBytes(engine)
  const board = new SmallBoard(vm, loader)
  board.follow(board.call("begin", JSON.stringify(pairing, spelled)))
  board.input({ kind: "bolt sensed", bolt: "thrown" })
  board.input({ kind: "door sensed", door: "closed" })
  board.input({ kind: "linked" })
  for (const message of deliveryOf(policyOf())) board.hear(message)
  const before = board.turns
  for (let visit = 0; board.turns < before + TURNS; visit++) {
    const index = (visit * 131) % PEOPLE
    if (visit % 4 === 3) board.type(codeOf(index - (index % 10)))
    else board.present(index)
    board.walkThrough()
  }
  const used = usedBytes(engine)
  assert(board.opened > 40, "people were let in")
  assert(board.bolt === "thrown", "the lock works to the end")
  loader.letGo()
  lent.dispose()
  vm.dispose()
  const calledIn = new Map<string, { readonly peak: number; readonly load_ms: number }>()
  for (const [at, module] of [...bundle.calledIn.keys()].entries()) {
    const { [at]: peak } = loader.peaks
    const { [at]: load_ms } = loader.loads_ms
    if (peak !== undefined && load_ms !== undefined) calledIn.set(module, { peak, load_ms })
  }
  return { empty, loaded, used, calledIn, turns: board.turns - before, bundle }
}

/** What is called in while somebody waits at the door in this bench. */
const AT_THE_DOOR = ["core/lock/src/card/reader.ts"]

function peakOf({ calledIn }: Measured, modules: readonly string[]): number {
  return Math.max(...modules.map((module) => calledIn.get(module)?.peak ?? 0))
}

const kib = (bytes: number): number => Math.round((bytes / 1024) * 10) / 10

/** Figures of `npm run bench -- heap`. */
export async function heap(): Promise<Figure[]> {
  const plain = await run("bench/src/heap-guest.ts")
  const p256 = await run("bench/src/heap-guest-p256.ts")
  const figure = (name: string, value: number, of: Measured, cryptography: string, unit = "KiB"): Figure => ({
    bench: "heap",
    figure: name,
    value,
    unit,
    n: of.turns,
    seed: SEED,
    with: `QuickJS, stripped, ${PEOPLE} people with a card, every tenth with a code, ${of.bundle.resident.length} bytes of script, ${cryptography}`,
  })
  const HOST = "host cryptography"
  return [
    figure("kib_500_people", kib(plain.used), plain, HOST),
    figure("kib_500_people_p256", kib(p256.used), p256, "P-256 verification inside"),
    figure("kib_peak_at_the_door", kib(peakOf(plain, AT_THE_DOOR)), plain, HOST),
    figure("kib_peak_called_in", kib(peakOf(plain, [...plain.calledIn.keys()])), plain, HOST),
    figure("kib_script", kib(plain.loaded - plain.empty), plain, HOST),
    figure("kib_empty_engine", kib(plain.empty), plain, HOST),
    ...[...plain.bundle.rooms]
      .sort(([, a], [, b]) => b - a)
      .map(([room, bytes]) => figure(`bytes_${room.replaceAll(/\W/g, "_")}`, bytes, plain, "minified script", "B")),
    ...[...plain.bundle.calledIn].map(([name, script]) =>
      figure(`bytes_called_in_${name.replaceAll(/\W/g, "_")}`, script.length, plain, "minified script", "B"),
    ),
    ...[...plain.calledIn].map(([name, { load_ms }]) => {
      const tenths = Math.round(load_ms * 10) / 10
      return figure(`ms_to_call_in_${name.replaceAll(/\W/g, "_")}`, tenths, plain, "parsed from its text", "ms")
    }),
  ]
}
