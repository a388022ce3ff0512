/**
 * The card's side of the exchange, for virtual readers and for tests: what a DESFire card answers, command by command.
 *
 * It knows the commands that `reader.ts` sends and refuses everything else the way a card does. Its chance (RndB and the
 * transaction identifier) is given in. It is not part of a lock and never bundled with one.
 */
import { assert, type Crypto, concat, equalBytes, equalSecrets } from "@holdfast/base"
import {
  ADDITIONAL_FRAME,
  AUTHENTICATE_EV2_FIRST,
  applicationOf,
  CHALLENGE_SIZE,
  encodeAnswer,
  FINAL_SIZE,
  KEY_NUMBER,
  rotated,
  SELECT_APPLICATION,
  STATUS_AUTHENTICATION_ERROR,
  STATUS_ILLEGAL_COMMAND,
  STATUS_LENGTH_ERROR,
  STATUS_MORE,
  STATUS_NO_APPLICATION,
  STATUS_OK,
  TRANSACTION_SIZE,
  unwrap,
} from "./challenge.ts"
import { ZERO_BLOCK } from "./cmac.ts"

export type VirtualCard = {
  readonly uid: Uint8Array
  /** The key in each zone's application; a zone that is absent has no application on this card. */
  readonly keys: ReadonlyMap<number, Uint8Array>
  readonly selected: number | null
  /** The challenge that the card gave last, until the reader answers. */
  readonly rndB: Uint8Array | null
}

export type CardTurn = { readonly card: VirtualCard; readonly answer: Uint8Array }

/** A card as it enters the field. */
export function virtualCard(uid: Uint8Array, keys: ReadonlyMap<number, Uint8Array>): VirtualCard {
  for (const key of keys.values()) assert(key.length === 16, "a card key is 16 bytes")
  return { uid, keys, selected: null, rndB: null }
}

const EMPTY_DATA = new Uint8Array(0)

function refuse(card: VirtualCard, status: number): CardTurn {
  return { card: { ...card, rndB: null }, answer: encodeAnswer(EMPTY_DATA, status) }
}

/** The card's answer to one command. `chance` is 20 fresh bytes: RndB and the transaction identifier. */
export function cardAnswers(card: VirtualCard, command: Uint8Array, chance: Uint8Array, crypto: Crypto): CardTurn {
  assert(chance.length === CHALLENGE_SIZE + TRANSACTION_SIZE, "a card's turn takes 20 bytes of chance")
  const read = unwrap(command)
  if (read === null) return refuse(card, STATUS_LENGTH_ERROR)
  const { data } = read
  switch (read.command) {
    case SELECT_APPLICATION: {
      const zone = [...card.keys.keys()].find((each) => equalBytes(applicationOf(each), data))
      if (zone === undefined) return refuse({ ...card, selected: null }, STATUS_NO_APPLICATION)
      return { card: { ...card, selected: zone, rndB: null }, answer: encodeAnswer(EMPTY_DATA, STATUS_OK) }
    }
    case AUTHENTICATE_EV2_FIRST:
      return challenge(card, data, chance.slice(0, CHALLENGE_SIZE), crypto)
    case ADDITIONAL_FRAME:
      return prove(card, data, chance.slice(CHALLENGE_SIZE), crypto)
    default:
      return refuse(card, STATUS_ILLEGAL_COMMAND)
  }
}

function selectedKey(card: VirtualCard): Uint8Array | null {
  return card.selected === null ? null : (card.keys.get(card.selected) ?? null)
}

function challenge(card: VirtualCard, data: Uint8Array, rndB: Uint8Array, crypto: Crypto): CardTurn {
  const key = selectedKey(card)
  if (key === null || data[0] !== KEY_NUMBER) return refuse(card, STATUS_AUTHENTICATION_ERROR)
  const answer = encodeAnswer(crypto.aesCbcEncrypt(key, ZERO_BLOCK, rndB), STATUS_MORE)
  return { card: { ...card, rndB }, answer }
}

function prove(card: VirtualCard, data: Uint8Array, transaction: Uint8Array, crypto: Crypto): CardTurn {
  const key = selectedKey(card)
  if (key === null || card.rndB === null) return refuse(card, STATUS_ILLEGAL_COMMAND)
  if (data.length !== 2 * CHALLENGE_SIZE) return refuse(card, STATUS_LENGTH_ERROR)
  const plain = crypto.aesCbcDecrypt(key, ZERO_BLOCK, data)
  if (!equalSecrets(plain.slice(CHALLENGE_SIZE), rotated(card.rndB))) return refuse(card, STATUS_AUTHENTICATION_ERROR)
  const capabilities = new Uint8Array(FINAL_SIZE - TRANSACTION_SIZE - CHALLENGE_SIZE)
  const final = concat(transaction, rotated(plain.slice(0, CHALLENGE_SIZE)), capabilities)
  const answer = encodeAnswer(crypto.aesCbcEncrypt(key, ZERO_BLOCK, final), STATUS_OK)
  return { card: { ...card, rndB: null }, answer }
}
