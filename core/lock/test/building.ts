/**
 * Boards for the tests: the real lock around storage that can lose power after any write, a bolt that obeys the motor, cards
 * that answer, and a courier that carries everything at once unless told otherwise.
 */
import { type DoorConfig, defaultConfig, type Policy, type Secret } from "@holdfast/access/door"
import {
  type CredentialId,
  concat,
  type DoorId,
  type GrantId,
  idBytes,
  idOf,
  type PersonId,
  unixSeconds,
  type Uptime,
  uptime,
} from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import {
  boot,
  type Effect,
  type Input,
  type Lock,
  type Message,
  openBatch,
  type Pairing,
  type ResetCause,
  type Part,
  type Stored,
  recordsOf,
  turn,
  type Turn,
} from "../src/index.ts"
import { cardAnswers, cardKey, encodeCardFile, type VirtualCard, virtualCard } from "../src/devices.ts"
import { type Issued, Keeper } from "./keeper.ts"

/** Monday 2026-11-23, 08:00 UTC. */
export const MONDAY_8 = 1_795_420_800
const HOUR_S = 3_600
const MASTER = new Uint8Array(16).fill(0x42)
export const door: DoorId = idOf(new Uint8Array(16).fill(0xd0))

const ascending = (index: number, tag: number): Uint8Array => {
  const bytes = new Uint8Array(16).fill(tag)
  new DataView(bytes.buffer).setUint32(0, index)
  return bytes
}

/** Somebody who may pass: the numbers of his ids, and the secrets that prove him. */
export type Cardholder = {
  readonly name: string
  readonly person: PersonId
  readonly card: CredentialId
  readonly pin: CredentialId
  readonly grant: GrantId
  readonly code: string
  /** Entered instead of the code by somebody who is forced to. */
  readonly duress?: string
  readonly tag: VirtualCard
}

export function cardholder(keeper: Keeper, name: string, number: number): Cardholder {
  const card: CredentialId = idOf(ascending(2 * number, 0xc0))
  const uid = concat(Uint8Array.of(0x04, 0x11, 0x22), ascending(number, 0).slice(0, 4))
  return {
    name,
    person: idOf(ascending(number, 0xa0)),
    card,
    pin: idOf(ascending(2 * number + 1, 0xc0)),
    grant: idOf(ascending(number, 0x90)),
    code: String(100_000 + number * 7),
    tag: virtualCard(
      uid,
      new Map([[0, cardKey(crypto, MASTER, uid, 0, keeper.site)]]),
      encodeCardFile({ credential: card, epoch: 1 }),
    ),
  }
}

export type Terms = {
  readonly from_s: number
  readonly until_s: number | null
  /** Null: at all hours. Else open between these two. */
  readonly hours: readonly [number, number] | null
  readonly revoked: boolean
}
export const ALWAYS_TERMS: Terms = { from_s: 0, until_s: null, hours: null, revoked: false }

function u32(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length)
  for (const [at, value] of values.entries()) new DataView(bytes.buffer).setUint32(4 * at, value)
  return bytes
}

/** A policy in which each person has one grant on his own terms. People come in ascending order of their number. */
export function policyFor(
  keeper: Keeper,
  people: readonly (readonly [Cardholder, Terms])[],
  changed: Partial<DoorConfig<number>> = {},
): Policy {
  const hours = people.flatMap(([, terms]) => (terms.hours === null ? [] : [terms.hours]))
  const credentials: Uint8Array[] = []
  const grants: Uint8Array[] = []
  for (const [index, [who, terms]] of people.entries()) {
    const status = Uint8Array.of(terms.revoked ? 1 : 0, 0, 0)
    credentials.push(concat(idBytes(who.card), u32(index), Uint8Array.of(1), status))
    credentials.push(concat(idBytes(who.pin), u32(index), Uint8Array.of(2), status))
    if (terms.revoked) continue
    const schedule = terms.hours === null ? 0xffff : hours.indexOf(terms.hours)
    const references = u32(schedule * 0x1_0000 + index)
    grants.push(concat(u32(index), references, u32(terms.from_s, terms.until_s ?? 0xffff_ffff)))
  }
  return {
    site: keeper.site,
    door,
    config: { ...defaultConfig("UTC"), ...changed },
    schedules: hours.map(([from, until]) => u32(from, until)),
    credentials: concat(...credentials),
    grants: concat(...grants),
    people: concat(...people.map(([who]) => idBytes(who.person))),
    grantIds: concat(...people.map(([who]) => idBytes(who.grant))),
    phones: new Uint8Array(0),
    deniers: [],
    actors: [],
    denials: [],
    compiledAt: unixSeconds(MONDAY_8),
    tzdata: "2026b",
    origins: ["http://localhost:8080"],
    rpId: "localhost",
  }
}

export function secretsOf(people: readonly Cardholder[]): Secret[] {
  return people.flatMap((who): Secret[] => [
    { kind: "card", credential: who.card, uid: who.tag.uid, key: who.tag.keys.get(0) ?? null },
    {
      kind: "pin",
      credential: who.pin,
      pin: who.code,
      ...(who.duress === undefined ? {} : { duress: who.duress }),
    },
  ])
}

/** The power went after a write. */
export class PowerCut extends Error {
  override readonly name = "PowerCut"
}

const journalKey = newEs256()

export function pairingWith(keeper: Keeper, records_max: number = 4096): Pairing {
  return {
    site: keeper.site,
    door,
    keeper: keeper.key.publicKey,
    logKey: keeper.logKey,
    epoch: 1,
    journalKey: journalKey.publicKey,
    codeKey: new Uint8Array(32).fill(0x33),
    journal_records_max: records_max,
  }
}

/** What outlives a loss of power. */
export class Flash {
  readonly parts = new Map<Part, Uint8Array>()
  /** What a sealed store says of the whole. */
  fault: NonNullable<Stored["fault"]> | null = null
  records: { sequence: number; bytes: Uint8Array }[] = []
  /** Writes that still succeed; then the power goes. */
  writesLeft = Number.POSITIVE_INFINITY

  take(effect: Effect): void {
    if (effect.kind !== "store" && effect.kind !== "append" && effect.kind !== "release" && effect.kind !== "discard")
      return
    if (this.writesLeft-- <= 0) throw new PowerCut()
    if (effect.kind === "store") this.parts.set(effect.part, effect.bytes)
    else if (effect.kind === "append") this.records.push({ sequence: effect.sequence, bytes: effect.bytes })
    else if (effect.kind === "release") this.records = this.records.filter(({ sequence }) => sequence > effect.through)
    else this.records = this.records.filter(({ sequence }) => sequence < effect.from)
  }

  copy(): Flash {
    const copy = new Flash()
    for (const [part, bytes] of this.parts) copy.parts.set(part, bytes)
    copy.records = [...this.records]
    return copy
  }
}

let boots = 0

export class Board {
  readonly keeper: Keeper
  readonly flash: Flash
  readonly pairing: Pairing
  lock: Lock
  now: Uptime = uptime(0)
  /** Real time when this boot began. */
  readonly startedAt_ms: number
  /** Where the bolt really is. */
  bolt: "thrown" | "drawn" = "thrown"
  motorWorks = true
  /** Whether the courier answers. */
  carries = true
  held: VirtualCard | null = null
  issued: Issued | null = null
  readonly effects: Effect[] = []
  readonly batches: Uint8Array[] = []

  constructor(keeper: Keeper, flash: Flash, pairing: Pairing, startedAt_ms: number, cause: ResetCause = "power on") {
    this.keeper = keeper
    this.flash = flash
    this.pairing = pairing
    this.startedAt_ms = startedAt_ms
    const { fault } = flash
    const records = flash.records.map(({ bytes }) => bytes)
    const stored = { parts: flash.parts, records, ...(fault === null ? {} : { fault }) }
    const seed = crypto.sha256(Uint8Array.of(++boots & 0xff, boots >> 8, 9))
    const begun = boot(pairing, stored, seed, this.now, crypto, cause)
    this.lock = begun.state
    this.#carryOut(begun)
    this.input({ kind: "bolt sensed", bolt: this.bolt })
    this.input({ kind: "door sensed", door: "closed" })
  }

  get wall_ms(): number {
    return this.startedAt_ms + this.now
  }

  /** One input, its effects, and all that follows at once. Answers with what happened since. */
  input(input: Input): readonly Effect[] {
    const from = this.effects.length
    this.#carryOut(turn(this.lock, this.now, input, crypto))
    const { wakeAt } = this.lock
    if (input.kind !== "tick" && wakeAt !== null && wakeAt <= this.now) this.input({ kind: "tick" })
    return this.effects.slice(from)
  }

  hear(message: Message): readonly Effect[] {
    return this.input({ kind: "message", message })
  }

  /** Lets time pass, with a tick at each wake. */
  pass(ms: number): readonly Effect[] {
    const from = this.effects.length
    const until = this.now + ms
    for (;;) {
      const at = this.lock.wakeAt
      if (at === null || at > until) break
      this.now = uptime(Math.max(at, this.now))
      this.input({ kind: "tick" })
    }
    this.now = uptime(until)
    this.input({ kind: "tick" })
    return this.effects.slice(from)
  }

  #carryOut(taken: Turn): void {
    this.lock = taken.state
    for (const effect of taken.effects) {
      this.flash.take(effect)
      this.effects.push(effect)
    }
    for (const effect of taken.effects) this.#follow(effect)
  }

  #follow(effect: Effect): void {
    switch (effect.kind) {
      case "drive":
        if ((effect.drive !== "draw" && effect.drive !== "throw") || !this.motorWorks) return
        this.bolt = effect.drive === "draw" ? "drawn" : "thrown"
        this.input({ kind: "bolt sensed", bolt: this.bolt })
        return
      case "card send": {
        if (this.held === null) return
        const answered = cardAnswers(this.held, effect.bytes, crypto.sha256(effect.bytes).slice(0, 20), crypto)
        this.held = answered.card
        this.input({ kind: "card answered", bytes: answered.answer })
        return
      }
      case "sign batch":
        this.input({ kind: "batch signed", signature: journalKey.sign(effect.bytes), openings: effect.openings })
        return
      case "send":
        if (this.carries) this.#answer(effect.message)
        return
      default:
        return
    }
  }

  #answer(message: Extract<Effect, { kind: "send" }>["message"]): void {
    switch (message.kind) {
      case "hello":
        this.hear(this.keeper.beacon(message.nonce, this.wall_ms))
        return
      case "batch":
        if (this.batches.every((each) => !Buffer.from(each).equals(message.entry))) this.batches.push(message.entry)
        this.hear(this.keeper.admit(message.entry, this.wall_ms))
        return
      case "nonce":
      case "want image":
        return // Whoever tests updates brings the pieces himself.
      case "want":
        for (const index of message.chunks) {
          const chunk = this.issued?.chunks[index]
          if (chunk !== undefined) this.hear(chunk)
        }
        for (const credential of message.credentials) {
          const secret = this.issued?.secrets.find((each) => each.credential === credential)
          if (secret !== undefined) this.hear(secret)
        }
        return
    }
  }

  /** Gives the lock a policy and a day's lease. */
  take(policy: Policy, people: readonly Cardholder[], lease_s: number = 24 * HOUR_S): Issued {
    this.keeper.grow()
    const issued = this.keeper.issue(policy, secretsOf(people), this.lock.held.size)
    this.issued = issued
    this.hear(issued.offer)
    const from_s = Math.floor(this.wall_ms / 1000)
    this.hear(this.keeper.lease(door, issued, from_s, from_s + lease_s))
    return issued
  }

  present(who: Cardholder): readonly Effect[] {
    this.held = who.tag
    const from = this.effects.length
    this.input({ kind: "card presented", uid: who.tag.uid })
    return this.effects.slice(from)
  }

  type(code: string): readonly Effect[] {
    const from = this.effects.length
    for (const letter of code) this.input({ kind: "key", key: { press: "digit", digit: Number(letter) } })
    this.input({ kind: "key", key: { press: "enter" } })
    return this.effects.slice(from)
  }

  /** Opens the door and closes it again. */
  pushThrough(): void {
    this.input({ kind: "door sensed", door: "open" })
    this.input({ kind: "door sensed", door: "closed" })
  }

  /** The words of all records that reached the event log, in order. */
  published(): string[] {
    return this.batches.flatMap((bytes) => {
      const opened = openBatch(crypto, this.pairing.site, this.pairing.journalKey, bytes)
      const records = opened.ok ? recordsOf(opened.batch) : []
      return typeof records === "string" ? [] : records.map(({ kind, result }) => `${kind}: ${result}`)
    })
  }
}

/** A keeper, people, and a board that holds a policy in which they may always pass. */
export function house(
  changed: Partial<DoorConfig<number>> = {},
  names: readonly string[] = ["ana", "bo"],
): { keeper: Keeper; board: Board; people: Cardholder[] } {
  const keeper = new Keeper()
  keeper.grow()
  const people = names.map((name, at) => cardholder(keeper, name, at + 1))
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(
    policyFor(
      keeper,
      people.map((who) => [who, ALWAYS_TERMS]),
      changed,
    ),
    people,
  )
  return { keeper, board, people }
}
