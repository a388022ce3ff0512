/**
 * What the keeper needs from outside, and nothing else: time, chance and a disk are given in, so that the simulator runs
 * the very same keeper under virtual time and cuts its power.
 */
import type { ZoneTable } from "@holdfast/access"
import type { Crypto, UnixSeconds } from "@holdfast/base"
import type { Disk, HpkeKeyPair } from "@holdfast/port-node"
import type { BatchChecks } from "./batch-check.ts"
import type { ClockPorts } from "./clock.ts"
import type { Keyring } from "./keys.ts"

export type KeeperPorts = ClockPorts & {
  /** The data directory. */
  readonly disk: Disk
  readonly crypto: Crypto
  random(size: number): Uint8Array
  /** The table of an IANA zone around a time, or null for a zone that nobody knows. */
  zoneTable(zone: string, at: UnixSeconds): ZoneTable | null
  readonly keyring: Keyring
  /** Calls back after a while, and keeps no process from ending; without it the logs' large files are written without rests. */
  later?(ms: number, act: () => void): void
  /** Checks batches for the holder of this key; without it the keeper's own thread does. */
  batchChecks?(hpke: HpkeKeyPair): BatchChecks
}

/** Directories of the data directory that only the keeper may enter. */
export const SECRET_DIRECTORIES: readonly string[] = ["keeper", "sealed"]

export const LOG_CLASSES = ["authority", "events", "looks"] as const
export type LogClass = (typeof LOG_CLASSES)[number]

/** The data directory is not as it must be. The message is one line that says what differs. */
export class KeeperRefusal extends Error {
  override readonly name = "KeeperRefusal"
}
