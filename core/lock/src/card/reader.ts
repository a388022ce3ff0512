/**
 * The lock's side of a card exchange: three commands out, three answers in, and at the end "authentic" or not.
 *
 * Every answer is judged alone: too short, a status that was not asked for, or a rotated challenge that differs ends the
 * exchange. RndA is fresh for each exchange, so an answer recorded earlier fits no later one. Which credential the card is,
 * and whether it may pass, others decide.
 */
import { assert, type Crypto, concat, equalSecrets, unreachable } from "@holdfast/base"
import {
  ADDITIONAL_FRAME,
  AUTHENTICATE_EV2_FIRST,
  applicationOf,
  CHALLENGE_SIZE,
  type CardSession,
  decodeAnswer,
  FINAL_SIZE,
  KEY_NUMBER,
  rotated,
  SELECT_APPLICATION,
  STATUS_MORE,
  STATUS_OK,
  sessionOf,
  TRANSACTION_SIZE,
  wrap,
} from "./challenge.ts"
import { ZERO_BLOCK } from "./cmac.ts"

export type Exchange =
  | { readonly is: "selecting"; readonly key: Uint8Array; readonly rndA: Uint8Array }
  | { readonly is: "challenging"; readonly key: Uint8Array; readonly rndA: Uint8Array }
  | { readonly is: "proving"; readonly key: Uint8Array; readonly rndA: Uint8Array; readonly rndB: Uint8Array }

export type CardFault = "answer cut short" | "card refused" | "card does not know the key"

export type ExchangeStep =
  | { readonly is: "asking"; readonly exchange: Exchange; readonly send: Uint8Array }
  | { readonly is: "authentic"; readonly session: CardSession }
  | { readonly is: "failed"; readonly fault: CardFault }

const failed = (fault: CardFault): ExchangeStep => ({ is: "failed", fault })

/** Begins with a card of the given zone. `rndA` is 16 bytes of fresh chance. */
export function beginExchange(
  zone: number,
  key: Uint8Array,
  rndA: Uint8Array,
): { readonly exchange: Exchange; readonly send: Uint8Array } {
  assert(key.length === 16 && rndA.length === CHALLENGE_SIZE, "a card key and a challenge are 16 bytes each")
  return { exchange: { is: "selecting", key, rndA }, send: wrap(SELECT_APPLICATION, applicationOf(zone)) }
}

/** Takes the card's answer to the command that was sent last. */
export function continueExchange(exchange: Exchange, answer: Uint8Array, crypto: Crypto): ExchangeStep {
  const read = decodeAnswer(answer)
  if (read === null) return failed("answer cut short")
  const { data, status } = read
  switch (exchange.is) {
    case "selecting":
      return status === STATUS_OK && data.length === 0 ? challenge(exchange.key, exchange.rndA) : failed("card refused")
    case "challenging":
      if (status !== STATUS_MORE) return failed("card refused")
      return data.length === CHALLENGE_SIZE ? prove(exchange, data, crypto) : failed("answer cut short")
    case "proving":
      if (status !== STATUS_OK) return failed("card refused")
      return data.length === FINAL_SIZE ? judge(exchange, data, crypto) : failed("answer cut short")
    default:
      return unreachable(exchange)
  }
}

function challenge(key: Uint8Array, rndA: Uint8Array): ExchangeStep {
  // Key number and no capabilities asked for: AN12196, section 6.6, step 5.
  const send = wrap(AUTHENTICATE_EV2_FIRST, Uint8Array.of(KEY_NUMBER, 0))
  return { is: "asking", exchange: { is: "challenging", key, rndA }, send }
}

function prove(exchange: Exchange, encrypted: Uint8Array, crypto: Crypto): ExchangeStep {
  const { key, rndA } = exchange
  const rndB = crypto.aesCbcDecrypt(key, ZERO_BLOCK, encrypted)
  const send = wrap(ADDITIONAL_FRAME, crypto.aesCbcEncrypt(key, ZERO_BLOCK, concat(rndA, rotated(rndB))))
  return { is: "asking", exchange: { is: "proving", key, rndA, rndB }, send }
}

function judge(exchange: Extract<Exchange, { is: "proving" }>, encrypted: Uint8Array, crypto: Crypto): ExchangeStep {
  const { key, rndA, rndB } = exchange
  const plain = crypto.aesCbcDecrypt(key, ZERO_BLOCK, encrypted)
  const answered = plain.slice(TRANSACTION_SIZE, TRANSACTION_SIZE + CHALLENGE_SIZE)
  if (!equalSecrets(answered, rotated(rndA))) return failed("card does not know the key")
  return { is: "authentic", session: sessionOf(crypto, key, rndA, rndB, plain.slice(0, TRANSACTION_SIZE)) }
}

/** The key for a card that nobody enrolled, so that its exchange runs as long as any other: no real card knows it. */
export function dummyKey(crypto: Crypto, bootSeed: Uint8Array, uid: Uint8Array): Uint8Array {
  assert(bootSeed.length === 32, "the boot seed is 32 bytes")
  return crypto.hmacSha256(bootSeed, uid).slice(0, 16)
}
