/**
 * A whole building in one process, from one seed, under virtual time: real locks, real keeper, real ledger, and an
 * afternoon and a night of people, attackers and weather.
 *
 * After every step the rules are compared with the truth record. The first step that breaks one ends the run and names the
 * seed; the same seed gives the same building. At the end everything is mended, every journal must have arrived, and the
 * whole history must pass the audit.
 */
import { assert } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { createHash } from "node:crypto"
import { Agenda } from "./agenda.ts"
import { auditDisk } from "./audit-disk.ts"
import { Chance } from "./chance.ts"
import { RULES } from "./rules/rules.ts"
import type { Rule, RuleId, Watch } from "./rules/rule.ts"
import { REAL_SIGNING, repeatableSigning } from "./signing.ts"
import { Truth } from "./truth/truth.ts"
import { Town } from "./world/town.ts"
import type { SimDoor } from "./world/door.ts"
import { planOf } from "./world/plan.ts"
import type { Step } from "./world/step.ts"

export type Options = {
  /** Real ECDSA and Ed25519 in place of stand-ins that repeat. */
  readonly realSigning?: boolean
  /** Only this rule ends the run: in a building with a planted bug many break, and the hunt wants to hear the bug's own. */
  readonly only?: RuleId
}

export type Broken = {
  readonly rule: RuleId | "audit" | "promise"
  readonly door: string
  readonly at_ms: number
  readonly what: string
}

export type Report = {
  readonly seed: number
  readonly steps: number
  readonly doorHours: number
  readonly admitted: number
  readonly refused: number
  readonly records: number
  /** A hash over everything that happened. */
  readonly trace: string
}

/** A rule broke. The message names the seed, which is all that is needed to see it again. */
export class SimulationBroken extends Error {
  override readonly name = "SimulationBroken"
  readonly broken: readonly Broken[]

  constructor(seed: number, broken: readonly Broken[]) {
    const told = broken.map(
      ({ rule, door, at_ms, what }) => `${rule} at ${new Date(at_ms).toISOString()}, ${door}: ${what}`,
    )
    super(`seed ${seed}: ${told.join("; ")}`)
    this.broken = broken
  }
}

const PROBE_MS = 20_000
const HOUR_MS = 3_600_000
/** How long everything may take to come to rest once nothing is wrong any more. */
const REST_MS = 40 * 60_000

class Simulation {
  readonly #seed: number
  readonly #agenda: Agenda
  readonly #truth = new Truth()
  readonly #watches: { readonly rule: Rule; readonly watch: Watch }[] = []
  readonly #trace = createHash("sha256")
  #steps = 0
  #admitted = 0
  #refused = 0
  readonly #options: Options

  constructor(seed: number, options: Options) {
    this.#seed = seed
    this.#options = options
    this.#agenda = new Agenda(0)
  }

  async run(): Promise<Report> {
    const chance = new Chance(`building ${this.#seed}`)
    const plan = planOf(chance.branch("plan"))
    await this.#agenda.runTo(plan.start_ms)
    const signing = this.#options.realSigning === true ? REAL_SIGNING : repeatableSigning()
    const town = new Town({
      plan,
      chance,
      signing,
      agenda: this.#agenda,
      truth: this.#truth,
      onStep: (step) => this.#see(step),
    })
    await town.found()
    const building = { truth: this.#truth, doors: town.doors, now_ms: () => this.#agenda.now_ms }
    for (const rule of RULES) this.#watches.push({ rule, watch: rule.watch(building) })
    this.#probe(town.doors)
    town.begin()
    const end_ms = plan.start_ms + plan.hours * HOUR_MS
    await this.#agenda.runTo(end_ms)
    town.mend()
    await this.#agenda.runTo(end_ms + REST_MS)
    return this.#finish(town, plan.hours + REST_MS / HOUR_MS)
  }

  #probe(doors: readonly SimDoor[]): void {
    for (const door of doors) this.#check(door, (watch) => watch.probe?.(door) ?? null)
    this.#agenda.in(PROBE_MS, () => this.#probe(doors))
  }

  #see(step: Step): void {
    this.#steps += 1
    const { record: kinds } = this.#note(step)
    for (const kind of kinds) {
      if (kind === "admitted") this.#admitted += 1
      if (kind === "refused") this.#refused += 1
    }
    const { before, after, cut, failed, what, door } = step
    const rebooted = before.lock !== null && after.lock !== null && before.lock.boot !== after.lock.boot
    if (rebooted && !cut && !failed && what.kind !== "power")
      this.#break([this.#broken("promise", door, "a promise of the lock broke, and it booted again")])
    this.#check(door, (watch) => watch.step?.(step) ?? null)
  }

  #note(step: Step): { readonly record: readonly string[] } {
    const record = step.lines.map((line) => line.record.kind)
    const bytes = step.lines.map((line) => toHex(line.bytes)).join()
    this.#trace.update(`${step.at_ms} ${step.door.name} ${step.what.kind} ${bytes} ${step.shown.join()} ${step.cut}\n`)
    return { record }
  }

  #check(door: SimDoor, ask: (watch: Watch) => string | null): void {
    const broken: Broken[] = []
    for (const { rule, watch } of this.#watches) {
      const what = ask(watch)
      if (what !== null) broken.push(this.#broken(rule.id, door, what))
    }
    this.#break(broken)
  }

  #broken(rule: Broken["rule"], door: SimDoor | null, what: string): Broken {
    return { rule, door: door?.name ?? "the building", at_ms: this.#agenda.now_ms, what }
  }

  #break(broken: readonly Broken[]): void {
    const { only } = this.#options
    const wanted = only === undefined ? broken : broken.filter(({ rule }) => rule === only)
    if (wanted.length > 0) throw new SimulationBroken(this.#seed, wanted)
  }

  async #finish(town: Town, hours: number): Promise<Report> {
    const unrested = town.unrested()
    if (unrested !== null) this.#break([this.#broken(unrested.rule, unrested.door, unrested.what)])
    const disk = await town.close()
    const audited = auditDisk(disk, town.crypto)
    if (audited.wrong !== null) this.#break([this.#broken("audit", null, audited.wrong)])
    let records = 0
    for (const door of town.doors) {
      const logged = audited.records.get(door.id) ?? []
      records += logged.length
      this.#check(door, (watch) => watch.finish?.({ door, logged, disk, crypto: town.crypto }) ?? null)
      this.#trace.update(logged.map(toHex).join())
    }
    assert(records > 0, "a day leaves records")
    return {
      seed: this.#seed,
      steps: this.#steps,
      doorHours: town.doors.length * hours,
      admitted: this.#admitted,
      refused: this.#refused,
      records,
      trace: this.#trace.digest("hex"),
    }
  }
}

/** Lives a building through. Throws a {@link SimulationBroken} at the first step that breaks a rule. */
export function simulate(seed: number, options: Options = {}): Promise<Report> {
  return new Simulation(seed, options).run()
}
