/**
 * A witness's cosignature: "at this time, this was the largest tree of this log that I had seen, and it only ever grew".
 * C2SP tlog-cosignature, the Ed25519 form (algorithm 0x04).
 *
 *   | time, 8 bytes big-endian | Ed25519 signature, 64 bytes |
 *
 * It is one signature line of a checkpoint like any other; only the signed message differs. The time counts as the
 * witness's word and is not compared with any clock here.
 */
import { assert, byteAt, type Crypto, type UnixSeconds, unixSeconds } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"

const TIME_SIZE = 8
const SIGNATURE_SIZE = 64

/** What a witness signs: two lines, then the whole text of the checkpoint, its extension lines too. */
export function bytesToCosign(text: string, time: UnixSeconds): Uint8Array {
  assert(text.endsWith("\n"), "the text of a note ends in a newline")
  return utf8(`cosignature/v1\ntime ${time}\n${text}`)
}

/** The time that the cosignature states, or null when it is not by this key over this text. */
export function verifyCosignature(
  crypto: Crypto,
  publicKey: Uint8Array,
  text: string,
  cosignature: Uint8Array,
): UnixSeconds | null {
  if (cosignature.length !== TIME_SIZE + SIGNATURE_SIZE) return null
  let seconds = 0
  for (let i = 0; i < TIME_SIZE; i++) seconds = seconds * 256 + byteAt(cosignature, i)
  if (!Number.isSafeInteger(seconds)) return null // The standard stops at 2^63-1, we at 2^53-1: 285 million years.
  const time = unixSeconds(seconds)
  return crypto.verifyEd25519(publicKey, bytesToCosign(text, time), cosignature.subarray(TIME_SIZE)) ? time : null
}
