/**
 * From a file of badges to a data directory: read, found, live through it, and leave a building that can be opened.
 */
import { randomBytes } from "node:crypto"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { assert, unixMillis } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import {
  DEFAULT_MQTT_PORT,
  DirectoryError,
  FORMAT,
  openDirectory,
  type Page,
  recoveryText,
  writePage,
} from "@holdfast/holdfast"
import { Keeper, type KeeperPorts, nodeKeyring, SECRET_DIRECTORIES } from "@holdfast/keeper"
import { buildZoneTable, NodeDisk, nodeCrypto, tzdataVersion } from "@holdfast/port-node"
import type { BadgeLog } from "./badge-log.ts"
import { buildingOf } from "./building.ts"
import { foundingTime, foundReplay } from "./found.ts"
import { type Presented, type ReplayCounts, replay } from "./replay.ts"
import { wallClock } from "./wall-clock.ts"

export type ImportOptions = {
  readonly log: BadgeLog
  readonly zone: string
  readonly directory: string
  readonly foundingKeyFile: string
  /** The console's port, which the site's root metadata names. */
  readonly port: number
  progress(done: number): void
}

/** The import cannot begin; the message is one line for a person. */
export class ImportError extends Error {
  override readonly name = "ImportError"
}

const ZONE_BEFORE_S = 400 * 86_400
const ZONE_AHEAD_S = 3 * 366 * 86_400

/** The rows in the order of their times; rows of one time keep the file's order. */
function inOrder(log: BadgeLog, zone: string): readonly Presented[] {
  const years = log.rows.map((row) => row.at.year)
  const first = years.reduce((a, b) => Math.min(a, b), 9_999)
  const last = years.reduce((a, b) => Math.max(a, b), 0)
  const instant = wallClock(zone, first, last)
  if (instant === null) throw new ImportError(`--zone: "${zone}" is no IANA time zone, such as Europe/Berlin or UTC`)
  return log.rows.map((row) => ({ row, at: instant(row.at) })).sort((a, b) => a.at - b.at)
}

function keeperPorts(disk: NodeDisk, clock: { now_ms: number }): KeeperPorts {
  const start_ms = clock.now_ms
  return {
    disk,
    crypto: nodeCrypto,
    random: (size) => new Uint8Array(randomBytes(size)),
    now: () => unixMillis(clock.now_ms),
    uptime: () => clock.now_ms - start_ms,
    zoneTable(zone, at) {
      const built = buildZoneTable(zone, tzdataVersion(), Math.max(0, at - ZONE_BEFORE_S), at + ZONE_AHEAD_S)
      return { ...built, transitions: built.transitions.map((each) => ({ ...each })) }
    },
    keyring: nodeKeyring,
  }
}

async function emptyDirectory(directory: string): Promise<void> {
  try {
    await openDirectory(directory)
  } catch (error) {
    if (error instanceof DirectoryError) throw new ImportError(error.message)
    throw error
  }
  if (readdirSync(directory).length > 0)
    throw new ImportError(`${directory} is not empty: name a new directory with --data, or remove it first.`)
}

function checkKeyFile(path: string): void {
  if (existsSync(path)) throw new ImportError(`${path} is there already: name another file with --founding-key.`)
}

/** Imports the log. Faults of the call are {@link ImportError}s; nothing is written before they are known. */
export async function importLog(options: ImportOptions): Promise<ReplayCounts> {
  const { log, zone, directory, foundingKeyFile, port, progress } = options
  if (log.rows.length === 0) throw new ImportError("the file has no row that can be presented")
  const presented = inOrder(log, zone)
  checkKeyFile(foundingKeyFile)
  await emptyDirectory(directory)
  const [first] = presented
  assert(first !== undefined, "there is a row")
  const clock: { now_ms: number } = { now_ms: foundingTime(first.at) }
  const disk = new NodeDisk(directory, SECRET_DIRECTORIES)
  const page: Page = {
    format: FORMAT,
    state: "founding",
    example: "replay",
    port,
    apiPort: port + 1,
    mqttPort: DEFAULT_MQTT_PORT,
    listen: "localhost",
    root: null,
  }
  writePage(directory, page)
  const ports = keeperPorts(disk, clock)
  const keeper = await Keeper.open(ports)
  const found = await foundReplay({
    keeper,
    directory,
    building: buildingOf(log.rows),
    zone,
    origin: `http://localhost:${port}`,
    now: ports.now,
    random: ports.random,
  })
  writeFileSync(foundingKeyFile, recoveryText(found.site, found.foundingKey.pkcs8()), { mode: 0o600, flag: "wx" })
  const counts = await replay({ keeper, disk, directory, found, presented, clock, random: ports.random, progress })
  await keeper.close()
  writePage(directory, { ...page, state: "founded", root: toBase64(found.deed) })
  return counts
}
