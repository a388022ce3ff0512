/** What couriers bring: each bad message changes nothing but the journal, each good one exactly what it says. */
import { leaseToSign } from "@holdfast/access/door"
import { type DoorId, idOf, unixSeconds } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Lock, Message } from "../src/index.ts"
import {
  ALWAYS_TERMS,
  Board,
  cardholder,
  door,
  Flash,
  house,
  MONDAY_8,
  pairingWith,
  policyFor,
  secretsOf,
} from "./building.ts"
import { Keeper } from "./keeper.ts"

/** All of a lock's state that a message could be after: everything but its journal, its storms and its own chance. */
function essence(lock: Lock): Omit<Lock, "journal" | "flood" | "drawn" | "outstanding" | "wakeAt"> {
  const { journal: _j, flood: _f, drawn: _d, outstanding: _o, wakeAt: _w, ...rest } = lock
  return rest
}

/** Nothing but the journal changed, and its last word is this. */
function refuses(board: Board, message: Message, words: string | null): void {
  const before = essence(board.lock)
  const count = board.published().length
  const effects = board.hear(message)
  deepEqual(essence(board.lock), before)
  ok(effects.every((each) => each.kind !== "drive" && each.kind !== "show"))
  const said = board.published().slice(count)
  deepEqual(said, words === null ? [] : [words])
}

test("leases: each wrong one is refused with its reason, and a repetition is silent", () => {
  const { keeper, board } = house()
  const { issued } = board
  ok(issued !== null)
  const now_s = MONDAY_8
  const other: DoorId = idOf(new Uint8Array(16).fill(0xd1))
  const held = keeper.lease(door, issued, now_s, now_s + 86_400)
  refuses(board, held, null)
  refuses(board, keeper.lease(door, issued, now_s, now_s + 3_600), "lease refused: old version")
  refuses(board, keeper.lease(other, issued, now_s, now_s + 90_000), "lease refused: wrong door")
  refuses(
    board,
    keeper.lease(door, { ...issued, hash: new Uint8Array(32) }, now_s, now_s + 90_000),
    "lease refused: hash differs",
  )
  const older = { ...issued, version: { epoch: 1, size: 1 } }
  refuses(board, keeper.lease(door, older, now_s, now_s + 90_000), "lease refused: old version")
  const newer = { ...issued, version: { epoch: 1, size: 99 } }
  refuses(board, keeper.lease(door, newer, now_s, now_s + 90_000), "lease refused: not expected")
  refuses(board, keeper.lease(door, issued, now_s - 7_200, now_s - 3_600), "lease refused: too early or too late")
  refuses(board, keeper.lease(door, issued, now_s + 3_600, now_s + 90_000), "lease refused: too early or too late")
  refuses(board, keeper.lease(door, issued, now_s, now_s + 3_000_000), "lease refused: too early or too late")
  refuses(board, { kind: "lease", ticket: new Uint8Array(0) }, "lease refused: unreadable")
  refuses(board, { kind: "lease", ticket: new Uint8Array(100_000) }, "lease refused: unreadable")
})

test("a lease that somebody else signed is refused", () => {
  const { keeper, board } = house()
  const thief = newEs256()
  const lease = {
    site: keeper.site,
    door,
    version: board.lock.active?.name.version ?? { epoch: 0, size: 0 },
    policyHash: board.lock.active?.name.hash ?? new Uint8Array(32),
    notBefore: unixSeconds(MONDAY_8),
    notAfter: unixSeconds(MONDAY_8 + 90_000),
  }
  const signable = leaseToSign(lease, thief.publicKey, crypto)
  refuses(
    board,
    { kind: "lease", ticket: signable.finish(thief.sign(signable.bytes)) },
    "lease refused: wrong signature",
  )
})

test("a flip of any byte of a lease, a beacon or a manifest is refused", () => {
  const { keeper, board, people } = house()
  const { issued } = board
  ok(issued !== null)
  keeper.grow()
  const next = keeper.issue(policyFor(keeper, []), secretsOf(people), board.lock.held.size)
  const lease = keeper.lease(door, issued, MONDAY_8, MONDAY_8 + 90_000)
  const beacon = keeper.beacon(board.lock.clock.asked?.nonce ?? new Uint8Array(16), MONDAY_8 * 1000)
  ok(lease.kind === "lease" && beacon.kind === "beacon")
  const before = essence(board.lock)
  const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((each, i) => (i === at ? each ^ 0x10 : each))
  for (let at = 0; at < lease.ticket.length; at++) board.hear({ kind: "lease", ticket: flipped(lease.ticket, at) })
  for (let at = 0; at < beacon.beacon.length; at++) board.hear({ kind: "beacon", beacon: flipped(beacon.beacon, at) })
  for (let at = 0; at < next.offer.manifest.length; at++)
    board.hear({ ...next.offer, manifest: flipped(next.offer.manifest, at) })
  for (let at = 0; at < next.offer.checkpoint.length; at += 7)
    board.hear({ ...next.offer, checkpoint: flipped(next.offer.checkpoint, at) })
  deepEqual(essence(board.lock), before)
})

test("time: only a beacon for the nonce that left last, within ten seconds, and never by more than five minutes", () => {
  const { keeper, board } = house()
  board.carries = false
  const ask = (): Uint8Array => {
    board.input({ kind: "unlinked" })
    board.input({ kind: "linked" })
    const nonce = board.lock.clock.asked?.nonce
    ok(nonce !== undefined)
    return nonce
  }
  const time = (nonce: Uint8Array, drift_ms: number): void =>
    void board.hear(keeper.beacon(nonce, board.wall_ms + drift_ms))
  const offset = (): number => (board.lock.clock.start_ms ?? -1) - board.startedAt_ms

  const first = ask()
  time(new Uint8Array(16), 0)
  equal(offset(), 0)
  time(first, 299_000)
  equal(offset(), 299_000, "a step within five minutes")
  time(first, 0)
  equal(offset(), 299_000, "a nonce answers once")
  time(ask(), 299_000 + 300_001)
  equal(offset(), 299_000, "a longer step is refused")
  time(ask(), 299_000 - 300_001)
  equal(offset(), 299_000, "back as well")
  const late = ask()
  board.pass(10_001)
  time(late, 0)
  equal(offset(), 299_000, "too late")
  time(ask(), 0)
  equal(offset(), 0)
  ok((board.lock.clock.floor ?? 0) > MONDAY_8 * 1000, "but the floor did not fall (I-21)")
})

test("attack 54: a policy of an old version, another door, another keeper, a rewritten log, or with other bytes is refused", () => {
  const { keeper, board, people } = house()
  const policy = policyFor(
    keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
  )
  const now = keeper.issue(policy, secretsOf(people), board.lock.held.size)
  refuses(board, { ...now.offer }, null)
  const changed = keeper.issue(policyFor(keeper, []), [], board.lock.held.size)
  refuses(board, changed.offer, "equivocation: other bytes at this version")

  keeper.grow()
  const next = keeper.issue(policy, secretsOf(people), board.lock.held.size)
  const { held } = board.lock
  const effects = board.hear({ ...next.offer, from_size: held.size + 1 })
  ok(
    effects.some((each) => each.kind === "send" && each.message.kind === "hello"),
    "so that the courier learns",
  )
  equal(board.lock.held, held)
  ok(!board.published().some((each) => each.startsWith("checkpoint refused")), "a late offer is no attack")
  refuses(board, { ...next.offer, consistency: [] }, "checkpoint refused: inconsistent checkpoint")
  refuses(board, { ...next.offer, consistency: [new Uint8Array(32)] }, "checkpoint refused: inconsistent checkpoint")
  refuses(
    board,
    { ...next.offer, checkpoint: keeper.events.checkpoint() },
    "checkpoint refused: inconsistent checkpoint",
  )
  refuses(board, { ...next.offer, secrets: next.offer.secrets.slice(48) }, "policy refused: hash differs")
  refuses(board, { ...next.offer, secrets: new Uint8Array(5) }, "policy refused: unreadable")
  refuses(board, { ...next.offer, manifest: new Uint8Array(5) }, "policy refused: unreadable")
  refuses(board, { ...next.offer, manifest: new Uint8Array(200_000) }, "policy refused: unreadable")
  const elsewhere = keeper.issue({ ...policy, door: idOf(new Uint8Array(16).fill(1)) }, [], board.lock.held.size)
  refuses(board, elsewhere.offer, "policy refused: wrong door")
  refuses(board, keeper.issue(policy, secretsOf(people), board.lock.held.size, 0).offer, "policy refused: old version")
  refuses(board, keeper.issue(policy, secretsOf(people), board.lock.held.size, 2).offer, "policy refused: not expected")

  const rewritten = new Keeper()
  rewritten.authority.append(Uint8Array.of(99))
  rewritten.grow(5)
  const from_size = board.lock.held.size
  const forked = { ...keeper.issue(policy, [], 0).offer, from_size, checkpoint: rewritten.authority.checkpoint() }
  refuses(board, forked, "checkpoint refused: inconsistent checkpoint")

  board.issued = next
  board.hear(next.offer)
  equal(board.lock.active?.name.version.size, next.version.size)
  refuses(board, now.offer, "policy refused: old version")
})

test("chunks and secrets come in any order, twice, from anybody; wrong ones are refused", () => {
  const { keeper, board, people } = house({}, ["ana"])
  const crowd = Array.from({ length: 42 }, (_, at) => cardholder(keeper, `p${at}`, at + 1))
  const policy = policyFor(
    keeper,
    crowd.map((who) => [who, ALWAYS_TERMS]),
  )
  keeper.grow()
  const next = keeper.issue(policy, secretsOf(crowd), board.lock.held.size)
  ok(next.chunks.length >= 2 && people.length === 1)
  board.carries = false
  const old = board.lock.active
  board.hear(next.offer)
  const [first, second] = next.chunks
  const [secret] = next.secrets.slice(4)
  ok(first !== undefined && second !== undefined && secret !== undefined)
  refuses(board, { ...first, index: 1 }, null)
  refuses(board, { ...first, policy: new Uint8Array(32) }, null)
  refuses(board, { ...secret, opened: null }, null)
  refuses(board, { ...secret, sealed: new Uint8Array(3) }, null)
  refuses(board, { ...secret, credential: idOf(new Uint8Array(16)) }, null)
  for (const message of [...next.secrets, ...next.secrets, ...next.chunks.toReversed().slice(1)]) board.hear(message)
  equal(board.lock.active, old, "all but one piece is nothing yet")
  for (const message of next.chunks) board.hear(message)
  equal(board.lock.active?.name.version.size, next.version.size)
  for (const message of next.chunks) board.hear(message)
  equal(board.lock.incoming, null)
})

test("a policy whose parts all hash well and that does not read is refused, and the old one stays", () => {
  const { keeper, board, people } = house()
  keeper.grow()
  const policy = policyFor(
    keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
  )
  const unsorted = { ...policy, people: policy.people.toReversed() }
  const next = keeper.issue(unsorted, secretsOf(people), board.lock.held.size)
  board.issued = next
  const before = board.lock.active
  board.hear(next.offer)
  equal(board.lock.active, before)
  equal(board.published().at(-1), "policy refused: unreadable")
})

test("a lease ahead of its policy waits for it, and counts no sooner", () => {
  const { keeper, board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  keeper.grow()
  const next = keeper.issue(policyFor(keeper, [[ana, ALWAYS_TERMS]]), secretsOf([ana]), board.lock.held.size)
  board.issued = null
  board.hear(next.offer)
  board.hear(keeper.lease(door, next, MONDAY_8, MONDAY_8 + 200_000))
  equal(board.lock.lease?.notAfter, MONDAY_8 + 86_400)
  for (const message of [...next.chunks, ...next.secrets]) board.hear(message)
  equal(board.lock.lease?.notAfter, MONDAY_8 + 200_000)
})

test("receipts: a foreign, an early and a repeated one release nothing", () => {
  const { keeper, board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.carries = false
  board.present(ana)
  const waiting = board.lock.journal.head.next
  const entry = board.lock.outstanding?.sent?.entry
  ok(entry !== undefined)
  const foreign = new Keeper()
  for (const message of [
    keeper.admit(Uint8Array.of(1, 2, 3), 5),
    foreign.admit(Uint8Array.of(1, 2, 3), 5),
    { kind: "receipt" as const, receipt: new Uint8Array(0) },
    { kind: "receipt" as const, receipt: new Uint8Array(10_000) },
  ]) {
    board.hear(message)
    equal(board.lock.journal.head.next, waiting)
  }
  const good = keeper.admit(entry, 1_795_420_801_000)
  board.hear(good)
  const released = board.lock.journal.head.next
  ok(released > waiting)
  board.hear(good)
  equal(board.lock.journal.head.next, released)
})

test("a batch that nobody answers is sent again as the very same bytes, also after a boot", () => {
  const { keeper, board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  board.carries = false
  board.present(ana)
  board.pass(25_000)
  const sent = (of: Board): string[] =>
    of.effects.flatMap((each) =>
      each.kind === "send" && each.message.kind === "batch" ? [Buffer.from(each.message.entry).toString("hex")] : [],
    )
  const last = sent(board).slice(-3)
  equal(last.length, 3)
  equal(new Set(last).size, 1)
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.carries = false
  after.input({ kind: "linked" })
  deepEqual(sent(after), [last[0]])
})

test("a full journal keeps the oldest, and the gap becomes a record as soon as there is room (I-28)", () => {
  const keeper = new Keeper()
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const board = new Board(keeper, new Flash(), pairingWith(keeper, 40), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]]), [ana])
  board.input({ kind: "unlinked" })
  let opened = 0
  for (let i = 0; i < 30; i++) {
    board.present(ana)
    if (board.bolt === "drawn") opened++
    board.pushThrough()
  }
  equal(opened, 30, "a full journal keeps nobody out")
  ok(board.lock.journal.lost > 0)
  ok(board.lock.journal.next - board.lock.journal.head.next <= 40)
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  ok(after.lock.journal.lost >= board.lock.journal.lost, "not forgotten over a boot")
  after.input({ kind: "linked" })
  after.present(ana)
  const words = after.published()
  equal(words.filter((each) => each === "gap: full").length, 1)
  ok(words.indexOf("gap: full") < words.lastIndexOf("admitted: done"))
})

test("no bytes in any message make a turn throw or move the bolt (I-04)", () => {
  const { board } = house()
  const noise = fc.uint8Array({ maxLength: 200 })
  const message: fc.Arbitrary<Message> = fc.oneof(
    fc.record({ kind: fc.constant("lease" as const), ticket: noise }),
    fc.record({ kind: fc.constant("beacon" as const), beacon: noise }),
    fc.record({ kind: fc.constant("receipt" as const), receipt: noise }),
    fc.record({ kind: fc.constant("deny" as const), envelope: noise }),
    fc.record({ kind: fc.constant("chunk" as const), policy: noise, index: fc.nat(), bytes: noise }),
    fc.record({
      kind: fc.constant("policy" as const),
      manifest: noise,
      checkpoint: noise,
      from_size: fc.nat(40),
      consistency: fc.array(noise, { maxLength: 3 }),
      secrets: noise,
    }),
    fc.constant({ kind: "unreadable" as const }),
  )
  const before = essence(board.lock)
  fc.assert(
    fc.property(message, (each) => {
      const effects = board.hear(each)
      ok(effects.every(({ kind }) => kind !== "drive" && kind !== "show"))
    }),
  )
  deepEqual(essence(board.lock), before)
})
