/**
 * The lock's side of a meeting with a phone: one step at a time, until the phone is authentic or it failed.
 *
 *   preparing -> selecting -> greeting -> signing -> [certifying] -> agreeing -> proving -> authentic    standard phase
 *                                     \-> authentic                                                      fast phase
 *
 * In the standard phase the lock signs first and the phone verifies it before it shows who it is; then the phone signs over
 * both ephemeral keys and the lock's fresh transaction, inside a channel that only those two share. In the fast phase a phone
 * that was here before answers with a cryptogram under a key that only this lock has. Either way the phone must signal that
 * its holder acted: to be near is never enough (R54).
 *
 * What needs a private key is asked for ({@link PhoneAsk}) and comes back as an input. Nothing here knows a right: whose the
 * key is, `whose` tells, and whether it may pass, others decide.
 */
import { assert, type CredentialId, type Crypto, equalBytes, unreachable } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { decodeAnswer } from "../card/challenge.ts"
import {
  auth0Command,
  auth1Command,
  bytesSigned,
  command,
  decodeCryptogram,
  decodeProof,
  encodeOutcome,
  EXCHANGE,
  failedCommand,
  FAST,
  HOLDER_ACTED,
  HOLDER_ACTS,
  LOAD_CERT,
  type Meeting,
  readAuth0Answer,
  SUCCESS,
  selectAnswer,
  selectCommand,
  STANDARD,
  TRANSACTION_ID_SIZE,
} from "./apdu.ts"
import { type Channel, channelOf, openFrom, openOnce, sealBy } from "./channel.ts"
import { agreedKey, fastKeys, lastingKey, standardKeys } from "./keys.ts"
import type { KnownPhone } from "./known.ts"

/** The lock as phones know it. */
export type Reader = {
  readonly key: PublicKey
  /** Site and door, 16 bytes each. */
  readonly id: Uint8Array
  /** For phones that know only who issues lock keys. */
  readonly certificate: Uint8Array | null
}

export type PhoneInput =
  /** The public half of the ephemeral key that was asked for. */
  | { readonly kind: "made"; readonly key: PublicKey }
  | { readonly kind: "answered"; readonly bytes: Uint8Array }
  | { readonly kind: "signed"; readonly signature: Uint8Array }
  /** The x that both ephemeral keys share; null where the phone's is no point of the curve. */
  | { readonly kind: "agreed"; readonly secret: Uint8Array | null }

/** Asked of whoever holds the lock's private keys. The ephemeral one is forgotten with the next that is made. */
export type PhoneAsk =
  | { readonly kind: "make ephemeral" }
  | { readonly kind: "sign reader"; readonly bytes: Uint8Array }
  | { readonly kind: "agree"; readonly key: PublicKey }

type About = { readonly reader: Reader; readonly known: readonly KnownPhone[]; readonly transaction: Uint8Array }

export type PhoneExchange =
  | ({ readonly is: "preparing" } & About)
  | ({ readonly is: "selecting" | "greeting"; readonly ephemeral: PublicKey } & About)
  | ({ readonly is: "signing"; readonly meeting: Meeting } & About)
  | ({ readonly is: "certifying"; readonly meeting: Meeting; readonly signature: Uint8Array } & About)
  | ({ readonly is: "agreeing"; readonly meeting: Meeting; readonly signature: Uint8Array } & About)
  | ({
      readonly is: "proving"
      readonly meeting: Meeting
      readonly agreed: Uint8Array
      readonly channel: Channel
    } & About)

export type PhoneFault =
  | "answer cut short"
  | "phone refused"
  | "no key of the curve"
  | "answer is not the phone's"
  | "phone does not hold its key"
  | "holder did not act"
  | "not expected"

export type PhoneStep =
  | { readonly is: "sending"; readonly exchange: PhoneExchange; readonly send: Uint8Array }
  | { readonly is: "asking"; readonly exchange: PhoneExchange; readonly ask: PhoneAsk }
  | {
      readonly is: "authentic"
      /** Null for a phone that proved itself and is nobody's here. */
      readonly credential: CredentialId | null
      readonly channel: Channel
      /** After a standard phase: what makes the next one fast. */
      readonly lasts: KnownPhone | null
    }
  | { readonly is: "failed"; readonly fault: PhoneFault }

/** Whose phone has a key with this x; null for nobody's. */
export type Whose = (x: Uint8Array) => CredentialId | null

const failed = (fault: PhoneFault): PhoneStep => ({ is: "failed", fault })

/** Begins; `transaction` is 16 fresh bytes, and `known` the phones that may be fast. */
export function beginPhone(reader: Reader, known: readonly KnownPhone[], transaction: Uint8Array): PhoneStep {
  assert(transaction.length === TRANSACTION_ID_SIZE, "a transaction's name is 16 bytes")
  return {
    is: "asking",
    exchange: { is: "preparing", reader, known, transaction },
    ask: { kind: "make ephemeral" },
  }
}

/** Takes the answer to what was sent or asked for last; any other input ends the meeting. */
export function continuePhone(exchange: PhoneExchange, input: PhoneInput, whose: Whose, crypto: Crypto): PhoneStep {
  switch (exchange.is) {
    case "preparing":
      if (input.kind !== "made") return failed("not expected")
      return { is: "sending", exchange: { ...exchange, is: "selecting", ephemeral: input.key }, send: selectCommand }
    case "signing":
      return input.kind === "signed" ? signed(exchange, input.signature) : failed("not expected")
    case "agreeing":
      return input.kind === "agreed" ? agreed(exchange, input.secret, crypto) : failed("not expected")
    case "selecting":
    case "greeting":
    case "certifying":
    case "proving":
      return input.kind === "answered" ? answered(exchange, input.bytes, whose, crypto) : failed("not expected")
    default:
      return unreachable(exchange)
  }
}

type Waiting = Extract<PhoneExchange, { is: "selecting" | "greeting" | "certifying" | "proving" }>

function answered(exchange: Waiting, bytes: Uint8Array, whose: Whose, crypto: Crypto): PhoneStep {
  const read = decodeAnswer(bytes)
  if (read === null) return failed("answer cut short")
  if (read.status !== SUCCESS) return failed("phone refused")
  switch (exchange.is) {
    case "selecting":
      return equalBytes(read.data, selectAnswer) ? greet(exchange) : failed("phone refused")
    case "greeting":
      return greeted(exchange, read.data, whose, crypto)
    case "certifying":
      return read.data.length === 0 ? askToAgree(exchange) : failed("phone refused")
    case "proving":
      return judgeProof(exchange, read.data, whose, crypto)
    default:
      return unreachable(exchange)
  }
}

type Greeting = Extract<PhoneExchange, { is: "selecting" | "greeting" }>

const phaseOf = ({ known }: About): number => (known.length === 0 ? STANDARD : FAST)

function greet(exchange: Greeting): PhoneStep {
  const { reader, transaction, ephemeral } = exchange
  const says = { readerId: reader.id, readerEphemeral: ephemeral, transaction }
  const send = auth0Command({ ...says, phase: phaseOf(exchange), holder: HOLDER_ACTS })
  return { is: "sending", exchange: { ...exchange, is: "greeting" }, send }
}

function greeted(exchange: Greeting, data: Uint8Array, whose: Whose, crypto: Crypto): PhoneStep {
  const read = readAuth0Answer(data)
  if (read === null) return failed("answer cut short")
  const { reader, known, transaction, ephemeral } = exchange
  const meeting: Meeting = {
    readerKey: reader.key,
    readerId: reader.id,
    readerEphemeral: ephemeral,
    phoneEphemeral: read.phoneEphemeral,
    transaction,
    phase: phaseOf(exchange),
    holder: HOLDER_ACTS,
  }
  const fast = read.cryptogram === null ? null : fastPhone(meeting, known, read.cryptogram, whose, crypto)
  if (fast !== null) return fast
  const ask: PhoneAsk = { kind: "sign reader", bytes: bytesSigned(meeting, "reader") }
  return { is: "asking", exchange: { is: "signing", reader, known, transaction, meeting }, ask }
}

/** The known phone that made this cryptogram. All are tried, so that how long it takes does not tell which it was. */
function fastPhone(
  meeting: Meeting,
  known: readonly KnownPhone[],
  cryptogram: Uint8Array,
  whose: Whose,
  crypto: Crypto,
): PhoneStep | null {
  let step: PhoneStep | null = null
  for (const { x, lasting } of known) {
    const keys = fastKeys(crypto, lasting, meeting, x)
    const plain = openOnce(crypto, keys.cryptogram, cryptogram)
    const signals = plain === null ? null : decodeCryptogram(plain)
    if (signals === null || step !== null) continue
    step =
      (signals & HOLDER_ACTED) === 0
        ? failed("holder did not act")
        : { is: "authentic", credential: whose(x), channel: channelOf(keys), lasts: null }
  }
  return step
}

type Signed = Extract<PhoneExchange, { is: "certifying" }>

/** The certificate goes first where there is one, so that the phone can judge the signature. */
function signed(exchange: Extract<PhoneExchange, { is: "signing" }>, signature: Uint8Array): PhoneStep {
  const certifying: Signed = { ...exchange, is: "certifying", signature }
  const { certificate } = exchange.reader
  if (certificate === null) return askToAgree(certifying)
  return { is: "sending", exchange: certifying, send: command(LOAD_CERT, certificate) }
}

function askToAgree(exchange: Signed): PhoneStep {
  const ask: PhoneAsk = { kind: "agree", key: exchange.meeting.phoneEphemeral }
  return { is: "asking", exchange: { ...exchange, is: "agreeing" }, ask }
}

function agreed(
  exchange: Extract<PhoneExchange, { is: "agreeing" }>,
  secret: Uint8Array | null,
  crypto: Crypto,
): PhoneStep {
  if (secret === null) return failed("no key of the curve")
  const { reader, known, transaction, meeting, signature } = exchange
  const key = agreedKey(crypto, secret, transaction)
  const channel = channelOf(standardKeys(crypto, key, meeting))
  const proving: PhoneExchange = { is: "proving", reader, known, transaction, meeting, agreed: key, channel }
  return { is: "sending", exchange: proving, send: auth1Command(signature) }
}

function judgeProof(
  { meeting, agreed: key, channel }: Extract<PhoneExchange, { is: "proving" }>,
  data: Uint8Array,
  whose: Whose,
  crypto: Crypto,
): PhoneStep {
  const opened = openFrom(crypto, "phone", channel, data)
  const proof = opened === null ? null : decodeProof(opened.bytes)
  if (opened === null || proof === null) return failed("answer is not the phone's")
  if (!crypto.verifyEs256(proof.key, bytesSigned(meeting, "phone"), proof.signature))
    return failed("phone does not hold its key")
  if ((proof.signals & HOLDER_ACTED) === 0) return failed("holder did not act")
  const x = proof.key.slice(0, 32)
  const lasts = { x, lasting: lastingKey(crypto, key, meeting, x) }
  return { is: "authentic", credential: whose(x), channel: opened.channel, lasts }
}

/** EXCHANGE: how it ended. The phone's answer changes nothing. */
export function tellPhone(channel: Channel, isOpened: boolean, crypto: Crypto): Uint8Array {
  return command(EXCHANGE, sealBy(crypto, "reader", channel, encodeOutcome(isOpened)).bytes)
}

/** CONTROL FLOW: it failed, in words that are always the same. */
export function failPhone(): Uint8Array {
  return failedCommand
}
