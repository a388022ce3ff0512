/** Addresses of cards at a whole lock, each taken once; and cards whose keys are made anew. */
import { concat, idOf } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { encodeCardFile, sunOf, virtualCard } from "../src/devices.ts"
import { ALWAYS_TERMS, Board, type Cardholder, house, MONDAY_8, policyFor } from "./building.ts"

const IDENTIFIER = { grade: 1, modes: [{ schedule: null, factors: "identifier" }] } as const

function keyOf(who: Cardholder): Uint8Array {
  const key = who.tag.keys.get(0)
  ok(key !== undefined)
  return key
}

function addressOf(who: Cardholder, count: number): string {
  return sunOf(crypto, who.tag.uid, keyOf(who), count)
}

function last(board: Board): string {
  return board.published().findLast((each) => each.startsWith("refused") || each.startsWith("admitted")) ?? "nothing"
}

/** Shows an address, walks through where that was possible, and tells what the journal says. */
function show(board: Board, address: string): string {
  board.input({ kind: "address read", address })
  const said = last(board)
  equal(board.bolt, said === "admitted: done" ? "drawn" : "thrown")
  if (board.bolt === "drawn") board.pushThrough()
  return said
}

test("attack 6: a card's address opens a door of grade 1 once; the same and every older one are refused, after a reboot too (R48)", () => {
  const { board, people } = house(IDENTIFIER)
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  equal(show(board, addressOf(ana, 7)), "admitted: done")
  equal(show(board, addressOf(ana, 7)), "refused: address read before")
  equal(show(board, addressOf(ana, 6)), "refused: address read before")
  equal(show(board, addressOf(bo, 6)), "admitted: done", "each card counts for itself")
  const again = new Board(board.keeper, board.flash.copy(), board.pairing, MONDAY_8 * 1000 + 60_000)
  again.input({ kind: "linked" })
  equal(show(again, addressOf(ana, 7)), "refused: address read before")
  equal(show(again, addressOf(ana, 8)), "admitted: done")
})

test("a wrong code, an unknown card and what is no address are refused", () => {
  const { board, people } = house(IDENTIFIER)
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  equal(show(board, sunOf(crypto, ana.tag.uid, keyOf(bo), 1)), "refused: card not authentic")
  equal(show(board, addressOf(ana, 1).replace("ctr=000001", "ctr=000002")), "refused: card not authentic")
  equal(show(board, sunOf(crypto, Uint8Array.of(4, 9, 9, 9, 9, 9, 9), keyOf(ana), 1)), "refused: unknown credential")
  equal(show(board, "https://example.com/?uid=' OR 1=1 --"), "refused: unreadable", "attack 40")
  equal(show(board, addressOf(ana, 1)), "admitted: done", "what was refused took no count")
})

test("attack 15: at a door that wants a card an address opens nothing", () => {
  const { board, people } = house()
  const [ana] = people
  ok(ana !== undefined)
  equal(show(board, addressOf(ana, 1)), "refused: another factor needed")
})

test("where the counts were lost no address is taken, since every old one would look new", () => {
  const { board, people } = house(IDENTIFIER)
  const [ana] = people
  ok(ana !== undefined)
  show(board, addressOf(ana, 7))
  const flash = board.flash.copy()
  flash.parts.set("readings", new Uint8Array(30))
  const again = new Board(board.keeper, flash, board.pairing, MONDAY_8 * 1000 + 60_000)
  again.input({ kind: "linked" })
  for (const count of [7, 8]) equal(show(again, addressOf(ana, count)), "refused: address read before")
})

test("attack 78: a card written anew: the old one opens until the policy comes and never after, the new one from then on", () => {
  const { keeper, board, people } = house()
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  const key = crypto.hmacSha256(new Uint8Array(32), Uint8Array.of(1)).slice(0, 16)
  const file = encodeCardFile({ credential: ana.card, epoch: 1 })
  const anew: Cardholder = { ...ana, tag: virtualCard(ana.tag.uid, new Map([[0, key]]), file) }
  const opens = (who: Cardholder): boolean => {
    board.present(who)
    const isOpen = board.bolt === "drawn"
    if (isOpen) board.pushThrough()
    return isOpen
  }
  equal(opens(ana), true)
  equal(opens(anew), false, "before the lock was told")
  board.take(
    policyFor(keeper, [
      [anew, ALWAYS_TERMS],
      [bo, ALWAYS_TERMS],
    ]),
    [anew, bo],
  )
  equal(opens(ana), false)
  equal(opens(anew), true)
  equal(opens(bo), true, "nobody else's card is touched")
})

test("attack 17: a card that says another credential than its key stands for opens nothing, of whatever epoch", () => {
  const { board, people } = house()
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  for (const credential of [bo.card, idOf<"CredentialId">(new Uint8Array(16))])
    for (const epoch of [0, 1, 2]) {
      const tag = virtualCard(ana.tag.uid, ana.tag.keys, concat(encodeCardFile({ credential, epoch })))
      board.present({ ...ana, tag })
      equal(board.bolt, "thrown")
      equal(last(board), "refused: card not authentic")
    }
})
