/**
 * The cluster: the folder in which PostgreSQL keeps everything, made once and the user's own from then on.
 *
 * It is made under another name and renamed when initdb is through, so a folder called `cluster` is always whole.
 */
import { spawn } from "node:child_process"
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs"
import { join } from "node:path"
import type { Account } from "./account.ts"
import type { Binaries } from "./binaries.ts"
import { PostgresError } from "./fault.ts"
import { DATABASE_USER } from "./runtime.ts"

const VERSION = "18"

/**
 * What a program is told instead of the cluster's path, while that folder is its working directory. So it never walks
 * down from the root, and closed folders, spaces or a long path above the cluster do not matter. macOS has no such
 * link, and there the program runs as ourselves, who can walk.
 */
export function clusterPath(cluster: string): string {
  return process.platform === "linux" ? "/proc/self/cwd" : cluster
}

function own(path: string, account: Account): void {
  lchownSync(path, account.uid, account.gid)
  if (!statSync(path).isDirectory()) return
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inner = join(path, entry.name)
    if (entry.isDirectory()) own(inner, account)
    else lchownSync(inner, account.uid, account.gid)
  }
}

/** Takes the cluster over where a copy or a move changed its owner; only root can. */
function takeOver(cluster: string, account: Account): void {
  const { uid } = statSync(cluster)
  if (uid !== account.uid && Object.keys(account.spawnAs).length === 0) {
    throw new PostgresError("the cluster belongs to another user", `${cluster} is owned by user ${uid}`)
  }
  if (uid !== account.uid) own(cluster, account)
  chmodSync(cluster, 0o700)
}

/** Runs initdb to its end; answers what it said if it failed, else null. */
function initdb(cluster: string, binaries: Binaries, account: Account): Promise<string | null> {
  const options = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
  const rules = ["--data-checksums", "--auth-local=peer", "--auth-host=reject", `--username=${DATABASE_USER}`]
  const child = spawn(binaries.initdb, ["-D", clusterPath(cluster), ...options, ...rules], {
    ...account.spawnAs,
    cwd: cluster,
    env: binaries.environment,
    stdio: ["ignore", "ignore", "pipe"],
  })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-2_000)))
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(error.message))
    child.on("close", (code) => resolve(code === 0 ? null : said.trim().replaceAll("\n", "; ")))
  })
}

function makeDurable(folder: string): void {
  const descriptor = openSync(folder, "r")
  fsyncSync(descriptor)
  closeSync(descriptor)
}

async function makeCluster(directory: string, cluster: string, binaries: Binaries, account: Account): Promise<void> {
  const unfinished = `${cluster}.new`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  own(unfinished, account)
  const why = await initdb(unfinished, binaries, account)
  if (why !== null) throw new PostgresError("the cluster could not be made", why)
  renameSync(unfinished, cluster)
  makeDurable(directory)
}

/** The cluster's folder inside `directory`, made if there is none, and owned by the user that will run it. */
export async function prepareCluster(directory: string, binaries: Binaries, account: Account): Promise<string> {
  const cluster = join(directory, "cluster")
  if (!existsSync(cluster)) await makeCluster(directory, cluster, binaries, account)
  takeOver(cluster, account)
  const version = readFileSync(join(cluster, "PG_VERSION"), "utf8").trim()
  if (version !== VERSION) {
    throw new PostgresError("the cluster is of another version", `it is ${version}, this release runs ${VERSION}`)
  }
  return cluster
}
