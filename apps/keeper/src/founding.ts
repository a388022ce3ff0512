/**
 * The files by which a keeper knows itself: its keys, and the site that it keeps.
 *
 *   keeper/keys    made at the first start, before there is a site
 *   keeper/site    CBOR {0: root metadata, 1: period, 2: founded at ms}, written once, before the first log entry
 *
 * So a founding that was cut short goes on at the next start with the same root and the same period.
 */
import type { Root } from "@holdfast/access"
import { verifyFirstRoot } from "@holdfast/access/author"
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  encodeCoseKey,
  equalBytes,
  readBytes,
  readMap,
  readText,
  readUint,
  type SiteId,
  type UnixMillis,
  unixMillis,
} from "@holdfast/base"
import type { KeeperKeys } from "./keys.ts"
import { KeeperRefusal, type KeeperPorts } from "./ports.ts"

const KEYS_PATH = "keeper/keys"
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

/** The keys of this data directory, made when it has none yet. */
export function keeperKeys(ports: KeeperPorts): KeeperKeys {
  const found = ports.disk.read(KEYS_PATH)
  if (found === null) {
    if (ports.disk.read(SITE_PATH) !== null) throw new KeeperRefusal(`${KEYS_PATH}: missing, but there is a site`)
    ports.disk.replace(
      KEYS_PATH,
      ports.keyring.make((size) => ports.random(size)),
    )
  }
  const keys = ports.keyring.read(ports.disk.read(KEYS_PATH) ?? new Uint8Array(0))
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
  ports.disk.replace(SITE_PATH, encodeCbor(new Map(fields)))
}

/** The site of this data directory, or null before there is one. */
export function readSite(ports: KeeperPorts, keys: KeeperKeys): SiteFile | null {
  const bytes = ports.disk.read(SITE_PATH)
  if (bytes === null) return null
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
