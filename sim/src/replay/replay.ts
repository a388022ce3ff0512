/**
 * A badge log lived again: every row presented at its door, at its own time, to a real lock, under virtual time.
 *
 * Picture each door as a small town with its own diary of what is still to happen: the motor arrives, somebody pushes the
 * leaf, the card leaves the field. Towns do not see each other, so each is brought up to the moment of its next row only.
 * Every four hours every lock is linked for a moment and reports, as battery locks do; between two reports it decides alone.
 */
import { assert, type UnixMillis, unixMillis } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { type Card, MemoryFlash, sealedFlash, VirtualBoard } from "@holdfast/board"
import type { Keeper } from "@holdfast/keeper"
import type { Pairing } from "@holdfast/lock"
import { type Disk, nodeCrypto } from "@holdfast/port-node"
import { join } from "node:path"
import type { BadgeRow } from "./badge-log.ts"
import { DirectCourier } from "./courier.ts"
import type { FoundBuilding, FoundDoor } from "./found.ts"

export type Presented = { readonly row: BadgeRow; readonly at: UnixMillis }

export type ReplayOptions = {
  readonly keeper: Keeper
  /** The data directory. */
  readonly disk: Disk
  readonly directory: string
  readonly found: FoundBuilding
  /** In the order in which they are presented. */
  readonly presented: readonly Presented[]
  /** The virtual clock: the keeper reads it, the replay moves it. */
  readonly clock: { now_ms: number }
  random(size: number): Uint8Array
  progress(done: number): void
}

export type ReplayCounts = {
  readonly decisions: number
  readonly refusals: number
  readonly journal_records: number
  readonly events_size: number
  readonly events_root: string
}

const REPORT_MS = 4 * 3_600_000
const RECORDS_MAX = 100_000
/** A person who was let in pushes the leaf, goes through and lets it fall shut. */
const PUSH_MS = 900
const SHUT_MS = 2_800
const PROGRESS_ROWS = 500

type Later = { readonly at_ms: number; readonly act: "open" | "close" }

class ReplayDoor {
  readonly board: VirtualBoard
  readonly courier: DirectCourier
  readonly #flash = new MemoryFlash()
  readonly #door: FoundDoor
  readonly #diary: Later[] = []
  decisions = 0
  refusals = 0

  constructor(options: ReplayOptions, door: FoundDoor) {
    const { keeper, found, disk, random } = options
    const { root } = keeper.state
    this.#door = door
    this.courier = new DirectCourier(keeper, disk, door.id)
    const pairing: Pairing = {
      site: found.site,
      door: door.id,
      keeper: root.keeper,
      logKey: root.logKey,
      epoch: root.epoch,
      journalKey: door.keys.journal.publicKey,
      codeKey: door.keys.pinKey,
      journal_records_max: RECORDS_MAX,
    }
    this.board = new VirtualBoard({
      pairing,
      keeperHpke: root.keeperHpke,
      keys: door.keys,
      flash: this.#flash,
      failMode: "secure",
      crypto: nodeCrypto,
      random,
      send: this.courier.take,
      shown: (signal) => this.#count(signal),
    })
  }

  #count(signal: string): void {
    if (signal !== "granted" && signal !== "denied") return
    this.decisions += 1
    if (signal === "denied") this.refusals += 1
  }

  /** Lives on to `bench_ms`: whatever is due, in its order. */
  liveTo(bench_ms: number): void {
    for (;;) {
      const wake_ms = this.board.nextWake_ms() ?? Number.POSITIVE_INFINITY
      const next_ms = Math.min(wake_ms, this.#diary[0]?.at_ms ?? Number.POSITIVE_INFINITY)
      if (next_ms > bench_ms) return
      const [due] = this.#diary
      if (due !== undefined && due.at_ms === next_ms) {
        this.#diary.shift()
        this.board.act(next_ms, { kind: due.act })
      } else this.board.advance(next_ms)
    }
  }

  present(bench_ms: number, card: Card): void {
    this.liveTo(bench_ms)
    const refused = this.refusals
    const before = this.decisions
    this.board.present(bench_ms, card)
    assert(this.decisions === before + 1, "a card that is held to a reader is answered")
    if (this.refusals > refused) return
    this.#diary.push({ at_ms: bench_ms + PUSH_MS, act: "open" }, { at_ms: bench_ms + SHUT_MS, act: "close" })
    this.#diary.sort((a, b) => a.at_ms - b.at_ms)
  }

  get records(): number {
    return (this.board.lock?.journal.next ?? 1) - 1
  }

  /** Gives the board's storage to the directory where a live board will find it. */
  settleInto(directory: string): void {
    this.#flash.copyTo(sealedFlash(join(directory, "boards", this.#door.id), this.#door.keys))
  }
}

class Replay {
  readonly #options: ReplayOptions
  readonly #doors = new Map<string, ReplayDoor>()
  readonly #start_ms: number

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#start_ms = options.clock.now_ms
    for (const [name, door] of options.found.doors) this.#doors.set(name, new ReplayDoor(options, door))
  }

  #bench(): number {
    return this.#options.clock.now_ms - this.#start_ms
  }

  async run(): Promise<ReplayCounts> {
    const { presented, clock, progress, directory } = this.#options
    for (const door of this.#doors.values()) door.board.switchOn(this.#bench())
    await this.#report()
    let report_ms = clock.now_ms + REPORT_MS
    for (const [index, each] of presented.entries()) {
      for (; report_ms <= each.at; report_ms += REPORT_MS) {
        clock.now_ms = report_ms
        await this.#report()
      }
      clock.now_ms = each.at
      this.#show(each)
      if (index % PROGRESS_ROWS === 0) progress(index)
    }
    clock.now_ms += REPORT_MS
    await this.#report()
    for (const door of this.#doors.values()) door.settleInto(directory)
    progress(presented.length)
    return this.#counts()
  }

  #show({ row }: Presented): void {
    const door = this.#doors.get(row.door)
    const card = this.#options.found.cards.get(row.badge)
    assert(door !== undefined && card !== undefined, "the building was made from these very rows")
    door.present(this.#bench(), card)
  }

  /** All locks report at once, so that their batches share the ledger's commits. */
  async #report(): Promise<void> {
    const bench_ms = this.#bench()
    const now = unixMillis(this.#options.clock.now_ms)
    await Promise.all(
      [...this.#doors.values()].map((door) => {
        door.liveTo(bench_ms)
        return door.courier.exchange(door.board, bench_ms, now)
      }),
    )
  }

  #counts(): ReplayCounts {
    const { size, root } = this.#options.keeper.head("events")
    const sum = (of: (door: ReplayDoor) => number): number =>
      [...this.#doors.values()].reduce((total, door) => total + of(door), 0)
    return {
      decisions: sum((door) => door.decisions),
      refusals: sum((door) => door.refusals),
      journal_records: sum((door) => door.records),
      events_size: size,
      events_root: toHex(root),
    }
  }
}

/** Presents every row; the clock ends one report after the last one, with every record in the ledger. */
export function replay(options: ReplayOptions): Promise<ReplayCounts> {
  return new Replay(options).run()
}
