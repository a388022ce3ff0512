/**
 * A board's own keys, made when it is first switched on and never leaving its directory: the software stand-in for a secure
 * element, and labelled so wherever a lock is shown.
 *
 * Three keys, three jobs (journal, HPKE, TLS) and one symmetric key under which the lock remembers PINs. Nothing here can
 * open another lock, and none derives from a serial number.
 */
import { assert, type Cbor, decodeCbor, encodeCbor, readBytes, readMap, readText } from "@holdfast/base"
import {
  type Disk,
  type Es256Signer,
  es256FromPkcs8,
  type HpkeKeyPair,
  hpkeKeyPair,
  newEs256,
  newHpkeKeyPair,
} from "@holdfast/port-node"
import { createPublicKey } from "node:crypto"

export type BoardKeys = {
  readonly journal: Es256Signer
  readonly hpke: HpkeKeyPair
  readonly tls: Es256Signer
  /** 32 bytes: the lock's HMACs over PINs are made under it. */
  readonly pinKey: Uint8Array
  readonly serial: string
}

const FILE = "keys"
const VERSION = 1

/** The keys file is there and cannot be read: a board without its keys is another board. */
export class BoardKeysError extends Error {
  override readonly name = "BoardKeysError"
}

function encode(keys: BoardKeys): Uint8Array {
  const fields: [number, Cbor][] = [
    [0, VERSION],
    [1, keys.journal.pkcs8()],
    [2, keys.hpke.privateKey],
    [3, keys.tls.pkcs8()],
    [4, keys.pinKey],
    [5, keys.serial],
  ]
  return encodeCbor(new Map(fields))
}

function decode(bytes: Uint8Array): BoardKeys | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5]) : null
  const journal = readBytes(map?.get(1), 1, 512)
  const hpke = readBytes(map?.get(2), 32)
  const tls = readBytes(map?.get(3), 1, 512)
  const pinKey = readBytes(map?.get(4), 32)
  const serial = readText(map?.get(5), 64)
  if (map?.get(0) !== VERSION || journal === null || hpke === null || tls === null || pinKey === null) return null
  if (serial === null) return null
  return { journal: es256FromPkcs8(journal), hpke: hpkeKeyPair(hpke), tls: es256FromPkcs8(tls), pinKey, serial }
}

/** The board's keys from its disk; on a blank disk they are made and durable before they are answered. */
export function boardKeys(disk: Disk, random: (size: number) => Uint8Array): BoardKeys {
  const stored = disk.read(FILE)
  if (stored !== null) {
    const keys = decode(stored)
    if (keys === null) throw new BoardKeysError("the board's key file cannot be read: restore it from a backup")
    return keys
  }
  const pinKey = random(32)
  assert(pinKey.length === 32, "the PIN key is 32 bytes")
  // A serial number names a board to people; no key comes from it.
  const serial = `VB-${Buffer.from(random(4)).toString("hex").toUpperCase()}`
  const keys = { journal: newEs256(), hpke: newHpkeKeyPair(), tls: newEs256(), pinKey, serial }
  disk.replace(FILE, encode(keys))
  return keys
}

/** The board's TLS key as SubjectPublicKeyInfo (DER), for its certificate. */
export function tlsPublicKey(keys: BoardKeys): Uint8Array {
  return new Uint8Array(createPublicKey(keys.tls.key).export({ format: "der", type: "spki" }))
}
