/**
 * SUN, the secure unique address that an NTAG 424 DNA writes anew at each reading (NXP AN12196, section 3: secure dynamic
 * messaging): UID, a count of readings, and a code over both under a key of the card.
 *
 *   ...?uid=04A1B2C3D4E5F6&ctr=00002A&cmac=94EED9EE65337086
 *   ...?picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086
 *
 * It proves that the card was read once at that count, and nothing about when or where: somebody who read it in a pocket has
 * an address that still works. So a lock takes each count once and never a lower one, and a SUN never is more than an
 * identifier; to open a door of grade 2 a card has to answer a challenge (`reader.ts`).
 */
import { assert, byteAt, type Crypto, concat, equalSecrets } from "@holdfast/base"
import { fromHex } from "@holdfast/base/text"
import { cmac, ZERO_BLOCK } from "./cmac.ts"
import { MAC_SIZE, shortMac } from "./messaging.ts"

export const READ_COUNT_MAX = 0xff_ffff
const UID_SIZE = 7
const BLOCK_SIZE = 16
/** PICC data begins with a tag: UID and count are both there, and the UID has seven bytes. */
const PICC_TAG = 0xc7

/** Which card was read, and the count of its readings then. */
export type Reading = { readonly uid: Uint8Array; readonly count: number }

/** A SUN as it stands in an address, and the part of the address that its code covers. */
export type Sun = {
  /** In clear, or encrypted under a key that many cards share. */
  readonly reading: Reading | Uint8Array
  readonly mac: Uint8Array
}

const PLAIN = /[?&]uid=([0-9A-Fa-f]{14})&ctr=([0-9A-Fa-f]{6})&cmac=([0-9A-Fa-f]{16})$/
const ENCRYPTED = /[?&]picc_data=([0-9A-Fa-f]{32})&cmac=([0-9A-Fa-f]{16})$/
const ADDRESS_LENGTH_MAX = 256

function hexOf(text: string | undefined): Uint8Array {
  const bytes = fromHex(text ?? "")
  assert(bytes !== null && bytes.length > 0, "the pattern takes hex digits only")
  return bytes
}

/** The fixed fields of an address, or null. Nothing else of the address is looked at or passed on. */
export function readSun(address: string): Sun | null {
  if (address.length > ADDRESS_LENGTH_MAX) return null
  const plain = PLAIN.exec(address)
  if (plain !== null) {
    const [, uid, count, mac] = plain
    return { reading: { uid: hexOf(uid), count: Number.parseInt(count ?? "", 16) }, mac: hexOf(mac) }
  }
  const encrypted = ENCRYPTED.exec(address)
  return encrypted === null ? null : { reading: hexOf(encrypted[1]), mac: hexOf(encrypted[2]) }
}

/** UID and count out of encrypted PICC data, or null where it is not of that key: AN12196, section 3.3.2. */
export function openReading(crypto: Crypto, metaKey: Uint8Array, encrypted: Uint8Array): Reading | null {
  if (encrypted.length !== BLOCK_SIZE) return null
  const plain = crypto.aesCbcDecrypt(metaKey, ZERO_BLOCK, encrypted)
  if (byteAt(plain, 0) !== PICC_TAG) return null
  const count = byteAt(plain, 8) + byteAt(plain, 9) * 0x100 + byteAt(plain, 10) * 0x1_0000
  return { uid: plain.slice(1, 1 + UID_SIZE), count }
}

function countBytes(count: number): Uint8Array {
  assert(Number.isInteger(count) && count >= 0 && count <= READ_COUNT_MAX, "a count of readings has three bytes")
  return Uint8Array.of(count & 0xff, (count >> 8) & 0xff, count >> 16)
}

/** The keys of one reading, from session vectors SV1 (data) and SV2 (code): NT4H2421Gx, section 9.3.9. */
export function readingKeys(
  crypto: Crypto,
  fileKey: Uint8Array,
  { uid, count }: Reading,
): { readonly encryptionKey: Uint8Array; readonly macKey: Uint8Array } {
  assert(uid.length === UID_SIZE, "a UID of an NTAG is seven bytes")
  const context = concat(uid, countBytes(count))
  return {
    encryptionKey: cmac(crypto, fileKey, Uint8Array.of(0xc3, 0x3c, 0, 1, 0, 0x80), context),
    macKey: cmac(crypto, fileKey, Uint8Array.of(0x3c, 0xc3, 0, 1, 0, 0x80), context),
  }
}

/** Whether the code is that card's own for this reading. `covered` is the part of the file that it covers, often none. */
export function provesReading(
  crypto: Crypto,
  fileKey: Uint8Array,
  reading: Reading,
  covered: Uint8Array,
  mac: Uint8Array,
): boolean {
  if (mac.length !== MAC_SIZE || reading.uid.length !== UID_SIZE) return false
  return equalSecrets(mac, shortMac(crypto, readingKeys(crypto, fileKey, reading).macKey, covered))
}

/** File data that was encrypted for one reading: NT4H2421Gx, section 9.3.7. */
export function openFileData(
  crypto: Crypto,
  fileKey: Uint8Array,
  reading: Reading,
  encrypted: Uint8Array,
): Uint8Array | null {
  if (encrypted.length === 0 || encrypted.length % BLOCK_SIZE !== 0) return null
  const { encryptionKey } = readingKeys(crypto, fileKey, reading)
  const count = concat(countBytes(reading.count), new Uint8Array(BLOCK_SIZE - 3))
  return crypto.aesCbcDecrypt(encryptionKey, crypto.aesCbcEncrypt(encryptionKey, ZERO_BLOCK, count), encrypted)
}
