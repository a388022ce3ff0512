/** A board whose policy names an administrator, and orders signed by him or by somebody else. */
import type { Change } from "@holdfast/access"
import { encodeOrder, statementToSign } from "@holdfast/access/author"
import type { DoorConfig, Policy, StatementId } from "@holdfast/access/door"
import { type Act, ACTS } from "@holdfast/access/rules"
import { type DoorId, idOf, type PersonId, unixSeconds } from "@holdfast/base"
import { type Es256Signer, newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { type Message, stateOf } from "../src/index.ts"
import { ALWAYS_TERMS, type Board, type Cardholder, door, house, MONDAY_8, policyFor } from "./building.ts"
import type { Keeper } from "./keeper.ts"

export const admin = newEs256()
export const author: PersonId = idOf(new Uint8Array(16).fill(0xad))

export type Commanded = {
  readonly keeper: Keeper
  readonly board: Board
  readonly people: readonly Cardholder[]
  readonly policy: Policy
}

/** A door that takes every act from its administrator; `ana` and `bo` may always pass. `traits` are of the first person. */
export function commanded(
  changed: Partial<DoorConfig<number>> = {},
  { acts = ACTS, traits = 0 }: { readonly acts?: readonly Act[]; readonly traits?: number } = {},
): Commanded {
  const { keeper, board, people } = house()
  const plain = policyFor(
    keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
    { remoteActs: ACTS, ...changed },
  )
  const credentials = plain.credentials.slice()
  for (const row of [0, 24]) credentials[row + 23] = traits
  const actors = [{ person: author, key: admin.publicKey, keyKind: "software", acts } as const]
  const policy = { ...plain, credentials, actors }
  board.take(policy, people)
  return { keeper, board, people, policy }
}

/** What the lock gives out for one order. */
export function askNonce(board: Board): Uint8Array {
  const sent = board.hear({ kind: "ask nonce" })
  const [nonce] = sent.flatMap((each) =>
    each.kind === "send" && each.message.kind === "nonce" ? [each.message.nonce] : [],
  )
  ok(nonce !== undefined)
  return nonce
}

export type OrderTerms = {
  readonly nonce?: Uint8Array
  readonly key?: Es256Signer
  readonly where?: DoorId
  readonly size?: number
}

/** An order over a nonce that is asked for unless one is given. */
export function orderOf({ board, keeper }: Commanded, act: Act, value: number = 0, terms: OrderTerms = {}): Message {
  const { key = admin, where = door, nonce = askNonce(board) } = terms
  const held = board.lock.active?.name.version
  ok(held !== undefined)
  const change: Change = {
    kind: "order",
    door: where,
    act,
    value,
    version: { epoch: held.epoch, size: terms.size ?? held.size },
  }
  const chain = ["ab".repeat(32) as StatementId]
  const times = { issuedAt: unixSeconds(MONDAY_8), notAfter: unixSeconds(MONDAY_8 + 300) }
  const body = { author, chain, ...times, nonce, expects: [], change }
  const statement = statementToSign(keeper.site, body, key.publicKey, "key", crypto)
  return { kind: "order", envelope: encodeOrder(statement.finish(key.sign(statement.bytes)), []) }
}

/** Orders, and answers what the journal says of it. */
export function order(commanded: Commanded, act: Act, value: number = 0, terms: OrderTerms = {}): string {
  const { board } = commanded
  board.hear(orderOf(commanded, act, value, terms))
  return board.published().findLast((each) => each.startsWith("order")) ?? "nothing"
}

export function first(people: readonly Cardholder[]): Cardholder {
  const [ana] = people
  ok(ana !== undefined)
  return ana
}

export const modeOf = (board: Board): string => stateOf(board.lock, board.now).mode

/** What the journal says, as far as it begins with one of these words. */
export function said(board: Board, ...words: readonly string[]): string[] {
  return board.published().filter((each) => words.some((word) => each.startsWith(word)))
}
