/** The power goes after every single write: what is left is the old state or the new one, and nothing moves the bolt. */
import { equalBytes } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { openBatch, recordsOf } from "../src/index.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  door,
  Flash,
  MONDAY_8,
  pairingWith,
  policyFor,
  PowerCut,
} from "./building.ts"
import { Keeper } from "./keeper.ts"

/** Runs `act` with the power going after `writes` writes; says whether it came to its end. */
function until(board: Board, writes: number, act: () => void): boolean {
  board.flash.writesLeft = writes
  try {
    act()
    return true
  } catch (error) {
    if (!(error instanceof PowerCut)) throw error
    return false
  } finally {
    board.flash.writesLeft = Number.POSITIVE_INFINITY
  }
}

type Start = { keeper: Keeper; board: Board; ana: Cardholder; bo: Cardholder }

/** A door of ana's, before bo is given a key. */
function start(): Start {
  const keeper = new Keeper()
  keeper.grow()
  const [ana, bo] = [cardholder(keeper, "ana", 1), cardholder(keeper, "bo", 2)]
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]], { modes: [{ schedule: null, factors: "card or pin" }] }), [ana])
  return { keeper, board, ana, bo }
}

/** Cuts the power after each write of `act` in turn, boots, and hands over what came of it. */
function everyCut(
  act: (at: Start) => void,
  look: (after: Board, done: boolean, at: Start, writes: number) => void,
): void {
  for (let writes = 0, done = false; !done; writes++) {
    const at = start()
    done = until(at.board, writes, () => act(at))
    const after = new Board(at.keeper, at.board.flash.copy(), at.board.pairing, at.board.wall_ms)
    after.issued = at.board.issued
    look(after, done, at, writes)
    ok(writes < 500, "the scenario ends")
  }
}

test("a new policy is the old one or the new one, whole (I-24, I-25)", () => {
  const sizes = new Set<number>()
  everyCut(
    ({ board, keeper, ana, bo }) =>
      void board.take(
        policyFor(keeper, [
          [ana, ALWAYS_TERMS],
          [bo, ALWAYS_TERMS],
        ]),
        [ana, bo],
      ),
    (after, done, at, writes) => {
      const size = after.lock.active?.name.version.size ?? 0
      const people = (after.lock.active?.policy.people.length ?? 0) / 16
      equal(people, size === 1 + 1 ? 1 : 2, `after ${writes} writes`)
      if (done) equal(people, 2)
      equal(after.lock.held.size, size)
      ok(after.lock.lease !== null)
      sizes.add(size)
      after.input({ kind: "linked" })
      after.present(at.bo)
      equal(after.bolt === "drawn", people === 2)
      after.pushThrough()
      equal(
        after.present(at.ana).some((each) => each.kind === "drive"),
        true,
      )
    },
  )
  equal(sizes.size, 2, "both were seen")
})

test("nobody is let in by a loss of power, and each opening has its record (I-01, I-05)", () => {
  everyCut(
    ({ board, ana }) => {
      board.present(ana)
      board.pushThrough()
    },
    (after, _done, at, writes) => {
      const drives = at.board.effects.filter((each) => each.kind === "drive" && each.drive === "draw").length
      equal(after.effects.filter((each) => each.kind === "drive" && each.drive === "draw").length, 0)
      after.input({ kind: "linked" })
      after.pass(20_000)
      const admitted = [...at.board.published(), ...after.published()].filter(
        (each) => each === "admitted: done",
      ).length
      ok(admitted >= drives, `after ${writes} writes: ${admitted} records, ${drives} openings`)
    },
  )
})

test("a guess is counted whenever its outcome was seen (I-14)", () => {
  everyCut(
    ({ board }) => {
      for (let i = 0; i < 4; i++) board.type("999999")
    },
    (after, _done, at) => {
      const refused = at.board.effects.filter((each) => each.kind === "show" && each.signal === "denied").length
      const counted = after.lock.throttle.counts.get("keypad")?.failures ?? 0
      ok(counted >= Math.min(refused, 3))
    },
  )
})

test("what was acknowledged is never lost, and no sequence is used twice (I-25, I-28, R6)", () => {
  everyCut(
    ({ board, ana, bo }) => {
      board.present(ana)
      board.pushThrough()
      board.present(bo)
      board.pass(20_000)
    },
    (after, _done, at, writes) => {
      after.input({ kind: "linked" })
      after.pass(30_000)
      after.present(at.ana)
      after.pass(30_000)
      const seen = new Map<number, string>()
      let next = 1
      for (const bytes of [...at.board.batches, ...after.batches]) {
        const opened = openBatch(crypto, at.keeper.site, after.pairing.journalKey, bytes)
        ok(opened.ok)
        const records = recordsOf(opened.batch)
        ok(typeof records !== "string")
        for (const record of records) {
          const spelled = Buffer.from(record.commitment).toString("hex")
          equal(seen.get(record.sequence) ?? spelled, spelled, `sequence ${record.sequence} twice, ${writes} writes`)
          seen.set(record.sequence, spelled)
          if (record.sequence === next) next++
        }
      }
      equal(seen.size, next - 1, "no hole")
      equal(after.lock.journal.head.next, after.lock.journal.next, "everything has its receipt in the end")
    },
  )
})

function firstOf(batch: Uint8Array, of: Board): number {
  const opened = openBatch(crypto, of.pairing.site, of.pairing.journalKey, batch)
  ok(opened.ok)
  return opened.batch.first
}

test("a torn write of any part falls back to less, never to more", () => {
  const { board, keeper, ana } = start()
  for (const [part, bytes] of board.flash.parts)
    for (const size of [0, 4, 5, 12, bytes.length - 1]) {
      const flash = board.flash.copy()
      flash.parts.set(part, bytes.slice(0, Math.max(0, size)))
      const after = new Board(keeper, flash, board.pairing, board.wall_ms)
      equal(after.lock.active === null, part === "head" || part.startsWith("slot"), part)
      equal(
        after.effects.some((each) => each.kind === "drive"),
        false,
      )
      after.held = ana.tag
      after.present(ana)
      const opens = after.bolt === "drawn"
      const ends = part === "head" || part.startsWith("slot") || part === "lease" || part === "clock"
      equal(opens, !ends, `${part} torn at ${size}`)
      after.input({ kind: "linked" })
      after.pass(30_000)
      const next = board.lock.journal.next
      const known = (batch: Uint8Array): boolean => board.batches.some((each) => equalBytes(each, batch))
      ok(
        after.batches.every((batch) => firstOf(batch, after) >= next || known(batch)),
        `${part}: no sequence twice`,
      )
    }
})

test("a full journal whose head is torn boots, goes on behind the batch that was received, and arrives whole", () => {
  const keeper = new Keeper()
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const board = new Board(keeper, new Flash(), pairingWith(keeper, 12), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]]), [ana])
  const leaves = (): void => {
    board.input({ kind: "request to exit" })
    board.pass(60_000)
  }
  board.carries = false
  for (let people = 0; people < 6; people++) leaves()
  board.carries = true
  board.pass(30_000)
  const received = board.lock.journal.head.next
  board.input({ kind: "unlinked" })
  for (let minutes = 0; board.lock.journal.lost === 0; minutes++) {
    ok(minutes < 20, "twelve records are soon full")
    leaves()
  }
  board.flash.parts.set("journal", (board.flash.parts.get("journal") ?? new Uint8Array(0)).slice(0, 20))
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(after.lock.journal.head.next, received)
  equal(after.lock.journal.next, board.lock.journal.next)
  after.input({ kind: "linked" })
  after.pass(30_000)
  equal(after.lock.journal.head.next, after.lock.journal.next)
  ok(after.published().includes("gap: full"))
})

test("boots that a full journal only counted are counted again where the counter is torn (I-25)", () => {
  const keeper = new Keeper()
  const pairing = pairingWith(keeper, 12)
  let board = new Board(keeper, new Flash(), pairing, MONDAY_8 * 1000)
  while (board.lock.journal.lost === 0) {
    board.input({ kind: "request to exit" })
    board.pass(60_000)
  }
  for (let boots = 0; boots < 5; boots++) board = new Board(keeper, board.flash.copy(), pairing, board.wall_ms)
  board.flash.parts.set("boot", new Uint8Array(3))
  const after = new Board(keeper, board.flash.copy(), pairing, board.wall_ms)
  ok(after.lock.boot > board.lock.boot, `boot ${after.lock.boot} came after boot ${board.lock.boot}`)
})

test("a torn record at the end is dropped; one in the middle ends what is kept, and that is said", () => {
  const { board, keeper, bo } = start()
  board.input({ kind: "unlinked" })
  for (let i = 0; i < 4; i++) board.present(bo)
  const count = board.flash.records.length
  ok(count >= 4)
  for (const torn of [count - 1, count - 3]) {
    const flash = board.flash.copy()
    const record = flash.records[torn]
    ok(record !== undefined)
    flash.records[torn] = { ...record, bytes: record.bytes.slice(0, 40) }
    const after = new Board(keeper, flash, board.pairing, board.wall_ms)
    const words = flash.records.length
    after.input({ kind: "linked" })
    after.pass(1_000)
    equal(after.published().includes("storage damaged: alarm"), torn < count - 1)
    equal(after.lock.journal.head.next, after.lock.journal.next)
    ok(words >= torn, "what was behind the damage is gone")
  }
})

test("the time floor never falls over a boot, and unknown time opens only what has neither hours nor end (I-21, I-22)", () => {
  const { board, keeper, ana, bo } = start()
  board.take(
    policyFor(keeper, [
      [ana, ALWAYS_TERMS],
      [bo, { ...ALWAYS_TERMS, until_s: MONDAY_8 + 86_400 }],
    ]),
    [ana, bo],
  )
  board.pass(3_600_000)
  const floor = board.lock.clock.floor
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  ok(after.lock.clock.floor >= floor)
  equal(after.lock.clock.start_ms, null)
  after.present(bo)
  equal(after.bolt, "thrown", "time unknown")
  after.present(ana)
  equal(after.bolt, "drawn")
  after.pushThrough()
  after.input({ kind: "linked" })
  after.present(bo)
  equal(after.bolt, "drawn", "and with a beacon it knows again")
})

test("a lock that is booted again and again does not outlive its lease by more than it ran", () => {
  const { board, keeper, ana } = start()
  let flash = board.flash.copy()
  let ran_ms = 0
  let opened = 0
  for (let boots = 0; boots < 60; boots++) {
    const after = new Board(keeper, flash, board.pairing, board.wall_ms)
    after.carries = false
    after.pass(1_800_000)
    ran_ms += 1_800_000
    after.present(ana)
    if (after.bolt === "drawn") opened++
    flash = after.flash.copy()
  }
  ok(ran_ms > 86_400_000 && opened <= 49, `${opened} openings`)
  ok(opened >= 47, "and it keeps working while the lease lasts (L-01)")
})

test("attack 108: one boot, one seed: salts, nonces and challenges never repeat", () => {
  const { board, ana } = start()
  const sent = new Set<string>()
  for (let i = 0; i < 50; i++) {
    board.present(ana)
    board.pushThrough()
  }
  const records = board.published().length
  for (const each of board.effects)
    if (each.kind === "card send" && each.bytes.length > 30) sent.add(Buffer.from(each.bytes).toString("hex"))
  equal(sent.size, 50)
  ok(records > 200)
  deepEqual(door, board.lock.pairing.door)
})
