/**
 * The lock's side of a card exchange: a command out, an answer in, and at the end "authentic" or not.
 *
 *   selecting -> challenging -> proving -> reading -> authentic
 *                     ^                       |
 *                     +---- EV2NonFirst ------+   once, when an answer was torn
 *
 * It selects the zone's application, proves itself and lets the card prove itself (EV2First), and reads through the secure
 * channel who the card is. So the channel carries the identity, and not only the key of somebody who stood near. Every answer
 * is judged alone: what is too short, wrong or not asked for ends the exchange; only an answer torn after both proved
 * themselves is asked for once more. Challenges are fresh for each exchange, so an answer recorded earlier fits no later one.
 * Whether the card may pass, others decide.
 */
import {
  assert,
  type CredentialId,
  type Crypto,
  concat,
  EMPTY,
  equalBytes,
  equalSecrets,
  unreachable,
} from "@holdfast/base"
import {
  ADDITIONAL_FRAME,
  AUTHENTICATE_EV2_FIRST,
  AUTHENTICATE_EV2_NON_FIRST,
  applicationOf,
  CHALLENGE_SIZE,
  type CardAnswer,
  type CardSession,
  decodeAnswer,
  FINAL_SIZE,
  GET_CARD_UID,
  KEY_NUMBER,
  NTAG_UID_SIZE,
  READ_DATA,
  rotated,
  SELECT_APPLICATION,
  SELECT_NTAG,
  STATUS_ISO_OK,
  STATUS_MORE,
  STATUS_OK,
  sessionOf,
  TRANSACTION_SIZE,
  wrap,
} from "./challenge.ts"
import { ZERO_BLOCK } from "./cmac.ts"
import { CARD_FILE_NUMBER, CARD_FILE_SIZE, decodeCardFile } from "./identity.ts"
import { answerSize, opened, secured } from "./messaging.ts"

/** The card that is looked for. */
export type Sought = {
  readonly zone: number
  readonly key: Uint8Array
  readonly uid: Uint8Array
  /** Null for a card that nobody enrolled: it is asked all the same. */
  readonly credential: CredentialId | null
  /** The epoch of the lock's policy. */
  readonly epoch_max: number
}

/** DESFire EV2 and EV3 have an application for each zone; an NTAG 424 DNA has one, with a key for each zone. */
type Chip = "desfire" | "ntag"
type Asked = Sought & { readonly chip: Chip; readonly chance: Uint8Array }

export type Exchange =
  | { readonly is: "selecting"; readonly asked: Asked }
  /** `before`: the session that was lost to a torn answer, or null the first time. */
  | { readonly is: "challenging"; readonly asked: Asked; readonly before: CardSession | null }
  | { readonly is: "proving"; readonly asked: Asked; readonly before: CardSession | null; readonly rndB: Uint8Array }
  | { readonly is: "reading"; readonly asked: Asked; readonly session: CardSession; readonly isAgain: boolean }

export type CardFault =
  | "answer cut short"
  | "card refused"
  | "card does not know the key"
  | "answer is not the card's"
  | "card says it is another"

export type ExchangeStep =
  | { readonly is: "asking"; readonly exchange: Exchange; readonly send: Uint8Array }
  | { readonly is: "authentic"; readonly session: CardSession }
  | { readonly is: "failed"; readonly fault: CardFault }

const failed = (fault: CardFault): ExchangeStep => ({ is: "failed", fault })
const asking = (exchange: Exchange, send: Uint8Array): ExchangeStep => ({ is: "asking", exchange, send })

/** Begins. `chance` is 32 fresh bytes: a challenge, and another one should an answer be torn. */
export function beginExchange(
  sought: Sought,
  chance: Uint8Array,
): { readonly exchange: Exchange; readonly send: Uint8Array } {
  assert(sought.key.length === 16, "a card key is 16 bytes")
  assert(chance.length === 2 * CHALLENGE_SIZE, "an exchange takes two challenges")
  const asked: Asked = { ...sought, chip: "desfire", chance }
  return { exchange: { is: "selecting", asked }, send: wrap(SELECT_APPLICATION, applicationOf(sought.zone)) }
}

/** Takes the card's answer to the command that was sent last. */
export function continueExchange(exchange: Exchange, answer: Uint8Array, crypto: Crypto): ExchangeStep {
  const read = decodeAnswer(answer)
  switch (exchange.is) {
    case "selecting":
      return read === null ? failed("answer cut short") : selected(exchange.asked, read)
    case "challenging":
      if (read === null || read.status !== STATUS_MORE)
        return failed(read === null ? "answer cut short" : "card refused")
      return read.data.length === CHALLENGE_SIZE ? prove(exchange, read.data, crypto) : failed("answer cut short")
    case "proving":
      if (read === null || read.status !== STATUS_OK) return failed(read === null ? "answer cut short" : "card refused")
      return judgeProof(exchange, read.data, crypto)
    case "reading":
      return judgeIdentity(exchange, read, answer.length, crypto)
    default:
      return unreachable(exchange)
  }
}

/** A card without the zone's application may still be an NTAG 424 DNA. */
function selected(asked: Asked, { data, status }: CardAnswer): ExchangeStep {
  if (data.length !== 0) return failed("card refused")
  if (status === (asked.chip === "desfire" ? STATUS_OK : STATUS_ISO_OK)) return challenge(asked, null)
  if (asked.chip === "ntag") return failed("card refused")
  return asking({ is: "selecting", asked: { ...asked, chip: "ntag" } }, SELECT_NTAG)
}

function challenge(asked: Asked, before: CardSession | null): ExchangeStep {
  const number = asked.chip === "desfire" ? KEY_NUMBER : asked.zone + 1
  // EV2First also says how many capabilities it asks for, which is none: AN12196, section 6.6, step 5.
  const send =
    before === null
      ? wrap(AUTHENTICATE_EV2_FIRST, Uint8Array.of(number, 0))
      : wrap(AUTHENTICATE_EV2_NON_FIRST, Uint8Array.of(number))
  return asking({ is: "challenging", asked, before }, send)
}

function challengeOf(asked: Asked, before: CardSession | null): Uint8Array {
  return before === null ? asked.chance.slice(0, CHALLENGE_SIZE) : asked.chance.slice(CHALLENGE_SIZE)
}

function prove(
  { asked, before }: Extract<Exchange, { is: "challenging" }>,
  encrypted: Uint8Array,
  crypto: Crypto,
): ExchangeStep {
  const rndB = crypto.aesCbcDecrypt(asked.key, ZERO_BLOCK, encrypted)
  const proof = concat(challengeOf(asked, before), rotated(rndB))
  const send = wrap(ADDITIONAL_FRAME, crypto.aesCbcEncrypt(asked.key, ZERO_BLOCK, proof))
  return asking({ is: "proving", asked, before, rndB }, send)
}

/** TI, RndA' and capabilities the first time; RndA' alone in NonFirst, where the transaction goes on. */
function judgeProof(
  { asked, before, rndB }: Extract<Exchange, { is: "proving" }>,
  encrypted: Uint8Array,
  crypto: Crypto,
): ExchangeStep {
  if (encrypted.length !== (before === null ? FINAL_SIZE : CHALLENGE_SIZE)) return failed("answer cut short")
  const plain = crypto.aesCbcDecrypt(asked.key, ZERO_BLOCK, encrypted)
  const at = before === null ? TRANSACTION_SIZE : 0
  const rndA = challengeOf(asked, before)
  if (!equalSecrets(plain.slice(at, at + CHALLENGE_SIZE), rotated(rndA))) return failed("card does not know the key")
  const transaction = before?.transaction ?? plain.slice(0, TRANSACTION_SIZE)
  const session = sessionOf(crypto, asked.key, rndA, rndB, transaction, before?.commands ?? 0)
  return readIdentity(asked, session, before !== null, crypto)
}

function readIdentity(asked: Asked, session: CardSession, isAgain: boolean, crypto: Crypto): ExchangeStep {
  // File number, offset and length, least significant byte first: NT4H2421Gx, section 10.8.1.
  const file = Uint8Array.of(CARD_FILE_NUMBER, 0, 0, 0, CARD_FILE_SIZE, 0, 0)
  const asks =
    asked.chip === "desfire"
      ? secured(crypto, session, "full", READ_DATA, file)
      : secured(crypto, session, "full", GET_CARD_UID, EMPTY)
  return asking({ is: "reading", asked, session: asks.session, isAgain }, asks.send)
}

function judgeIdentity(
  { asked, session, isAgain }: Extract<Exchange, { is: "reading" }>,
  read: CardAnswer | null,
  answer_size: number,
  crypto: Crypto,
): ExchangeStep {
  const isDesfire = asked.chip === "desfire"
  const size = answerSize("full", isDesfire ? CARD_FILE_SIZE : NTAG_UID_SIZE)
  if (read === null || (answer_size < size + 2 && read.data.length > 0))
    return isAgain ? failed("answer cut short") : challenge(asked, session)
  if (read.status !== STATUS_OK || read.data.length !== size) return failed("card refused")
  const said = opened(crypto, session, "full", read)
  if (said === null) return failed("answer is not the card's")
  const isSought = isDesfire ? isSoughtFile(asked, said) : equalBytes(said, asked.uid)
  return isSought ? { is: "authentic", session } : failed("card says it is another")
}

function isSoughtFile({ credential, epoch_max }: Sought, file: Uint8Array): boolean {
  const identity = decodeCardFile(file)
  return identity !== null && identity.credential === credential && identity.epoch <= epoch_max
}

/** The key for a card that nobody enrolled, so that its exchange runs as long as any other: no real card knows it. */
export function dummyKey(crypto: Crypto, bootSeed: Uint8Array, uid: Uint8Array): Uint8Array {
  assert(bootSeed.length === 32, "the boot seed is 32 bytes")
  return crypto.hmacSha256(bootSeed, uid).slice(0, 16)
}
