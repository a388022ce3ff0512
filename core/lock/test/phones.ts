/** A lock and phones for the tests: their keys, and a whole meeting that somebody may spoil. */
import { concat, type CredentialId, idOf } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { createECDH, type ECDH } from "node:crypto"
import type { KnownPhone } from "../src/phone/known.ts"
import {
  beginPhone,
  continuePhone,
  type PhoneAsk,
  type PhoneExchange,
  type PhoneInput,
  type PhoneStep,
  type Reader,
  type Whose,
} from "../src/phone/reader.ts"
import { type PhoneHands, phoneAnswers, type VirtualPhone, virtualPhone } from "../src/phone/virtual-phone.ts"

let chances = 0
export function chance(size: number): Uint8Array {
  chances++
  const count = Uint8Array.of(chances >> 16, chances >> 8, chances)
  const blocks = [0, 1, 2].map((block) => crypto.hmacSha256(new Uint8Array(32), concat(count, Uint8Array.of(block))))
  return concat(...blocks).slice(0, size)
}

/** An ephemeral key, and what it agrees upon with a point; null for none of the curve. */
export function ephemeral(): { key: PublicKey; agree(point: PublicKey): Uint8Array | null } {
  const own: ECDH = createECDH("prime256v1")
  own.generateKeys()
  const agree = (point: PublicKey): Uint8Array | null => {
    try {
      return new Uint8Array(own.computeSecret(concat(Uint8Array.of(4), point)))
    } catch {
      return null
    }
  }
  return { key: publicKey(new Uint8Array(own.getPublicKey()).slice(1)), agree }
}

const lockKey = newEs256()
export const reader: Reader = {
  key: lockKey.publicKey,
  id: concat(new Uint8Array(16).fill(0x51), new Uint8Array(16).fill(0xd0)),
  certificate: null,
}
export const signReader = (bytes: Uint8Array): Uint8Array => lockKey.sign(bytes)

export type Held = { readonly phone: VirtualPhone; readonly hands: PhoneHands }

export function newPhone(locks: ReadonlyMap<string, PublicKey> = new Map([[toHex(reader.id), reader.key]])): Held {
  const key = newEs256()
  const hands = { sign: (bytes: Uint8Array) => key.sign(bytes), newEphemeral: ephemeral, random: chance }
  return { phone: virtualPhone(key.publicKey, locks), hands }
}

export const ana: CredentialId = idOf(new Uint8Array(16).fill(0xa1))
/** The policy knows these phones. */
export function knows(...known: readonly (readonly [Held, CredentialId])[]): Whose {
  return (x) => known.find(([{ phone }]) => toHex(phone.key.subarray(0, 32)) === toHex(x))?.[1] ?? null
}

export type Talk = {
  readonly step: PhoneStep
  readonly phone: VirtualPhone
  readonly exchanges: readonly PhoneExchange[]
  readonly inputs: readonly PhoneInput[]
  readonly sent: readonly string[]
}

/** What stands between lock and phone; the round counts the phone's answers. */
export type Spoil = (answer: Uint8Array, round: number, sent: Uint8Array) => Uint8Array

export type Lock = {
  readonly reader?: Reader
  readonly known?: readonly KnownPhone[]
  readonly whose?: Whose
  sign?(bytes: Uint8Array): Uint8Array
}

/** A whole meeting of a lock with a phone. */
export function meet({ phone, hands }: Held, lock: Lock = {}, spoil: Spoil = (answer) => answer): Talk {
  const whose = lock.whose ?? knows([{ phone, hands }, ana])
  let step = beginPhone(lock.reader ?? reader, lock.known ?? [], chance(16))
  let own = ephemeral()
  let held = phone
  let round = 0
  const exchanges: PhoneExchange[] = []
  const inputs: PhoneInput[] = []
  const sent: string[] = []
  const answerTo = (ask: PhoneAsk): PhoneInput => {
    switch (ask.kind) {
      case "make ephemeral":
        own = ephemeral()
        return { kind: "made", key: own.key }
      case "sign reader":
        return { kind: "signed", signature: (lock.sign ?? signReader)(ask.bytes) }
      case "agree":
        return { kind: "agreed", secret: own.agree(ask.key) }
    }
  }
  while (step.is === "asking" || step.is === "sending") {
    exchanges.push(step.exchange)
    let input: PhoneInput
    if (step.is === "asking") input = answerTo(step.ask)
    else {
      sent.push(toHex(step.send))
      const turn = phoneAnswers(held, step.send, hands, crypto)
      held = turn.phone
      input = { kind: "answered", bytes: spoil(turn.answer, round++, step.send) }
    }
    inputs.push(input)
    step = continuePhone(step.exchange, input, whose, crypto)
  }
  return { step, phone: held, exchanges, inputs, sent }
}

export function outcome({ step }: Talk): string {
  if (step.is === "failed") return step.fault
  return step.is === "authentic" && step.credential === null ? "nobody's" : step.is
}
