/**
 * The files by which a keeper knows itself: its keys, and the site that it keeps.
 *
 *   keeper/keys    made at the first start, before there is a site
 *   keeper/site    CBOR {0: root metadata, 1: period, 2: founded at ms}, written once, before the first log entry
 *   keeper/rest    CBOR [sizes of the sealed files] after a clean stop, null while the keeper runs
 *
 * So a founding that was cut short goes on at the next start with the same root and the same period. Each file ends in the
 * SHA-256 of what stands before it: that notices damage, and no enemy, who could not be kept out of here by a sum.
 */
import type { Root } from "@holdfast/access"
import { verifyFirstRoot } from "@holdfast/access/author"
import { concat, equalBytes, type SiteId, type UnixMillis, unixMillis } from "@holdfast/base"
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import { encodeCoseKey } from "@holdfast/base/cose"
import type { KeeperKeys } from "./keys.ts"
import { KeeperRefusal, type KeeperPorts } from "./ports.ts"
import type { VaultSizes } from "./sealed/vault.ts"

const KEYS_PATH = "keeper/keys"
const REST_PATH = "keeper/rest"
const SUM_SIZE = 32
const SITE_PATH = "keeper/site"
const ROOT_SIZE_MAX = 16_384
const MONTHS_PER_QUARTER = 3

export type SiteFile = {
  readonly site: SiteId
  readonly root: Root
  readonly rootBytes: Uint8Array
  readonly period: string
  readonly foundedAt: UnixMillis
}

function writeSummed(ports: KeeperPorts, path: string, bytes: Uint8Array): void {
  ports.disk.replace(path, concat(bytes, ports.crypto.sha256(bytes)))
}

/** The file without its sum, or null where there is none. */
function readSummed(ports: KeeperPorts, path: string): Uint8Array | null {
  const whole = ports.disk.read(path)
  if (whole === null) return null
  const bytes = whole.subarray(0, Math.max(0, whole.length - SUM_SIZE))
  if (!equalBytes(ports.crypto.sha256(bytes), whole.subarray(bytes.length))) throw new KeeperRefusal(`${path}: damaged`)
  return bytes
}

/** What a clean stop left behind, null after any other. */
export function readRest(ports: KeeperPorts): VaultSizes | null {
  const bytes = readSummed(ports, REST_PATH)
  const decoded = bytes === null ? null : decodeCbor(bytes)
  const sizes = decoded?.ok === true ? readArray(decoded.value, 3, (size) => readUint(size)) : null
  const [labels, secrets, openings] = sizes ?? []
  return labels === undefined || secrets === undefined || openings === undefined ? null : [labels, secrets, openings]
}

/** Notes that the keeper runs, or with sizes that it stopped with everything durable. */
export function noteRest(ports: KeeperPorts, sizes: VaultSizes | null): void {
  writeSummed(ports, REST_PATH, encodeCbor(sizes))
}

/** The keys of this data directory, made when it has none yet. */
export function keeperKeys(ports: KeeperPorts): KeeperKeys {
  const found = ports.disk.read(KEYS_PATH)
  if (found === null) {
    if (ports.disk.read(SITE_PATH) !== null) throw new KeeperRefusal(`${KEYS_PATH}: missing, but there is a site`)
    writeSummed(
      ports,
      KEYS_PATH,
      ports.keyring.make((size) => ports.random(size)),
    )
  }
  const keys = ports.keyring.read(readSummed(ports, KEYS_PATH) ?? new Uint8Array(0))
  if (keys === null) throw new KeeperRefusal(`${KEYS_PATH}: damaged`)
  return keys
}

/** Year and quarter, as periods of logs are named: 2026Q4. */
export function periodOf(at: UnixMillis): string {
  const date = new Date(at)
  return `${date.getUTCFullYear()}Q${Math.floor(date.getUTCMonth() / MONTHS_PER_QUARTER) + 1}`
}

/** The site file for a root, or why this keeper cannot keep that site. */
export function siteFile(
  ports: KeeperPorts,
  keys: KeeperKeys,
  rootBytes: Uint8Array,
  at: UnixMillis,
): SiteFile | string {
  const verified = verifyFirstRoot(rootBytes, ports.crypto)
  if (!verified.ok) return verified.fault
  const { root, site } = verified
  if (!equalBytes(encodeCoseKey(root.keeper), encodeCoseKey(keys.policy.publicKey))) return "names another keeper"
  if (!equalBytes(root.logKey, keys.log.publicKey)) return "names another log key"
  if (!equalBytes(root.keeperHpke, keys.hpke.publicKey)) return "names another HPKE key"
  return { site, root, rootBytes, period: periodOf(at), foundedAt: at }
}

export function writeSite(ports: KeeperPorts, file: SiteFile): void {
  const fields: [number, Cbor][] = [
    [0, file.rootBytes],
    [1, file.period],
    [2, file.foundedAt],
  ]
  writeSummed(ports, SITE_PATH, encodeCbor(new Map(fields)))
}

/** The site of this data directory, or null before there is one. */
export function readSite(ports: KeeperPorts, keys: KeeperKeys): SiteFile | null {
  const bytes = readSummed(ports, SITE_PATH)
  if (bytes === null) {
    if (ports.disk.list("ledger").length > 0) throw new KeeperRefusal(`${SITE_PATH}: missing, but there is a ledger`)
    return null
  }
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2]) : null
  const rootBytes = readBytes(map?.get(0), 1, ROOT_SIZE_MAX)
  const period = readText(map?.get(1), 6)
  const foundedAt = readUint(map?.get(2))
  if (rootBytes === null || period === null || foundedAt === null || !/^\d{4}Q[1-4]$/.test(period))
    throw new KeeperRefusal(`${SITE_PATH}: damaged`)
  const file = siteFile(ports, keys, rootBytes, unixMillis(foundedAt))
  if (typeof file === "string") throw new KeeperRefusal(`${SITE_PATH}: ${file}`)
  return { ...file, period }
}
