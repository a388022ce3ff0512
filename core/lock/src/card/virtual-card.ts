/**
 * The card's side of the exchange, for virtual readers and for tests: what a DESFire or an NTAG 424 DNA answers, command by
 * command.
 *
 * It knows the commands that `reader.ts` sends and refuses everything else the way a card does. Its chance (RndB and the
 * transaction identifier) is given in. It is not part of a lock and never bundled with one.
 */
import { assert, byteAt, type Crypto, concat, EMPTY, equalBytes, equalSecrets } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import {
  ADDITIONAL_FRAME,
  AUTHENTICATE_EV2_FIRST,
  AUTHENTICATE_EV2_NON_FIRST,
  applicationOf,
  CHALLENGE_SIZE,
  type CardSession,
  encodeAnswer,
  FINAL_SIZE,
  GET_CARD_UID,
  KEY_NUMBER,
  NTAG_UID_SIZE,
  READ_DATA,
  rotated,
  SELECT_APPLICATION,
  SELECT_NTAG,
  STATUS_AUTHENTICATION_ERROR,
  STATUS_ILLEGAL_COMMAND,
  STATUS_INTEGRITY_ERROR,
  STATUS_ISO_OK,
  STATUS_LENGTH_ERROR,
  STATUS_MORE,
  STATUS_NO_APPLICATION,
  STATUS_NO_FILE,
  STATUS_OK,
  sessionOf,
  TRANSACTION_SIZE,
  unwrap,
} from "./challenge.ts"
import { ZERO_BLOCK } from "./cmac.ts"
import { CARD_FILE_NUMBER } from "./identity.ts"
import { MAC_SIZE, macOf, padded, shortMac, vectorOf } from "./messaging.ts"
import { readingKeys } from "./sun.ts"

export type Chip = "desfire" | "ntag"

/** A challenge of the card that the reader has not answered, and the key it was made with. */
type Challenged = { readonly rndB: Uint8Array; readonly key: Uint8Array; readonly isFirst: boolean }

export type VirtualCard = {
  readonly uid: Uint8Array
  readonly chip: Chip
  /** The key of each zone; a zone that is absent has no application on a DESFire, and no key on an NTAG. */
  readonly keys: ReadonlyMap<number, Uint8Array>
  /** The file in each zone's application; null on a card that was never personalised, and on an NTAG. */
  readonly file: Uint8Array | null
  readonly selected: number | "ntag" | null
  readonly challenged: Challenged | null
  readonly session: CardSession | null
}

export type CardTurn = { readonly card: VirtualCard; readonly answer: Uint8Array }

/** A card as it enters the field. */
export function virtualCard(
  uid: Uint8Array,
  keys: ReadonlyMap<number, Uint8Array>,
  file: Uint8Array | null = null,
  chip: Chip = "desfire",
): VirtualCard {
  for (const key of keys.values()) assert(key.length === 16, "a card key is 16 bytes")
  return { uid, chip, keys, file, selected: null, challenged: null, session: null }
}

function refuse(card: VirtualCard, status: number): CardTurn {
  return { card: { ...card, challenged: null, session: null }, answer: encodeAnswer(EMPTY, status) }
}

function select(card: VirtualCard, selected: VirtualCard["selected"], status: number): CardTurn {
  return { card: { ...card, selected, challenged: null, session: null }, answer: encodeAnswer(EMPTY, status) }
}

/** The card's answer to one command. `chance` is 20 fresh bytes: RndB and the transaction identifier. */
export function cardAnswers(card: VirtualCard, command: Uint8Array, chance: Uint8Array, crypto: Crypto): CardTurn {
  assert(chance.length === CHALLENGE_SIZE + TRANSACTION_SIZE, "a card's turn takes 20 bytes of chance")
  if (card.chip === "ntag" && equalBytes(command, SELECT_NTAG)) return select(card, "ntag", STATUS_ISO_OK)
  const read = unwrap(command)
  if (read === null) return refuse(card, STATUS_LENGTH_ERROR)
  const { data } = read
  switch (read.command) {
    case SELECT_APPLICATION: {
      if (card.chip === "ntag") return refuse(card, STATUS_ILLEGAL_COMMAND)
      const zone = [...card.keys.keys()].find((each) => equalBytes(applicationOf(each), data))
      return select(card, zone ?? null, zone === undefined ? STATUS_NO_APPLICATION : STATUS_OK)
    }
    case AUTHENTICATE_EV2_FIRST:
      return challenge({ ...card, session: null }, data, true, chance.slice(0, CHALLENGE_SIZE), crypto)
    case AUTHENTICATE_EV2_NON_FIRST:
      if (card.session === null || data.length !== 1) return refuse(card, STATUS_AUTHENTICATION_ERROR)
      return challenge(card, data, false, chance.slice(0, CHALLENGE_SIZE), crypto)
    case ADDITIONAL_FRAME:
      return prove(card, data, chance.slice(CHALLENGE_SIZE), crypto)
    case READ_DATA:
    case GET_CARD_UID:
      return answerSecured(card, read.command, data, crypto)
    default:
      return refuse(card, STATUS_ILLEGAL_COMMAND)
  }
}

function keyOf(card: VirtualCard, number: number | undefined): Uint8Array | null {
  if (number === undefined || card.selected === null) return null
  if (card.selected === "ntag") return card.keys.get(number - 1) ?? null
  return number === KEY_NUMBER ? (card.keys.get(card.selected) ?? null) : null
}

function challenge(card: VirtualCard, data: Uint8Array, isFirst: boolean, rndB: Uint8Array, crypto: Crypto): CardTurn {
  const key = keyOf(card, data[0])
  if (key === null) return refuse(card, STATUS_AUTHENTICATION_ERROR)
  const answer = encodeAnswer(crypto.aesCbcEncrypt(key, ZERO_BLOCK, rndB), STATUS_MORE)
  return { card: { ...card, challenged: { rndB, key, isFirst } }, answer }
}

function prove(card: VirtualCard, data: Uint8Array, fresh: Uint8Array, crypto: Crypto): CardTurn {
  if (card.challenged === null) return refuse(card, STATUS_ILLEGAL_COMMAND)
  if (data.length !== 2 * CHALLENGE_SIZE) return refuse(card, STATUS_LENGTH_ERROR)
  const { key, rndB, isFirst } = card.challenged
  const plain = crypto.aesCbcDecrypt(key, ZERO_BLOCK, data)
  const rndA = plain.slice(0, CHALLENGE_SIZE)
  if (!equalSecrets(plain.slice(CHALLENGE_SIZE), rotated(rndB))) return refuse(card, STATUS_AUTHENTICATION_ERROR)
  const transaction = isFirst ? fresh : (card.session?.transaction ?? fresh)
  const capabilities = new Uint8Array(FINAL_SIZE - TRANSACTION_SIZE - CHALLENGE_SIZE)
  const final = isFirst ? concat(transaction, rotated(rndA), capabilities) : rotated(rndA)
  const commands = isFirst ? 0 : (card.session?.commands ?? 0)
  const session = sessionOf(crypto, key, rndA, rndB, transaction, commands)
  const answer = encodeAnswer(crypto.aesCbcEncrypt(key, ZERO_BLOCK, final), STATUS_OK)
  return { card: { ...card, challenged: null, session }, answer }
}

/** What a read command asks for, or the status that refuses it. */
function contentOf(card: VirtualCard, command: number, header: Uint8Array): Uint8Array | number {
  if (command === GET_CARD_UID) {
    const uid = card.uid.slice(0, NTAG_UID_SIZE)
    return header.length === 0 ? uid : STATUS_LENGTH_ERROR
  }
  if (header.length !== 7) return STATUS_LENGTH_ERROR
  if (card.file === null || byteAt(header, 0) !== CARD_FILE_NUMBER) return STATUS_NO_FILE
  const offset = byteAt(header, 1)
  const size = byteAt(header, 4)
  return offset + size <= card.file.length ? card.file.slice(offset, offset + size) : STATUS_LENGTH_ERROR
}

/** A command in full mode that carries no data of its own, and its answer. */
function answerSecured(card: VirtualCard, command: number, data: Uint8Array, crypto: Crypto): CardTurn {
  const { session } = card
  if (session === null) return refuse(card, STATUS_AUTHENTICATION_ERROR)
  const size = data.length - MAC_SIZE
  if (size < 0) return refuse(card, STATUS_LENGTH_ERROR)
  const header = data.slice(0, size)
  if (!equalSecrets(data.slice(size), macOf(crypto, session, command, header)))
    return refuse(card, STATUS_INTEGRITY_ERROR)
  const content = contentOf(card, command, header)
  if (typeof content === "number") return refuse(card, content)
  const after = { ...session, commands: session.commands + 1 }
  const body = crypto.aesCbcEncrypt(after.encryptionKey, vectorOf(crypto, after, false), padded(content))
  const mac = macOf(crypto, after, STATUS_OK & 0xff, body)
  return { card: { ...card, session: after }, answer: encodeAnswer(concat(body, mac), STATUS_OK) }
}

/** The address that an NTAG writes at its reading number `count`, in clear, under one of its keys. */
export function sunOf(crypto: Crypto, uid: Uint8Array, key: Uint8Array, count: number): string {
  const mac = shortMac(crypto, readingKeys(crypto, key, { uid, count }).macKey, EMPTY)
  return `https://example.com/?uid=${toHex(uid)}&ctr=${count.toString(16).padStart(6, "0")}&cmac=${toHex(mac)}`
}
