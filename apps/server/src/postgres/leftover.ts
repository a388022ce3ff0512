/**
 * What an earlier run left behind when its supervisor was killed: a PostgreSQL that still works in the cluster.
 *
 * PostgreSQL runs detached, so it survives us. The data directory's lock, which the caller holds, says that no other
 * supervisor is alive; whoever still has this cluster's name in their command line is therefore ours to end. Only
 * when nobody is left is a stale postmaster.pid removed: its process number may meanwhile be somebody else's, and
 * PostgreSQL would then refuse to start. Where there is no /proc, PostgreSQL's own check has to do.
 */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import type { Account } from "./account.ts"
import { PostgresError } from "./fault.ts"

const POLL_MS = 20
const END_MS_MAX = 30_000

/** A name that every process of this cluster shows in its command line, and no other cluster's does. */
export function clusterName(cluster: string): string {
  return `holdfast-${createHash("sha256").update(realpathSync(cluster)).digest("hex").slice(0, 16)}`
}

type Found = { readonly pid: number; readonly isPostmaster: boolean }

function commandOf(pid: string, account: Account): string {
  try {
    return statSync(`/proc/${pid}`).uid === account.uid ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : ""
  } catch {
    return "" // It ended while we looked.
  }
}

/** Every process of the cluster; the postmaster still shows its arguments, its children their tasks. */
function processesOf(name: string, account: Account): readonly Found[] {
  const found: Found[] = []
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue
    const command = commandOf(pid, account)
    if (command.includes(name)) found.push({ pid: Number(pid), isPostmaster: command.includes("\0-D\0") })
  }
  return found
}

function signal(found: readonly Found[], name: NodeJS.Signals): void {
  for (const { pid, isPostmaster } of found) {
    try {
      if (isPostmaster) process.kill(pid, name)
    } catch {
      // It ended by itself.
    }
  }
}

/** Ends what still runs in the cluster and clears the way for the next start. */
export async function endLeftovers(cluster: string, account: Account, log: (line: string) => void): Promise<void> {
  if (!existsSync("/proc/self/cmdline")) return
  const name = clusterName(cluster)
  let found = processesOf(name, account)
  if (found.length > 0) log("postgres: an earlier run is still there; ending it")
  // SIGINT is PostgreSQL's fast shutdown: transactions are rolled back, then a checkpoint.
  signal(found, "SIGINT")
  for (let waited_ms = 0; found.length > 0; waited_ms += POLL_MS) {
    if (waited_ms > END_MS_MAX) throw new PostgresError("the server did not start", "an earlier run does not end")
    if (waited_ms === END_MS_MAX / 2) signal(found, "SIGQUIT")
    await wait(POLL_MS)
    found = processesOf(name, account)
  }
  rmSync(join(cluster, "postmaster.pid"), { force: true })
}
