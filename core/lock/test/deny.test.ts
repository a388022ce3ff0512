/** A denial straight from a person's key: it holds at once, over boots, and until a policy contains it (I-23). */
import { encodeDeny, statementToSign } from "@holdfast/access/author"
import type { Policy, StatementId } from "@holdfast/access/door"
import { type CredentialId, idOf, type PersonId, unixSeconds } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import type { Message } from "../src/index.ts"
import { ALWAYS_TERMS, Board, type Cardholder, house, MONDAY_8, policyFor } from "./building.ts"
import type { Keeper } from "./keeper.ts"

const admin = newEs256()
const author: PersonId = idOf(new Uint8Array(16).fill(0xad))

type Denial = { readonly message: Message; readonly id: StatementId }

function denial(
  keeper: Keeper,
  whom: { person: PersonId | null; credential: CredentialId | null },
  nonce: number,
  signer = admin,
): Denial {
  const body = {
    author,
    chain: ["ab".repeat(32) as StatementId],
    issuedAt: unixSeconds(MONDAY_8),
    notAfter: unixSeconds(MONDAY_8 + 300),
    nonce: new Uint8Array(16).fill(nonce),
    expects: [],
    change: { kind: "deny", ...whom },
  } as const
  const statement = statementToSign(keeper.site, body, signer.publicKey, "key", crypto)
  const envelope = encodeDeny(statement.finish(signer.sign(statement.bytes)), [])
  return { message: { kind: "deny", envelope }, id: statement.id }
}

function withDenier(policy: Policy, denials: readonly StatementId[] = []): Policy {
  return { ...policy, deniers: [{ person: author, key: admin.publicKey, keyKind: "software" }], denials }
}

function start(): { keeper: Keeper; board: Board; people: Cardholder[]; policy: Policy } {
  const { keeper, board, people } = house()
  const policy = withDenier(
    policyFor(
      keeper,
      people.map((who) => [who, ALWAYS_TERMS]),
    ),
  )
  board.take(policy, people)
  return { keeper, board, people, policy }
}

test("I-23: a denied person, or credential, is refused at once, and nobody else is", () => {
  const { keeper, board, people } = start()
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  board.hear(denial(keeper, { person: ana.person, credential: null }, 1).message)
  board.present(ana)
  equal(board.bolt, "thrown")
  board.present(bo)
  equal(board.bolt, "drawn")
  board.pushThrough()
  board.hear(denial(keeper, { person: null, credential: bo.card }, 2).message)
  board.present(bo)
  equal(board.bolt, "thrown")
  deepEqual(
    board.published().filter((each) => /^(deny|refused)/.test(each)),
    ["deny taken: done", "refused: denied", "deny taken: done", "refused: denied"],
  )
})

test("the same denial again changes nothing; one by a stranger, or spoiled, is refused", () => {
  const { keeper, board, people } = start()
  const [ana] = people
  ok(ana !== undefined)
  const { message } = denial(keeper, { person: ana.person, credential: null }, 1)
  board.hear(message)
  const { denies } = board.lock
  board.hear(message)
  board.hear(denial(keeper, { person: ana.person, credential: null }, 3, newEs256()).message)
  ok(message.kind === "deny")
  board.hear({ kind: "deny", envelope: message.envelope.slice(0, -1) })
  board.hear({
    kind: "deny",
    envelope: message.envelope.map((each, at) => (at === message.envelope.length - 5 ? each ^ 1 : each)),
  })
  equal(board.lock.denies, denies)
  const said = board.published().filter((each) => each.startsWith("deny"))
  deepEqual(said.slice(0, 2), ["deny taken: done", "deny refused: unknown denier"])
  equal(said.length, 4)
})

test("a denial holds over boots and new policies, until one contains it", () => {
  const { keeper, board, people, policy } = start()
  const [ana] = people
  ok(ana !== undefined)
  const { message, id } = denial(keeper, { person: ana.person, credential: null }, 1)
  board.hear(message)
  const after = new Board(keeper, board.flash.copy(), board.pairing, board.wall_ms)
  after.input({ kind: "linked" })
  after.present(ana)
  equal(after.bolt, "thrown")
  after.take(policy, people)
  after.present(ana)
  equal(after.bolt, "thrown", "this policy does not know of it yet")
  after.take(withDenier(policy, [id]), people)
  equal(after.lock.denies.length, 0)
  after.hear(message)
  equal(after.lock.denies.length, 0, "it is contained: whether ana may pass, the policy says")
  after.present(ana)
  equal(after.bolt, "drawn")
})
