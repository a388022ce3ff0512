/** The keeper's ports on a real machine: its disk, its clock, its chance, its time-zone data. */
import type { ZoneTable } from "@holdfast/access"
import { type UnixSeconds, unixMillis } from "@holdfast/base"
import { buildZoneTable, isZone, NodeDisk, nodeCrypto, tzdataVersion } from "@holdfast/port-node"
import { randomBytes } from "node:crypto"
import { CheckThreads } from "./check-threads.ts"
import { nodeKeyring } from "./keys.ts"
import { type KeeperPorts, SECRET_DIRECTORIES } from "./ports.ts"

const DAY_S = 86_400
const TABLE_BEHIND_S = 400 * DAY_S
const TABLE_AHEAD_S = (3 * 366 + 30) * DAY_S

/** The table of a zone from 400 days before a time to a little over three years after it; null for an unknown zone. */
export function nodeZoneTable(zone: string, at: UnixSeconds): ZoneTable | null {
  if (!isZone(zone)) return null
  return buildZoneTable(zone, tzdataVersion(), Math.max(0, at - TABLE_BEHIND_S), at + TABLE_AHEAD_S)
}

export function nodePorts(directory: string): KeeperPorts {
  return {
    disk: new NodeDisk(directory, SECRET_DIRECTORIES),
    crypto: nodeCrypto,
    now: () => unixMillis(Date.now()),
    uptime: () => performance.now(),
    random: (size) => new Uint8Array(randomBytes(size)),
    zoneTable: nodeZoneTable,
    later: (ms, act) => void setTimeout(act, ms).unref(),
    keyring: nodeKeyring,
    batchChecks: (hpke) => new CheckThreads(hpke),
  }
}
