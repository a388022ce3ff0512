/**
 * Which credential a card says it is, inside the secure channel: one small file in each zone application.
 *
 *   version 1 | credential 16 | epoch u32        21 bytes, big-endian
 *
 * The epoch is that of the keeper under whom the card was written; a card from a later one than the lock's policy knows
 * nothing that this lock should believe. An NTAG 424 DNA has no room for four such files under four keys: it says its UID
 * instead, which the lock's tables name a credential by. The file carries no right; those stand in the policy.
 */
import { assert, byteAt, type CredentialId, concat, idBytes, idOf } from "@holdfast/base"

export const CARD_FILE_SIZE = 21
export const CARD_FILE_NUMBER = 1
const VERSION = 1
const EPOCH_MAX = 0xffff_ffff

export type CardIdentity = { readonly credential: CredentialId; readonly epoch: number }

export function encodeCardFile({ credential, epoch }: CardIdentity): Uint8Array {
  assert(Number.isInteger(epoch) && epoch >= 0 && epoch <= EPOCH_MAX, "an epoch is a u32")
  const number = new Uint8Array(4)
  new DataView(number.buffer).setUint32(0, epoch)
  return concat(Uint8Array.of(VERSION), idBytes(credential), number)
}

/** The identity, or null for bytes that are no such file. */
export function decodeCardFile(bytes: Uint8Array): CardIdentity | null {
  if (bytes.length !== CARD_FILE_SIZE || byteAt(bytes, 0) !== VERSION) return null
  const epoch = new DataView(bytes.buffer, bytes.byteOffset).getUint32(CARD_FILE_SIZE - 4)
  return { credential: idOf<"CredentialId">(bytes.slice(1, 17)), epoch }
}
