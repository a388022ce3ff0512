/**
 * The keeper's own keys: made once at founding, in one file that only the keeper reads, never shared and never restored.
 *
 *   policy    ES256     signs manifests, leases, beacons and the keeper's own statements
 *   log       Ed25519   signs checkpoints
 *   hpke      P-256     opens what is sealed to the keeper
 *   storage   AES-256   encrypts what the keeper itself stores under `sealed/`
 *   zones     AES-128   masters of the four card zones, from which every card's keys are diversified
 *
 * Losing this file loses the sealed values; the site goes on when its roots name a new keeper.
 */
import { type Cbor, decodeCbor, encodeCbor, readArray, readBytes, readMap } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import {
  ed25519FromPkcs8,
  es256FromPkcs8,
  type HpkeKeyPair,
  hpkeKeyPair,
  newEd25519,
  newEs256,
  newHpkeKeyPair,
} from "@holdfast/port-node"
import { BOX_KEY_SIZE } from "@holdfast/port-node/box"

const VERSION = 1
const PKCS8_SIZE_MAX = 256
const HPKE_KEY_SIZE = 32
const ZONES = 4
const ZONE_KEY_SIZE = 16

export type KeeperKeys = {
  readonly policy: { readonly publicKey: PublicKey; sign(bytes: Uint8Array): Uint8Array }
  /** The public key has 32 bytes. */
  readonly log: { readonly publicKey: Uint8Array; sign(bytes: Uint8Array): Uint8Array }
  readonly hpke: HpkeKeyPair
  readonly storage: Uint8Array
  /** By zone application, 0 to 3. */
  readonly zones: readonly Uint8Array[]
}

/** Makes the keys' file and reads it; the simulator brings one whose signatures repeat. */
export type Keyring = {
  make(random: (size: number) => Uint8Array): Uint8Array
  read(file: Uint8Array): KeeperKeys | null
}

export const nodeKeyring: Keyring = {
  make(random) {
    const zones = Array.from({ length: ZONES }, () => random(ZONE_KEY_SIZE))
    return encodeCbor(
      new Map<number, Cbor>([
        [0, VERSION],
        [1, new Uint8Array(newEs256().pkcs8())],
        [2, new Uint8Array(newEd25519().pkcs8())],
        [3, newHpkeKeyPair().privateKey],
        [4, random(BOX_KEY_SIZE)],
        [5, zones],
      ]),
    )
  },
  read(file) {
    const decoded = decodeCbor(file)
    const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4, 5]) : null
    const policy = readBytes(map?.get(1), 1, PKCS8_SIZE_MAX)
    const log = readBytes(map?.get(2), 1, PKCS8_SIZE_MAX)
    const hpke = readBytes(map?.get(3), HPKE_KEY_SIZE)
    const storage = readBytes(map?.get(4), BOX_KEY_SIZE)
    const zones = readArray(map?.get(5), ZONES, (zone) => readBytes(zone, ZONE_KEY_SIZE))
    if (policy === null || log === null || hpke === null || storage === null) return null
    if (map?.get(0) !== VERSION || zones?.length !== ZONES) return null
    try {
      return { policy: es256FromPkcs8(policy), log: ed25519FromPkcs8(log), hpke: hpkeKeyPair(hpke), storage, zones }
    } catch {
      return null // Bytes that are no private key.
    }
  },
}
