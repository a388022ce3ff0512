/**
 * Couriers who choose what a lock gets to hear: they drop, keep, repeat, mix up and change, and pull the plug.
 *
 * Whoever carries a lock's messages may be the one whose right was taken away (attack 1), may have old rights in his pocket
 * (attack 54), or may own the server and every line (attack 96). None of them has a key.
 */
import { statementToSign, encodeOrder } from "@holdfast/access/author"
import { leaseToSign, type StatementId } from "@holdfast/access/door"
import { unixSeconds } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import type { Message } from "../src/index.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  door,
  Flash,
  house,
  MONDAY_8,
  pairingWith,
  policyFor,
  secretsOf,
} from "./building.ts"
import { type Issued, Keeper } from "./keeper.ts"
import { admin, askNonce, author, commanded, orderOf } from "./orders.ts"

const HOUR_S = 3_600
const HOUR_MS = 3_600_000

/** All that goes down for one policy: its lease last. */
function parcel(issued: Issued, lease: Message): readonly Message[] {
  return [issued.offer, ...issued.chunks, ...issued.secrets, lease]
}

type Revoked = {
  readonly board: Board
  readonly bo: Cardholder
  readonly end_ms: number
  readonly bag: readonly Message[]
}

/** A door that let ana and bo in; since then bo's right was taken away, and bo is the only courier. */
function revoked(): Revoked {
  const keeper = new Keeper()
  keeper.grow()
  const [ana, bo] = [cardholder(keeper, "ana", 1), cardholder(keeper, "bo", 2)]
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const both = policyFor(keeper, [
    [ana, ALWAYS_TERMS],
    [bo, ALWAYS_TERMS],
  ])
  const old = board.take(both, [ana, bo], HOUR_S)
  keeper.grow()
  const terms = { ...ALWAYS_TERMS, revoked: true }
  const without = policyFor(keeper, [
    [ana, ALWAYS_TERMS],
    [bo, terms],
  ])
  const fresh = keeper.issue(without, secretsOf([ana, bo]), board.lock.held.size)
  board.carries = false
  const olds = parcel(old, keeper.lease(door, old, MONDAY_8, MONDAY_8 + HOUR_S))
  const news = parcel(fresh, keeper.lease(door, fresh, MONDAY_8, MONDAY_8 + 24 * HOUR_S))
  // What helps him of the new is its lease, as long as the rest of it never comes: he has that at hand.
  const handy = [fresh.offer, ...news.slice(-1)]
  return { board, bo, end_ms: (MONDAY_8 + HOUR_S) * 1000, bag: [...olds, ...news, ...handy, ...handy, ...handy] }
}

/** What a courier does next: bring something from his bag, let minutes pass, fetch the time or drop it, show his card. */
const moves = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ does: fc.constant("bring" as const), which: fc.nat(40) }) },
    {
      weight: 4,
      arbitrary: fc.record({ does: fc.constant("wait" as const), minutes: fc.integer({ min: 1, max: 40 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constant("time" as const), late_s: fc.integer({ min: 0, max: 15 }) }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant("show" as const) }) },
  ),
  { minLength: 8, maxLength: 40 },
)

/** The lock asks for the time, and the keeper's true answer arrives so many seconds after it was made. */
function fetchTime(board: Board, late_s: number): void {
  board.input({ kind: "unlinked" })
  board.input({ kind: "linked" })
  const nonce = board.lock.clock.asked?.nonce
  if (nonce === undefined) return
  const beacon = board.keeper.beacon(nonce, board.wall_ms)
  board.pass(late_s * 1000)
  board.hear(beacon)
}

function opensFor(board: Board, who: Cardholder): boolean {
  board.pass(30_000) // Whatever was drawn is thrown again.
  board.bolt = "thrown"
  return board.present(who).some((each) => each.kind === "drive" && each.drive === "draw")
}

test("attack 1, R51: a courier whose right was taken away can delay that until the lease ends, and no minute longer", () => {
  let opened = 0
  let late = 0
  fc.assert(
    fc.property(moves, (acts) => {
      const { board, bo, end_ms, bag } = revoked()
      const old = board.lock.active?.name.version.size
      for (const act of acts) {
        if (act.does === "bring") board.hear(bag[act.which % bag.length] ?? { kind: "unreadable" })
        else if (act.does === "wait") board.pass(act.minutes * 60_000)
        else if (act.does === "time") fetchTime(board, act.late_s)
        else if (opensFor(board, bo)) {
          opened++
          ok(board.wall_ms < end_ms, `bo is in ${board.wall_ms - end_ms} ms after the lease ended`)
          equal(board.lock.active?.name.version.size, old, "and only while the lock knows nothing newer")
        } else if (board.wall_ms >= end_ms) late++
      }
    }),
    { numRuns: 80, seed: 1 },
  )
  ok(opened > 40 && late > 60, `both were tried: ${opened} before the end, ${late} after it`)
})

test("attack 1: pulling the plug stretches the lease by less than the lock ran again", () => {
  for (const runs_ms of [70_000, 400_000, 1_000_000]) {
    const { board: first, bo, bag } = revoked()
    let board = first
    let ran_ms = 0
    let last_ms = 0
    while (ran_ms < 4 * HOUR_MS) {
      board = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
      board.carries = false
      for (const each of bag.slice(0, 7)) board.hear(each) // All that he had before.
      board.pass(runs_ms)
      ran_ms += runs_ms
      if (opensFor(board, bo)) last_ms = ran_ms
      ran_ms += 30_000
    }
    ok(last_ms > 0 && last_ms < 2.3 * HOUR_MS, `${runs_ms} ms at a time: in after ${last_ms} ms of running`)
  }
})

test("attack 54: in whatever order old and new rights come, over boots too, the version never falls and one whole set is in force", () => {
  const act = fc.oneof({ weight: 12, arbitrary: fc.nat(80) }, { weight: 1, arbitrary: fc.constant("boot" as const) })
  const seen = new Set<number>()
  fc.assert(
    fc.property(fc.array(act, { minLength: 10, maxLength: 60 }), (acts) => {
      const { keeper, board: first } = house()
      let board = first
      board.carries = false
      const sets: Issued[] = []
      for (let count = 1; count <= 3; count++) {
        keeper.grow()
        const crowd = Array.from({ length: count }, (_, at) => cardholder(keeper, `p${at}`, at + 1))
        const policy = policyFor(
          keeper,
          crowd.map((who) => [who, ALWAYS_TERMS]),
        )
        sets.push(keeper.issue(policy, secretsOf(crowd), board.lock.held.size))
      }
      const bag = sets.flatMap((set) => parcel(set, keeper.lease(door, set, MONDAY_8, MONDAY_8 + 24 * HOUR_S)))
      let before = board.lock.active?.name.version.size ?? 0
      for (const each of acts) {
        if (each === "boot") board = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
        else board.hear(bag[each % bag.length] ?? { kind: "unreadable" })
        board.carries = false
        const { active } = board.lock
        ok(active !== null && active.name.version.size >= before, "an older set took the place of a newer one")
        before = active.name.version.size
        const at = sets.findIndex(({ version }) => version.size === before)
        equal(active.policy.people.length / 16, at < 0 ? 2 : at + 1, "and it is whole")
        if (at >= 0) seen.add(at)
      }
    }),
    { numRuns: 120, seed: 54 },
  )
  deepEqual(
    [...seen].sort((a, b) => a - b),
    [0, 1, 2],
    "each of the three was in force at some time",
  )
})

test("attack 96: who owns the server, the database and every line opens nothing: old orders, changed ones, and his own", () => {
  const here = commanded()
  const { board, keeper } = here
  const thief = newEs256()
  const used = orderOf(here, "unlock")
  board.hear(used)
  equal(board.bolt, "drawn", "an order was obeyed once, and he heard it")
  board.pass(10_000)
  const kept = orderOf(here, "unlock")
  board.pass(31_000)
  const version = board.lock.active?.name.version ?? { epoch: 0, size: 0 }
  const ordered = (nonce: Uint8Array): Message => {
    const chain = ["ab".repeat(32) as StatementId]
    const times = { issuedAt: unixSeconds(MONDAY_8), notAfter: unixSeconds(MONDAY_8 + 300) }
    const change = { kind: "order", door, act: "unlock", value: 0, version } as const
    const body = { author, chain, ...times, nonce, expects: [], change }
    const statement = statementToSign(keeper.site, body, admin.publicKey, "key", crypto) // He says that it is hers.
    return { kind: "order", envelope: encodeOrder(statement.finish(thief.sign(statement.bytes)), []) }
  }
  const leased = (): Message => {
    const hash = board.lock.active?.name.hash ?? new Uint8Array(32)
    const times = { notBefore: unixSeconds(MONDAY_8), notAfter: unixSeconds(MONDAY_8 + 30 * 24 * HOUR_S) }
    const signable = leaseToSign(
      { site: keeper.site, door, version, policyHash: hash, ...times },
      thief.publicKey,
      crypto,
    )
    return { kind: "lease", ticket: signable.finish(thief.sign(signable.bytes)) }
  }
  const lease = board.lock.lease
  const from = board.effects.length
  fc.assert(
    fc.property(fc.nat(4), fc.nat(1_000), fc.integer({ min: 1, max: 255 }), (what, at, mask) => {
      const nonce = askNonce(board)
      const old = what === 0 ? used : kept
      if (what <= 1) board.hear(old)
      else if (what === 2 && old.kind === "order")
        board.hear({
          ...old,
          envelope: old.envelope.map((byte, i) => (i === at % old.envelope.length ? byte ^ mask : byte)),
        })
      else board.hear(what === 3 ? ordered(nonce) : leased())
      board.pass(1_000)
    }),
    { numRuns: 200, seed: 96 },
  )
  ok(board.effects.slice(from).every((each) => each.kind !== "drive" || each.drive !== "draw"))
  equal(board.lock.lease, lease, "and the lease is the keeper's")
})
