/**
 * The phone's side of a meeting, for virtual readers and for tests: what a resident's device answers, command by command.
 *
 * It trusts the locks that it was told of, or those for which their issuer signed. Before it shows its key or signs anything it
 * verifies the lock's signature; a lock that it does not know, or that cannot sign, learns nothing of it. And it answers only
 * while its holder wants it to. Its private keys are somebody's hands, given in. It is not part of a lock.
 */
import { type Crypto, concat, EMPTY, equalBytes } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { encodeAnswer } from "../card/challenge.ts"
import {
  APPLICATION,
  AUTH0,
  AUTH1,
  auth0Answer,
  bytesSigned,
  CONTROL_FLOW,
  CRYPTOGRAM_SIZE,
  encodeCryptogram,
  encodeProof,
  EXCHANGE,
  FAST,
  HOLDER_ACTED,
  LOAD_CERT,
  type Meeting,
  openCertificate,
  readAuth0,
  readAuth1,
  readCommand,
  readFields,
  SELECT,
  SUCCESS,
  selectAnswer,
} from "./apdu.ts"
import { type Channel, channelOf, openFrom, sealBy, sealOnce } from "./channel.ts"
import { agreedKey, fastKeys, lastingKey, standardKeys } from "./keys.ts"

const REFUSED = 0x6985
const NOT_FOUND = 0x6a82
const WRONG_DATA = 0x6a80

/** What the phone's secure hardware does for it. */
export type PhoneHands = {
  sign(bytes: Uint8Array): Uint8Array
  /** A fresh key pair, whose private half agrees once. */
  newEphemeral(): { readonly key: PublicKey; agree(point: PublicKey): Uint8Array | null }
  random(size: number): Uint8Array
}

type Greeted = {
  readonly meeting: Omit<Meeting, "readerKey">
  readonly readerKey: PublicKey | null
  agree(point: PublicKey): Uint8Array | null
}

export type VirtualPhone = {
  readonly key: PublicKey
  /** Locks by their id (site and door, in hex), as the phone was told when it was enrolled. */
  readonly locks: ReadonlyMap<string, PublicKey>
  /** Who signs for locks that it was not told of. */
  readonly issuer: PublicKey | null
  /** Lasting keys, by lock. */
  readonly lasting: ReadonlyMap<string, Uint8Array>
  /** Whether its holder acted: unlocked it and held it here. Without, it answers nobody. */
  readonly isArmed: boolean
  readonly greeted: Greeted | null
  readonly channel: Channel | null
  /** What the lock told last inside the channel. */
  readonly told: "opened" | "stays as it is" | "failed" | null
}

export type PhoneTurn = { readonly phone: VirtualPhone; readonly answer: Uint8Array }

export function virtualPhone(key: PublicKey, locks: ReadonlyMap<string, PublicKey>): VirtualPhone {
  const nothing = { issuer: null, lasting: new Map<string, Uint8Array>(), greeted: null, channel: null, told: null }
  return { key, locks, isArmed: true, ...nothing }
}

function refuse(phone: VirtualPhone, status: number): PhoneTurn {
  return { phone: { ...phone, greeted: null, channel: null }, answer: encodeAnswer(EMPTY, status) }
}

const says = (phone: VirtualPhone, data: Uint8Array): PhoneTurn => ({ phone, answer: encodeAnswer(data, SUCCESS) })

/** The phone's answer to one command. */
export function phoneAnswers(phone: VirtualPhone, bytes: Uint8Array, hands: PhoneHands, crypto: Crypto): PhoneTurn {
  const read = readCommand(bytes)
  if (read === null) return refuse(phone, WRONG_DATA)
  if (!phone.isArmed) return refuse(phone, REFUSED)
  const { instruction, data } = read
  switch (instruction) {
    case SELECT:
      if (!equalBytes(data, APPLICATION)) return refuse(phone, NOT_FOUND)
      return says({ ...phone, greeted: null, channel: null, told: null }, selectAnswer)
    case AUTH0:
      return greet(phone, data, hands, crypto)
    case LOAD_CERT:
      return loadCertificate(phone, data, crypto)
    case AUTH1:
      return prove(phone, data, hands, crypto)
    case EXCHANGE:
      return hear(phone, data, crypto)
    case CONTROL_FLOW:
      return says({ ...phone, greeted: null, channel: null, told: "failed" }, EMPTY)
    default:
      return refuse(phone, WRONG_DATA)
  }
}

function greet(phone: VirtualPhone, data: Uint8Array, hands: PhoneHands, crypto: Crypto): PhoneTurn {
  const asked = readAuth0(data)
  if (asked === null) return refuse(phone, WRONG_DATA)
  const ephemeral = hands.newEphemeral()
  const meeting = { ...asked, phoneEphemeral: ephemeral.key }
  const lock = toHex(asked.readerId)
  const readerKey = phone.locks.get(lock) ?? null
  const lasting = phone.lasting.get(lock)
  const x = phone.key.slice(0, 32)
  let channel: Channel | null = null
  // Whoever asks for the fast phase gets a cryptogram; from a phone that was never here it is chance, and looks the same.
  let cryptogram = asked.phase === FAST ? hands.random(CRYPTOGRAM_SIZE) : null
  if (cryptogram !== null && readerKey !== null && lasting !== undefined) {
    const keys = fastKeys(crypto, lasting, { ...meeting, readerKey }, x)
    cryptogram = sealOnce(crypto, keys.cryptogram, encodeCryptogram(HOLDER_ACTED))
    channel = channelOf(keys)
  }
  const greeted = { meeting, readerKey, agree: ephemeral.agree }
  return says({ ...phone, greeted, channel }, auth0Answer({ phoneEphemeral: ephemeral.key, cryptogram }))
}

function loadCertificate(phone: VirtualPhone, data: Uint8Array, crypto: Crypto): PhoneTurn {
  const { greeted, issuer } = phone
  if (greeted === null || issuer === null) return refuse(phone, REFUSED)
  const readerKey = openCertificate(crypto, issuer, greeted.meeting.readerId, data)
  return readerKey === null ? refuse(phone, REFUSED) : says({ ...phone, greeted: { ...greeted, readerKey } }, EMPTY)
}

/** The lock first: without a good signature of a lock it knows, the phone says nothing about itself. */
function prove(phone: VirtualPhone, data: Uint8Array, hands: PhoneHands, crypto: Crypto): PhoneTurn {
  const { greeted } = phone
  const signature = readAuth1(data)
  if (greeted === null || greeted.readerKey === null || signature === null) return refuse(phone, REFUSED)
  const meeting: Meeting = { ...greeted.meeting, readerKey: greeted.readerKey }
  if (!crypto.verifyEs256(meeting.readerKey, bytesSigned(meeting, "reader"), signature)) return refuse(phone, REFUSED)
  const secret = greeted.agree(meeting.readerEphemeral)
  if (secret === null) return refuse(phone, REFUSED)
  const agreed = agreedKey(crypto, secret, meeting.transaction)
  const proof = { key: phone.key, signature: hands.sign(bytesSigned(meeting, "phone")), signals: HOLDER_ACTED }
  const sealed = sealBy(crypto, "phone", channelOf(standardKeys(crypto, agreed, meeting)), encodeProof(proof))
  const lasting = lastingKey(crypto, agreed, meeting, phone.key.slice(0, 32))
  const kept = new Map(phone.lasting).set(toHex(meeting.readerId), lasting)
  return says({ ...phone, greeted: null, channel: sealed.channel, lasting: kept }, sealed.bytes)
}

function hear(phone: VirtualPhone, data: Uint8Array, crypto: Crypto): PhoneTurn {
  const opened = phone.channel === null ? null : openFrom(crypto, "reader", phone.channel, data)
  const [outcome] = opened === null ? [] : (readFields(opened.bytes, [[0x97, 2]]) ?? [])
  if (opened === null || outcome === undefined) return refuse(phone, REFUSED)
  const told = outcome[1] === 1 ? "opened" : "stays as it is"
  const answer = sealBy(crypto, "phone", opened.channel, concat(Uint8Array.of(0x97, 0)))
  return says({ ...phone, channel: answer.channel, told }, answer.bytes)
}
