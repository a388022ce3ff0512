/** A whole lock that ana's phone opens, and the phone held to its reader. */
import type { DoorConfig, Factors, Policy } from "@holdfast/access/door"
import { concat, type CredentialId, idBytes, idOf } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import type { Effect, Input } from "../src/index.ts"
import { phoneAnswers } from "../src/phone/virtual-phone.ts"
import {
  ALWAYS_TERMS,
  Board,
  cardholder,
  door,
  Flash,
  MONDAY_8,
  pairingWith,
  policyFor,
  type Terms,
} from "./building.ts"
import { Keeper } from "./keeper.ts"
import { ephemeral, type Held, newPhone, reader, signReader, type Spoil } from "./phones.ts"

export const PHONE: Factors = [{ kinds: ["phone"], ordered: false }]
export const PHONE_AND_PIN: Factors = [{ kinds: ["pin", "phone"], ordered: false }]
const anasPhone: CredentialId = idOf(new Uint8Array(16).fill(0xff))

function u32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

export type House = ReturnType<typeof furnish>

export const phoneDoor = (factors: Factors): Partial<DoorConfig<number>> => ({ modes: [{ schedule: null, factors }] })

/** The policy with one phone more, of the first person in it. */
export function withPhoneOf(policy: Policy, { phone }: Held): Policy {
  const credentials = concat(policy.credentials, idBytes(anasPhone), u32(0), Uint8Array.of(3, 0, 0, 0))
  const row = concat(phone.key.subarray(0, 32), u32(policy.credentials.length / 24))
  return { ...policy, credentials, phones: row }
}

/** A door that Ana's phone opens, alone or with her PIN. */
export function furnish(factors: Factors = PHONE, terms: Terms = ALWAYS_TERMS) {
  const keeper = new Keeper()
  keeper.grow()
  const ana = cardholder(keeper, "ana", 1)
  const pairing = { ...pairingWith(keeper), readerKey: reader.key }
  const board = new Board(keeper, new Flash(), pairing, MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  const id = concat(idBytes(keeper.site), idBytes(door))
  const phone = newPhone(new Map([[toHex(id), reader.key]]))
  const policy = policyFor(keeper, [[ana, terms]], phoneDoor(factors))
  board.take(withPhoneOf(policy, phone), [ana])
  return { board, ana, phone }
}

export type Meeting = { readonly phone: Held; readonly words: readonly string[]; readonly sent: readonly string[] }

/** Holds a phone to the reader until nothing is asked any more; `until` takes it away before that many answers. */
export function hold(
  board: Board,
  held: Held,
  until: number = Number.POSITIVE_INFINITY,
  spoil: Spoil = (answer) => answer,
): Meeting {
  let { phone } = held
  let own = ephemeral()
  let answers = 0
  const sent: string[] = []
  const words: string[] = []
  const queue: Input[] = [{ kind: "phone", phone: { kind: "presented" } }]
  for (let input = queue.shift(); input !== undefined; input = queue.shift()) {
    const from = board.effects.length
    board.input(input)
    for (const effect of board.effects.slice(from)) {
      if (effect.kind === "show") words.push(effect.signal)
      if (effect.kind === "phone ask") {
        if (effect.ask.kind === "make ephemeral") own = ephemeral()
        queue.push({ kind: "phone", phone: answerOf(effect.ask, own) })
      }
      if (effect.kind !== "phone send") continue
      sent.push(toHex(effect.bytes).slice(2, 4))
      if (++answers > until) continue
      const turn = phoneAnswers(phone, effect.bytes, held.hands, crypto)
      phone = turn.phone
      queue.push({ kind: "phone", phone: { kind: "answered", bytes: spoil(turn.answer, answers - 1, effect.bytes) } })
    }
  }
  return { phone: { ...held, phone }, words, sent }
}

export function answerOf(ask: Extract<Effect, { kind: "phone ask" }>["ask"], own: ReturnType<typeof ephemeral>) {
  if (ask.kind === "make ephemeral") return { kind: "made", key: own.key } as const
  if (ask.kind === "agree") return { kind: "agreed", secret: own.agree(ask.key) } as const
  return { kind: "signed", signature: signReader(ask.bytes) } as const
}

export function lastOf(board: Board): string {
  return board.published().findLast((each) => each.startsWith("refused") || each.startsWith("admitted")) ?? "nothing"
}
