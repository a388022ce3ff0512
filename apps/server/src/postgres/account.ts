/**
 * Under which operating system user PostgreSQL runs, and which folders that user can reach.
 *
 * PostgreSQL refuses to run as root. Started as root on Linux we run it as `nobody`; started as anybody else, as
 * ourselves. Folders above the data directory often are closed to `nobody` (our own is), so nothing here relies on
 * walking down to it: see `clusterPath` in cluster.ts.
 */
import { readFileSync, type Stats, statSync } from "node:fs"
import { dirname } from "node:path"
import { userInfo } from "node:os"
import { PostgresError } from "./fault.ts"

const ROOT_ID = 0
const NOBODY_ID = 65_534

/** `spawnAs` is what node:child_process takes to become that user; empty when it is ourselves. */
export type Account = {
  readonly uid: number
  readonly gid: number
  readonly spawnAs: { readonly uid?: number; readonly gid?: number }
  /** Our own name, by which PostgreSQL recognizes who is at the other end of its socket. */
  readonly clientName: string
}

/** Whether `passwd` names the id: initdb looks its user up and fails otherwise. */
function isKnownId(id: number): boolean {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .some((line) => line.split(":")[2] === String(id))
}

export function accountForPostgres(): Account {
  const { uid, gid, username: clientName } = userInfo()
  if (uid !== ROOT_ID) return { uid, gid, spawnAs: {}, clientName }
  const reason = "the operating system user is unsuitable"
  if (process.platform !== "linux") throw new PostgresError(reason, "it refuses root; start as another user")
  if (!isKnownId(NOBODY_ID)) throw new PostgresError(reason, "it refuses root, and this system has no user 65534")
  return { uid: NOBODY_ID, gid: NOBODY_ID, spawnAs: { uid: NOBODY_ID, gid: NOBODY_ID }, clientName }
}

function maySearch(folder: Stats, account: Account): boolean {
  if (account.uid === ROOT_ID) return true
  if (folder.uid === account.uid) return (folder.mode & 0o100) !== 0
  if (folder.gid === account.gid) return (folder.mode & 0o010) !== 0
  return (folder.mode & 0o001) !== 0
}

/** Whether the user can walk to the folder: every folder on the way down lets it pass. */
export function canReach(path: string, account: Account): boolean {
  const parent = dirname(path)
  return maySearch(statSync(path), account) && (parent === path || canReach(parent, account))
}
