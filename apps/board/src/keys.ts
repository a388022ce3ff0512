/**
 * A board's own keys, made when it is first switched on: the secure element's two, and those that it keeps sealed outside.
 *
 * Four keys, four jobs: the journal's and the one that secrets are sealed to never leave the element; the TLS key, which the
 * link's program must hold, and the key under which the lock remembers PINs lie sealed in the board's directory. Nothing
 * here can open another lock, and none derives from a serial number.
 */
import { assert } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readMap, readText } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { type Disk, type Es256Signer, es256FromPkcs8, type HpkeRecipient, newEs256 } from "@holdfast/port-node"
import { createPublicKey } from "node:crypto"
import type { SecureElement } from "./element.ts"
import { SoftwareElement } from "./element-software.ts"
import { StorageRing } from "./storage-keys.ts"

export type BoardKeys = {
  readonly element: SecureElement
  readonly journal: { readonly publicKey: PublicKey; sign(bytes: Uint8Array): Uint8Array }
  readonly hpke: HpkeRecipient
  readonly tls: Es256Signer
  /** 32 bytes: the lock's HMACs over PINs are made under it. */
  readonly pinKey: Uint8Array
  readonly storage: StorageRing
  readonly serial: string
}

const FILE = "keys"
const PURPOSE = "board keys"
const VERSION = 2

/** The keys file is there and cannot be read: a board without its keys is another board. */
export class BoardKeysError extends Error {
  override readonly name = "BoardKeysError"
}

type Kept = Pick<BoardKeys, "tls" | "pinKey" | "serial">

function encode({ tls, pinKey, serial }: Kept): Uint8Array {
  const fields: [number, Cbor][] = [
    [0, VERSION],
    [1, tls.pkcs8()],
    [2, pinKey],
    [3, serial],
  ]
  return encodeCbor(new Map(fields))
}

function decode(bytes: Uint8Array): Kept | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3]) : null
  const tls = readBytes(map?.get(1), 1, 512)
  const pinKey = readBytes(map?.get(2), 32)
  const serial = readText(map?.get(3), 64)
  if (map?.get(0) !== VERSION || tls === null || pinKey === null || serial === null) return null
  return { tls: es256FromPkcs8(tls), pinKey, serial }
}

function kept(disk: Disk, element: SecureElement): Kept {
  const sealed = disk.read(FILE)
  if (sealed !== null) {
    const plain = element.unseal(PURPOSE, sealed)
    const keys = plain === null ? null : decode(plain)
    if (keys === null) throw new BoardKeysError("the board's key file cannot be read: restore it from a backup")
    return keys
  }
  const pinKey = element.random(32)
  assert(pinKey.length === 32, "the PIN key is 32 bytes")
  // A serial number names a board to people; no key comes from it.
  const serial = `VB-${Buffer.from(element.random(4)).toString("hex").toUpperCase()}`
  const keys = { tls: newEs256(), pinKey, serial }
  disk.replace(FILE, element.seal(PURPOSE, encode(keys)))
  return keys
}

/**
 * The board's keys from its disk and its secure element, by default one made of files; on a blank disk they are made and
 * durable before they are answered.
 */
export function boardKeys(
  disk: Disk,
  random: (size: number) => Uint8Array,
  element: SecureElement = new SoftwareElement(disk, random),
): BoardKeys {
  return {
    element,
    journal: { publicKey: element.signingKey, sign: (bytes) => element.sign(bytes) },
    hpke: { publicKey: element.agreementKey, agree: (point) => element.agree(point) },
    ...kept(disk, element),
    storage: new StorageRing(disk, element),
  }
}

/** Destroys every key of a board: its storage, its codes and what was sealed to it never open again. */
export function destroyKeys(disk: Disk, element: SecureElement): void {
  element.zeroize()
  for (const file of [FILE, "storage-keys", "reader-key"]) disk.remove(file)
}

/** The board's TLS key as SubjectPublicKeyInfo (DER), for its certificate. */
export function tlsPublicKey(keys: Pick<BoardKeys, "tls">): Uint8Array {
  return new Uint8Array(createPublicKey(keys.tls.key).export({ format: "der", type: "spki" }))
}
