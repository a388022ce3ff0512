/** An index of secrets that is longer than a chunk: it comes in chunks behind the policy's, and nothing counts before all of it. */
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Message } from "../src/index.ts"
import { ALWAYS_TERMS, Board, cardholder, house, policyFor, secretsOf } from "./building.ts"

/** It changes nothing of what is being gathered. */
function refuses(board: Board, message: Message): void {
  const { incoming, active } = board.lock
  board.hear(message)
  ok(board.lock.incoming === incoming && board.lock.active === active)
}

/** A house whose next policy has an index of secrets that is longer than a chunk. */
function crowded() {
  const { keeper, board } = house({}, ["ana"])
  const crowd = Array.from({ length: 200 }, (_, at) => cardholder(keeper, `p${at}`, at + 1))
  const policy = policyFor(
    keeper,
    crowd.map((who) => [who, ALWAYS_TERMS]),
  )
  keeper.grow()
  const next = keeper.issue(policy, secretsOf(crowd), board.lock.held.size)
  return { board, crowd, next }
}

test("an index of secrets that is longer than a chunk comes in chunks, and what it names is asked for after it", () => {
  const { board, crowd, next } = crowded()
  equal(next.offer.secrets.length, 0)
  board.issued = next
  board.hear(next.offer) // The courier brings whatever the lock asks for.
  equal(board.lock.active?.name.version.size, next.version.size)
  const [last] = crowd.slice(-1)
  ok(last !== undefined)
  board.present(last)
  equal(board.bolt, "drawn")
})

test("of an index in chunks nothing counts before all of it, and a boot in the middle begins anew", () => {
  const { board, next } = crowded()
  board.carries = false
  const old = board.lock.active
  refuses(board, { ...next.offer, secrets: new Uint8Array(48) })
  board.hear(next.offer)
  const [secret] = next.secrets
  const index = next.chunks.length - 1
  const last = next.chunks[index]
  ok(secret !== undefined && last !== undefined)
  refuses(board, secret)
  refuses(board, { ...last, bytes: last.bytes.slice(1) })
  for (const message of [...next.chunks.slice(0, -1), ...next.chunks.slice(0, -1)]) board.hear(message)
  equal(board.lock.incoming?.left, 1)
  refuses(board, secret)
  board.hear(last)
  equal(board.lock.incoming?.left, next.secrets.length - 2, "two are known from before")
  for (const message of next.secrets.slice(0, -1)) board.hear(message)
  ok(board.lock.active === old, "all but one secret is nothing yet")
  const after = new Board(board.keeper, board.flash.copy(), board.pairing, board.wall_ms)
  equal(after.lock.incoming, null)
  equal(after.lock.active?.name.version.size, old?.name.version.size)
  for (const message of [next.offer, ...next.chunks, ...next.secrets]) after.hear(message)
  equal(after.lock.active?.name.version.size, next.version.size)
})

test("chunks that each hash well and together are no index are never taken, and the old policy stays", () => {
  const { keeper, board } = house({}, ["ana"])
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const policy = policyFor(keeper, [[ana, ALWAYS_TERMS]])
  const next = keeper.issue(policy, secretsOf([ana]), board.lock.held.size, 1, new Uint8Array(4_800))
  const old = board.lock.active
  board.issued = next
  board.hear(next.offer)
  equal(board.lock.active, old)
  ok(board.published().includes("message refused: hash differs"))
})
