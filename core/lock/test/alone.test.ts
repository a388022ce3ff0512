/**
 * A lock by itself: no hub, no server, no certificate, no vendor. What it goes on deciding, what it says of itself, what
 * nobody can teach it at the door, and what never leaves it.
 */
import { concat, idBytes, uptime } from "@holdfast/base"
import { toHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import fc from "fast-check"
import { cardKey, virtualCard } from "../src/devices.ts"
import type { Effect, Input, LockState, Message } from "../src/index.ts"
import { matchCode, NOBODYS } from "../src/codes.ts"
import { boot, openBatch, recordsOf, stateOf } from "../src/index.ts"
import { only, two } from "./at-door.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  Flash,
  house,
  MONDAY_8,
  pairingWith,
  policyFor,
} from "./building.ts"
import { Keeper } from "./keeper.ts"
import { askNonce, commanded, orderOf } from "./orders.ts"

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const draws = (effects: readonly Effect[]): boolean =>
  effects.some((each) => each.kind === "drive" && each.drive === "draw")

/** The line is cut, for good. */
function cut(board: Board): void {
  board.carries = false
  board.input({ kind: "unlinked" })
}

/** Whether the card opens; afterwards the bolt is thrown again. */
function opens(board: Board, who: Cardholder): boolean {
  const drew = draws(board.present(who))
  board.pushThrough()
  board.pass(30_000)
  return drew
}

// hours after Monday 08:00, seconds more | may ana pass, whose hours are 09:00 to 17:00
const HOURS: readonly (readonly [number, number, boolean])[] = [
  [0, 0, false],
  [0, 3_599, false],
  [1, 0, true],
  [4, 30, true],
  [8, 3_599, true],
  [9, 0, false],
  [15, 0, false],
]
for (const [hours, seconds, may] of HOURS)
  test(`attack 52: the line cut since 08:00, ${hours} h ${seconds} s later: ${may ? "opens" : "refuses"}`, () => {
    const { keeper, board, people } = house()
    const [ana] = people
    ok(ana !== undefined)
    const terms = { ...ALWAYS_TERMS, hours: [MONDAY_8 + 3_600, MONDAY_8 + 9 * 3_600] as const }
    board.take(policyFor(keeper, [[ana, terms]]), [ana])
    cut(board)
    board.pass(hours * HOUR_MS + seconds * 1000)
    equal(draws(board.present(ana)), may)
  })

test("attack 129, R5, L-01: with everything else dead for thirty days less a minute, card and code open at once, over a loss of power too", () => {
  const { keeper, board, people } = house(only("card or pin"))
  const [ana] = people
  ok(ana !== undefined)
  board.take(policyFor(keeper, [[ana, ALWAYS_TERMS]], only("card or pin")), [ana], 30 * 86_400)
  cut(board)
  for (const days of [1, 13, 15]) {
    board.pass(days * DAY_MS)
    ok(opens(board, ana), `after ${days} days more, with nothing waited for`)
    ok(draws(board.type(ana.code)))
    board.pushThrough()
    board.pass(30_000)
  }
  board.pass(DAY_MS - 5 * 60_000)
  ok(opens(board, ana), "minutes before the end")
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.carries = false
  ok(opens(after, ana), "who may always pass does so though nobody told the time")
  board.pass(5 * 60_000)
  equal(opens(board, ana), false, "the lease is the bound that was chosen")
})

test("attack 85: no certificate has a say at the door, and ten years later a beacon and a ticket that somebody carried in are enough", () => {
  const { keeper, board, people } = house()
  const [ana] = people
  const { issued } = board
  ok(ana !== undefined && issued !== null)
  cut(board) // The broker refuses the lock's certificate: to the lock that is a line that does not come up.
  board.pass(23 * HOUR_MS)
  ok(opens(board, ana))
  const later = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms + 3_650 * DAY_MS)
  later.input({ kind: "linked" })
  equal(opens(later, ana), false, "the lease has ended")
  const from_s = Math.floor(later.wall_ms / 1000)
  later.hear(keeper.lease(later.pairing.door, issued, from_s, from_s + 86_400))
  ok(opens(later, ana), "the keeper's key and the card's are what they were")
})

test("attack 47: the lock says of its bolt what the sensor says, and before the sensor spoke that it does not know", () => {
  const here = commanded()
  const { board, keeper } = here
  const bolt = (of: Board = board): string => stateOf(of.lock, of.now).bolt
  equal(bolt(), "thrown")
  board.motorWorks = false
  board.hear(orderOf(here, "unlock"))
  equal(bolt(), "drawing", "an order that was taken is no bolt that was drawn")
  board.pass(10_000)
  equal(bolt(), "jammed")
  board.input({ kind: "bolt sensed", bolt: "drawn" })
  equal(bolt(), "drawn", "whoever drew it")
  const stored = { parts: new Map(), records: [] }
  const silent = boot(pairingWith(keeper), stored, new Uint8Array(32), uptime(0), crypto).state
  deepEqual([stateOf(silent, uptime(0)).bolt, stateOf(silent, uptime(0)).leaf], ["unknown", "unknown"])
})

test("attack 47: of two states of one lock the later is told from the earlier, over boots and lost time too", () => {
  const { keeper, board: first, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  let board = first
  let before: LockState | null = null
  for (let step = 0; step < 30; step++) {
    if (step % 7 === 6) {
      board = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
      if (step % 2 === 0) board.input({ kind: "linked" })
    } else if (step % 3 === 0) opens(board, ana)
    else board.pass(1_000)
    const now = stateOf(board.lock, board.now)
    if (before !== null) {
      ok(now.boot > before.boot || (now.boot === before.boot && now.uptime_ms > before.uptime_ms), `at step ${step}`)
      ok(now.lastSequence >= before.lastSequence)
      ok((now.version?.size ?? 0) >= (before.version?.size ?? 0))
    }
    before = now
  }
})

test("attack 31, attack 71: a lock that nobody gave a right to opens for no code and no card, whatever the vendor knows", () => {
  const keeper = new Keeper()
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const serial = keeper.site.slice(0, 6).replaceAll(/[a-f]/g, "0")
  for (const code of ["0000", "1234", "0000000", "000000", "123456", "654321", "111111", "888888", "112233", serial])
    ok(!draws(board.type(code)), code)
  const uid = Uint8Array.of(4, 1, 2, 3, 4, 5, 6)
  for (const key of [
    new Uint8Array(16),
    new Uint8Array(16).fill(0xff),
    cardKey(crypto, new Uint8Array(16), uid, 0, keeper.site),
  ])
    ok(
      !draws(
        board.present({
          ...cardholder(keeper, "vendor", 1),
          tag: virtualCard(uid, new Map([[0, key]]), new Uint8Array(21)),
        }),
      ),
    )
  for (const kind of ["service pressed", "enrolment asked"] as const) ok(!draws(board.input({ kind })))
  equal(board.lock.active, null)
})

test("attack 71: of 50,000 codes of six digits those that were issued are somebody's, and no other", () => {
  const { board, people } = house()
  const { active, pairing } = board.lock
  ok(active !== null)
  const found: string[] = []
  for (let number = 100_000; number < 150_000; number++) {
    const code = String(number)
    const match = matchCode(crypto, pairing.codeKey, active.policy, active.secrets, code)
    if (match.credential !== null || match.forced !== null) found.push(code)
    else deepEqual({ ...match, near: 0 }, NOBODYS)
  }
  deepEqual(
    found,
    people.map(({ code }) => code),
  )
})

/** What somebody at the door can do with cards, keys and tools of his own; the card holds ana's key and his own words. */
const handled = fc.oneof(
  fc.record({ does: fc.constant("card" as const), file: fc.uint8Array({ maxLength: 64 }) }),
  fc.record({
    does: fc.constant("input" as const),
    input: fc.constantFrom<Input>(
      { kind: "service pressed" },
      { kind: "enrol", what: "card", hash: new Uint8Array(32) },
      { kind: "enrol", what: "biometric", hash: new Uint8Array(32).fill(1) },
      { kind: "relocked by hand" },
      { kind: "mechanical key turned" },
      { kind: "emergency power applied" },
      { kind: "address read", address: "https://example.com/?config=1" },
    ),
  }),
  fc.record({ does: fc.constant("keys" as const), code: fc.stringMatching(/^[0-9]{1,12}$/) }),
  fc.record({ does: fc.constant("message" as const), bytes: fc.uint8Array({ maxLength: 64 }) }),
)

test("attack 18: no card, code, key or button at the door changes what the lock goes by", () => {
  const { board, people } = house({ ...only("card or pin"), enrollers: [] })
  const [ana] = people
  ok(ana !== undefined)
  board.carries = false
  const goesBy = () => {
    const { active, pairing, lease, held, denies, modes, service, enrolment } = board.lock
    return { active, pairing, lease, held, denies, ordered: modes.ordered, level: modes.level, service, enrolment }
  }
  const before = goesBy()
  const from = board.effects.length
  fc.assert(
    fc.property(handled, (act) => {
      if (act.does === "card") board.present({ ...ana, tag: { ...ana.tag, file: act.file } })
      else if (act.does === "keys") board.type(act.code)
      else if (act.does === "message") board.hear({ kind: "order", envelope: act.bytes } satisfies Message)
      else board.input(act.input)
      deepEqual(goesBy(), before)
    }),
    { numRuns: 300, seed: 18 },
  )
  const parts = board.effects.slice(from).flatMap((each) => (each.kind === "store" ? [each.part] : []))
  ok(
    parts.every((part) => !/^(slot|head|lease|denies|service|modes)/.test(part)),
    [...new Set(parts)].join(),
  )
  ok(board.effects.slice(from).every(({ kind }) => kind !== "enrolled" && kind !== "leave" && kind !== "image write"))
  board.pass(61_000)
  board.carries = true
  board.input({ kind: "unlinked" })
  board.input({ kind: "linked" })
  board.pass(60_000)
  const said = new Set(board.published().map((each) => each.split(":")[0]))
  for (const word of ["service refused", "enrolment refused", "order refused", "refused"])
    ok(said.has(word), `${word} is on record`)
})

test("attack 108: what a lock draws is 128 bits of chance, never twice, and nothing of another boot's", () => {
  const drawn = (board: Board): Uint8Array[] =>
    Array.from({ length: 1_500 }, () => {
      board.pass(15_000)
      return askNonce(board)
    })
  const { board } = commanded()
  cut(board)
  const first = drawn(board)
  const again = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  const second = drawn(again)
  ok([...first, ...second].every(({ length }) => length === 16))
  equal(new Set([...first, ...second].map(toHex)).size, 3_000)
  const bytes = concat(...first, ...second)
  const counts = Array.from({ length: 256 }, () => 0)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  const expected = bytes.length / 256
  const square = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  ok(square > 150 && square < 380, `255 degrees of freedom: ${square}`)
  for (let bit = 0; bit < 128; bit++) {
    const ones = first.filter((nonce) => ((nonce[bit >> 3] ?? 0) >> (bit & 7)) % 2 === 1).length
    ok(Math.abs(ones - 750) < 110, `bit ${bit} is one ${ones} times of 1,500`)
  }
})

/** All bytes and words that leave the lock for a person, a courier or a log; storage is sealed by the board, and apart. */
function outward(effects: readonly Effect[]): Uint8Array {
  return concat(
    ...effects.flatMap((each) => {
      if (
        each.kind === "append" ||
        each.kind === "sign batch" ||
        each.kind === "card send" ||
        each.kind === "phone send"
      )
        return each.kind === "sign batch" ? [each.bytes, each.openings] : [each.bytes]
      return each.kind === "send"
        ? [
            utf8(
              JSON.stringify(each.message, (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value)),
            ),
          ]
        : []
    }),
  )
}

test("I-13: no code, key or UID leaves the lock in a record, an opening, a message, a state or a command to a card", () => {
  const { board, ana, bo } = two(only("card and pin"))
  for (const who of [ana, bo]) {
    board.present(who)
    board.type(who.code)
    board.pushThrough()
    board.present(who)
    board.type("999999")
    board.pass(20_000)
  }
  board.type(bo.code)
  board.pass(60_000)
  const said = toHex(outward(board.effects))
  ok(!said.includes(toHex(utf8("999999"))), "a wrong code may be almost a right one")
  const canaries: readonly (readonly [string, Uint8Array])[] = [
    ["the key of all handles", board.pairing.codeKey],
    ...[ana, bo].flatMap((who): (readonly [string, Uint8Array])[] => [
      [`${who.name}'s code`, utf8(who.code)],
      [`${who.name}'s card key`, who.tag.keys.get(0) ?? new Uint8Array(16)],
      [`${who.name}'s UID`, who.tag.uid],
    ]),
  ]
  for (const [what, bytes] of canaries) {
    ok(!said.includes(toHex(bytes)), what)
    ok(!said.includes(toHex(utf8(toHex(bytes)))), `${what}, as text`)
  }
  ok(said.includes(toHex(idBytes(ana.card))), "and the search finds what is there: whose card it was")
})

/** What a signed batch says, with the door that it is of. */
function told(board: Board) {
  return board.batches.flatMap((bytes) => {
    const opened = openBatch(crypto, board.pairing.site, board.pairing.journalKey, bytes)
    ok(opened.ok)
    const records = recordsOf(opened.batch)
    ok(typeof records !== "string")
    return records.map((record) => ({ ...record, door: opened.batch.door }))
  })
}

test("R14: every denial stands in the journal with its cause, its door and its time", () => {
  const { keeper, board, people } = house(only("card or pin"))
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  const rights = [
    [ana, { ...ALWAYS_TERMS, until_s: MONDAY_8 + 60 }],
    [bo, { ...ALWAYS_TERMS, revoked: true }],
  ] as const
  board.take(policyFor(keeper, rights, only("card or pin")), people)
  board.pass(120_000)
  const attempts: readonly (readonly [string, () => void])[] = [
    ["expired", () => board.present(ana)],
    ["revoked", () => board.present(bo)],
    ["unknown credential", () => board.present(cardholder(keeper, "cy", 40))],
    ["unknown credential", () => board.type("999999")],
  ]
  for (const [cause, act] of attempts) {
    board.pass(7_000)
    act()
    const last = told(board).findLast(({ kind }) => kind === "refused")
    deepEqual([last?.result, last?.door, last?.wall_ms], [cause, board.pairing.door, board.wall_ms])
  }
})

test("L-04: after a day without a line all records arrive, in order and once, though the line breaks and each batch comes twice", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  const before = board.lock.journal.next
  cut(board)
  for (let times = 0; times < 150; times++) opens(board, ana)
  const last = board.lock.journal.next - 1
  ok(last - before > 600, `${last - before} records wait`)
  for (let times = 0; times < 3; times++) {
    board.input({ kind: "linked" }) // Nobody answers: what was sent is sent again.
    board.pass(15_000)
    board.input({ kind: "unlinked" })
  }
  board.carries = true
  board.input({ kind: "linked" })
  board.pass(60_000)
  const sequences = told(board).map(({ sequence }) => sequence)
  deepEqual(
    sequences,
    sequences.map((_, at) => at + 1),
  )
  ok((sequences.at(-1) ?? 0) >= last)
})
