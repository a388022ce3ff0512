/**
 * Secure messaging: what card and reader say to each other once EV2First gave them session keys (NXP AN12343 and the data
 * sheet NT4H2421Gx, section 9.1).
 *
 *   command   90 command 00 00 length | header | data, in full mode encrypted | MAC 8 | 00
 *   answer    data, in full mode encrypted | MAC 8 | 91 00
 *
 * In MAC mode everybody may read and nobody can change; in full mode the data is encrypted too. Each MAC covers the
 * transaction's identifier and a count of commands, so no message fits another place or another transaction. The count goes up
 * with every command; an answer carries the raised one. Both ends build on this file.
 */
import { assert, byteAt, type Crypto, concat, EMPTY, equalSecrets } from "@holdfast/base"
import { type CardAnswer, type CardSession, STATUS_OK, wrap } from "./challenge.ts"
import { BLOCK_SIZE, cmac, ZERO_BLOCK } from "./cmac.ts"

export type Mode = "mac" | "full"

export const MAC_SIZE = 8
/** A command beyond this count is refused by the card: NT4H2421Gx, section 9.1.2. */
export const COMMANDS_MAX = 0xffff

const TO_CARD = Uint8Array.of(0xa5, 0x5a)
const TO_READER = Uint8Array.of(0x5a, 0xa5)

/** Every second byte of a CMAC, from the second on: NT4H2421Gx, section 9.1.3. */
export function shortMac(crypto: Crypto, key: Uint8Array, ...message: readonly Uint8Array[]): Uint8Array {
  return cmac(crypto, key, ...message).filter((_, at) => at % 2 === 1)
}

/** The place of a message in its transaction: count (least significant byte first) and identifier. */
function placeOf({ commands, transaction }: CardSession): Uint8Array {
  return concat(Uint8Array.of(commands & 0xff, commands >> 8), transaction)
}

export function macOf(crypto: Crypto, session: CardSession, code: number, ...body: readonly Uint8Array[]): Uint8Array {
  return shortMac(crypto, session.macKey, Uint8Array.of(code), placeOf(session), ...body)
}

/** The vector of a message is encrypted from its direction and place: NT4H2421Gx, section 9.1.4. */
export function vectorOf(crypto: Crypto, session: CardSession, toCard: boolean): Uint8Array {
  const { commands, transaction, encryptionKey } = session
  const place = concat(transaction, Uint8Array.of(commands & 0xff, commands >> 8))
  const block = concat(toCard ? TO_CARD : TO_READER, place, new Uint8Array(8))
  return crypto.aesCbcEncrypt(encryptionKey, ZERO_BLOCK, block)
}

/** ISO/IEC 9797-1, padding method 2: 80, then zeros up to a whole block. No data at all stays none. */
export function padded(data: Uint8Array): Uint8Array {
  if (data.length === 0) return data
  const whole = new Uint8Array((Math.floor(data.length / BLOCK_SIZE) + 1) * BLOCK_SIZE)
  whole.set(data)
  whole[data.length] = 0x80
  return whole
}

/** The data before its padding, or null where there is no padding. */
export function unpadded(whole: Uint8Array): Uint8Array | null {
  let size = whole.length - 1
  while (size >= 0 && byteAt(whole, size) === 0) size--
  return size >= 0 && byteAt(whole, size) === 0x80 ? whole.slice(0, size) : null
}

/** How long the good answer to a command is, without its status word. */
export function answerSize(mode: Mode, data_size: number): number {
  const cipher = Math.floor(data_size / BLOCK_SIZE) * BLOCK_SIZE + BLOCK_SIZE
  return MAC_SIZE + (mode === "mac" || data_size === 0 ? data_size : cipher)
}

/** A command, and the session after it. `header` is never encrypted. */
export function secured(
  crypto: Crypto,
  session: CardSession,
  mode: Mode,
  command: number,
  header: Uint8Array,
  data: Uint8Array = EMPTY,
): { readonly send: Uint8Array; readonly session: CardSession } {
  assert(session.commands < COMMANDS_MAX, "a transaction has fewer than 2^16 commands")
  const plain = mode === "full" ? padded(data) : data
  const vector = mode === "full" && plain.length > 0 ? vectorOf(crypto, session, true) : null
  const body = vector === null ? plain : crypto.aesCbcEncrypt(session.encryptionKey, vector, plain)
  const mac = macOf(crypto, session, command, header, body)
  return {
    send: wrap(command, concat(header, body, mac)),
    session: { ...session, commands: session.commands + 1 },
  }
}

/** The data of a card's answer, or null unless it is the card's own answer to the command that went last. */
export function opened(crypto: Crypto, session: CardSession, mode: Mode, answer: CardAnswer): Uint8Array | null {
  const size = answer.data.length - MAC_SIZE
  if (answer.status !== STATUS_OK || size < 0 || session.commands === 0) return null
  const body = answer.data.slice(0, size)
  // The status word's second byte is the code of an answer; 00 is "done".
  if (!equalSecrets(answer.data.slice(size), macOf(crypto, session, STATUS_OK & 0xff, body))) return null
  if (mode === "mac" || size === 0) return body
  if (size % BLOCK_SIZE !== 0) return null
  return unpadded(crypto.aesCbcDecrypt(session.encryptionKey, vectorOf(crypto, session, false), body))
}
