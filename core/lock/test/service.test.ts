/** Reset, hand-over, replacement: neither an order nor a button alone, the record first, the log safe before anything goes (attack 59). */
import { encodeOrder, statementToSign } from "@holdfast/access/author"
import type { Policy, StatementId } from "@holdfast/access/door"
import { idOf, type PersonId, unixSeconds } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Effect, Message } from "../src/index.ts"
import { ARMED_MS, decodeService, encodeService, LEAVINGS, type Leaving, SEAL_MS } from "../src/service.ts"
import { ALWAYS_TERMS, Board, type Cardholder, Flash, house, MONDAY_8, policyFor, PowerCut } from "./building.ts"
import type { Keeper } from "./keeper.ts"

const admin = newEs256()
const stranger = newEs256()
const author: PersonId = idOf(new Uint8Array(16).fill(0xad))

type Site = { readonly keeper: Keeper; readonly board: Board; readonly ana: Cardholder; readonly policy: Policy }

/** A door whose administrator may order these three, and a card that opens it. */
function start(acts: readonly Leaving[] = LEAVINGS): Site {
  const { keeper, board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  const plain = policyFor(
    keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
    { remoteActs: acts },
  )
  const policy: Policy = {
    ...plain,
    actors: [{ person: author, key: admin.publicKey, keyKind: "software", acts }],
  }
  board.take(policy, people)
  return { keeper, board, ana, policy }
}

/** Asks the lock for its nonce and signs an order over it. */
function order({ keeper, board }: Site, act: Leaving, signer: typeof admin = admin): Message {
  const nonce = board
    .hear({ kind: "ask nonce" })
    .flatMap((each) => (each.kind === "send" && each.message.kind === "nonce" ? [each.message] : []))[0]
  ok(nonce !== undefined)
  const body = {
    author,
    chain: ["ab".repeat(32) as StatementId],
    issuedAt: unixSeconds(MONDAY_8),
    notAfter: unixSeconds(MONDAY_8 + 300),
    nonce: nonce.nonce,
    expects: [],
    change: { kind: "order", door: board.pairing.door, act, value: 0, version: nonce.version },
  } as const
  const statement = statementToSign(keeper.site, body, signer.publicKey, "key", crypto)
  return { kind: "order", envelope: encodeOrder(statement.finish(signer.sign(statement.bytes)), []) }
}

const press = (board: Board): readonly Effect[] => board.input({ kind: "service pressed" })
const said = (board: Board): string[] => board.published().filter((each) => /^(service|log sealed)/.test(each))
const left = (board: Board): number => board.effects.filter(({ kind }) => kind === "leave").length

function opens({ board, ana }: Site): boolean {
  board.present(ana)
  const drawn = board.bolt === "drawn"
  if (drawn) board.pushThrough()
  return drawn
}

// what happens before the button | whether the lock begins to leave
const PROOFS: readonly (readonly [string, (site: Site) => void, boolean])[] = [
  ["nobody ordered anything", () => undefined, false],
  ["a stranger signed the order", (site) => void site.board.hear(order(site, "reset", stranger)), false],
  [
    "the order is two minutes old",
    (site) => void (site.board.hear(order(site, "reset")), site.board.pass(ARMED_MS)),
    false,
  ],
  ["an administrator ordered it just now", (site) => void site.board.hear(order(site, "reset")), true],
]
for (const [what, before, begins] of PROOFS)
  test(`attack 59: the button, when ${what}: ${begins ? "begins" : "nothing"}`, () => {
    const site = start()
    site.board.carries = true
    before(site)
    press(site.board)
    equal(said(site.board).includes("service begun: reset"), begins)
    site.board.pass(1_000)
    equal(site.board.lock.active === null, begins)
  })

test("attack 59: an order without the button changes nothing, and is over after two minutes", () => {
  const site = start()
  site.board.hear(order(site, "reset"))
  ok(opens(site))
  site.board.pass(ARMED_MS + 1)
  deepEqual(said(site.board), ["service refused: ended"])
  ok(opens(site))
  press(site.board)
  equal(site.board.lock.service.is, "none")
})

test("attack 59: an order is in memory only: after a boot the button finds nothing", () => {
  const site = start()
  site.board.hear(order(site, "reset"))
  const after = new Board(site.keeper, site.board.flash.copy(), site.board.pairing, site.board.wall_ms)
  press(after)
  equal(after.lock.service.is, "none")
  ok(after.lock.active !== null)
})

test("attack 59: a reset forgets whom it lets in and not whom it belongs to, its journal, its denials or its throttle", () => {
  const site = start()
  const { board, keeper, policy } = site
  for (let i = 0; i < 5; i++) board.type("999999")
  const { journal, throttle, pairing, held } = board.lock
  board.hear(order(site, "reset"))
  press(board)
  board.pass(1_000)
  deepEqual(said(board), ["service begun: reset", "service done: reset"])
  equal(board.lock.active, null)
  equal(board.lock.lease, null)
  equal(opens(site), false)
  equal(left(board), 0)
  ok(board.lock.journal.next > journal.next, "one journal, going on")
  deepEqual(board.lock.throttle, throttle)
  deepEqual(board.lock.pairing, pairing)
  deepEqual(board.lock.held, held, "the authority log that it followed stays pinned")
  for (const part of ["slot a", "slot b", "lease"] as const)
    ok((board.flash.parts.get(part)?.length ?? 0) < 20, `${part} holds nothing`)
  board.take({ ...policy }, [site.ana])
  ok(opens(site), "and its own keeper gives it a policy again")
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  ok(after.lock.active !== null)
  equal(after.lock.service.is, "none")
})

test("attack 59: the reset's record is with the keeper before anything is forgotten; without a line it waits ten minutes, and keeps its journal", () => {
  const site = start()
  const { board } = site
  board.hear(order(site, "reset"))
  board.carries = false
  press(board)
  equal(opens(site), false, "from the record on nobody is let in")
  board.pass(SEAL_MS - 5_000)
  ok(board.lock.active !== null)
  board.pass(10_000)
  equal(board.lock.active, null)
  ok(board.flash.records.length > 0, "its records are still here, sealed with the storage")
  board.carries = true
  board.pass(30_000)
  deepEqual(said(board), ["service begun: reset", "log sealed: done", "service done: reset"])
})

for (const what of ["hand over", "replace"] as const)
  test(`attack 59: ${what}: the board is given up once its log is with the keeper, and never before`, () => {
    const site = start()
    const { board } = site
    board.hear(order(site, what))
    board.carries = false
    press(board)
    board.pass(86_400_000)
    equal(left(board), 0)
    equal(opens(site), false)
    board.carries = true
    board.pass(30_000)
    equal(left(board), 1)
    deepEqual(said(board), [`service begun: ${what}`])
    equal(board.lock.service.is, "left")
    board.pass(86_400_000)
    equal(left(board), 1)
  })

test("attack 60: while a lock leaves, and after it left, no courier gives it back a policy or a lease", () => {
  const site = start()
  const { board, policy, ana } = site
  board.hear(order(site, "hand over"))
  press(board)
  board.take(policy, [ana])
  equal(opens(site), false)
  board.pass(30_000)
  equal(left(board), 1)
  board.take(policy, [ana])
  equal(board.lock.active, null)
  equal(opens(site), false)
})

test("attack 59: an act that the door does not allow is refused, button or not", () => {
  const site = start(["reset"])
  site.board.hear(order(site, "hand over"))
  press(site.board)
  equal(site.board.lock.service.is, "none")
  ok(opens(site))
})

test("attack 59: power cut after any write: a lock that began to leave goes on, and one that did not lets people in as before", () => {
  const ends = new Set<string>()
  for (const what of LEAVINGS)
    for (let writes = 0, done = false; !done; writes++) {
      const site = start()
      const { board, keeper } = site
      board.hear(order(site, what))
      board.flash.writesLeft = writes
      try {
        press(board)
        board.pass(60_000)
        done = true
      } catch (error) {
        if (!(error instanceof PowerCut)) throw error
      }
      board.flash.writesLeft = Number.POSITIVE_INFINITY
      const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
      after.issued = board.issued
      after.input({ kind: "linked" })
      after.pass(60_000)
      const begun = [...board.published(), ...after.published()].includes(`service begun: ${what}`)
      const isOver = after.lock.active === null
      ok(begun || !isOver, `${what}, ${writes} writes: nothing is forgotten without its record`)
      equal(opens({ ...site, board: after }), !isOver, `${what}, ${writes} writes`)
      if (isOver && what !== "reset") ok(left(board) + left(after) >= 1)
      ends.add(`${what} ${isOver ? "over" : "as before"}`)
      ok(writes < 100)
    }
  equal(ends.size, 6, [...ends].join(", "))
})

/** An empty part, as it is stored. */
const NOTHING_SIZE = 13
const CASE = (open: boolean) => ({ kind: "sensed", sensed: { kind: "case", open } }) as const

/** What a door of each grade may want; at grade 4 it is a phone in every way. */
const atGrade = (grade: number) =>
  grade < 4
    ? { grade }
    : { grade, modes: [{ schedule: null, factors: [{ kinds: ["phone"], ordered: false }] }] as const }

/** A house whose door is of this grade, with the case opened while the lock has a policy. */
function opened(grade: number, before: (board: Board) => void = () => undefined): Board {
  const { board } = house(atGrade(grade))
  board.carries = true
  before(board)
  ok(board.lock.active !== null)
  board.input(CASE(true))
  board.pass(1_000)
  return board
}
const erasures = (board: Board): number => board.effects.filter(({ kind }) => kind === "erase").length

for (const [grade, erases] of [
  [1, false],
  [2, false],
  [3, false],
  [4, true],
] as const)
  test(`attack 69: a case that is opened at grade ${grade}: ${erases ? "what opens is gone at once" : "an alarm"}`, () => {
    const board = opened(grade)
    equal(board.lock.active === null, erases)
    equal(erasures(board), erases ? 1 : 0)
    const records = board.published().filter((each) => /^(finding|secrets)/.test(each))
    deepEqual(records, ["finding: case opened", ...(erases ? ["secrets erased: case opened"] : [])])
    for (const slot of ["slot a", "slot b", "phones"] as const)
      if (erases) ok((board.flash.parts.get(slot)?.length ?? 0) <= NOTHING_SIZE, `${slot} is empty`)
  })

test("attack 69: whoever was sent may open the case: an order stands, or the door is in service", () => {
  const site = start(LEAVINGS)
  const { board, policy } = site
  const people = [site.ana]
  board.take({ ...policy, config: { ...policy.config, ...atGrade(4) } }, people)
  equal(board.lock.active?.policy.config.grade, 4)
  board.hear(order(site, "reset"))
  board.input(CASE(true))
  ok(board.lock.active !== null)
  equal(erasures(board), 0)
})

test("attack 69: while the case is open no policy, secret or lease is taken; closed, the lock is itself again", () => {
  const { board, people } = house(atGrade(4))
  board.input(CASE(true))
  const policy = policyFor(
    board.keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
    atGrade(4),
  )
  board.take(policy, people)
  equal(board.lock.active, null)
  board.input(CASE(false))
  board.take(policy, people)
  ok(board.lock.active !== null)
})

test("attack 69: power cut after any write: what opens is there as before, or gone and asked to be gone again", () => {
  const ends = new Set<string>()
  for (let writes = 0, done = false; !done; writes++) {
    const { board, keeper } = house(atGrade(4))
    board.flash.writesLeft = writes
    try {
      board.input(CASE(true))
      done = true
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error
    }
    board.flash.writesLeft = Number.POSITIVE_INFINITY
    const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
    const { is } = after.lock.service
    if (is === "erased") ok(erasures(after) >= 1, `${writes} writes`)
    after.input(CASE(true)) // Still open: what the power kept is done now.
    equal(after.lock.active, null, `${writes} writes`)
    ends.add(is)
    ok(writes < 100)
  }
  deepEqual([...ends].sort(), ["erased", "none"])
})

test("what is stored reads back, and anything else is none", () => {
  for (const what of [...LEAVINGS, "erased"] as const)
    deepEqual(decodeService(encodeService(what, 77)), { what, sequence: 77 })
  for (const bytes of [[], [0x80], [0x82, 4, 1], [0x82, 0, 0x20], [0x01]])
    equal(decodeService(Uint8Array.from(bytes)), null)
  equal(new Flash().parts.size, 0)
})
