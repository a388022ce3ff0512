/**
 * The short-lived folder of one running PostgreSQL: its socket, who may use it, and links to its libraries.
 *
 * It stands apart from the data because a Unix socket's path may have 107 bytes at most and a data directory's path
 * may have any length. A pointer beside the data names it, so that a run that ended by kill -9 is tidied up later.
 */
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert } from "@holdfast/base"
import { type Account, canReach } from "./account.ts"

/** The port only names the socket file; nothing listens on the network. */
export const SOCKET_PORT = 5_432
export const DATABASE_USER = "holdfast"
/** The longest address that fits a Unix socket on Linux, less its final zero byte. */
const SOCKET_PATH_SIZE_MAX = 107
const SOCKET_FOLDER_PREFIX = "holdfast-postgres-"

export type Runtime = { readonly folder: string; readonly sockets: string }

function socketPathSize(base: string): number {
  return Buffer.byteLength(join(base, `${SOCKET_FOLDER_PREFIX}xxxxxx`, "s", `.s.PGSQL.${SOCKET_PORT}.lock`))
}

/** Only its own user connects: the kernel says who is at the other end, so no password exists that could leak. */
function accessRules(account: Account): { readonly hba: string; readonly ident: string } {
  const name = account.clientName.replaceAll('"', '""')
  return { hba: "local all all peer map=holdfast\n", ident: `holdfast "${name}" ${DATABASE_USER}\n` }
}

/** Makes the folder, in the first place for temporary files that is short enough and that the user can reach. */
export function makeRuntime(directory: string, account: Account): Runtime {
  removeRuntime(directory)
  const bases = [tmpdir(), "/tmp", "/var/tmp"].filter((base) => existsSync(base))
  const base = bases.find((one) => socketPathSize(one) <= SOCKET_PATH_SIZE_MAX && canReach(one, account))
  assert(base !== undefined, "one of the folders for temporary files is short and open to everybody")
  const folder = mkdtempSync(join(base, SOCKET_FOLDER_PREFIX))
  writeFileSync(pointerOf(directory), folder)
  chmodSync(folder, 0o755)
  const sockets = join(folder, "s")
  mkdirSync(sockets)
  chownSync(sockets, account.uid, account.gid)
  chmodSync(sockets, 0o700)
  const { hba, ident } = accessRules(account)
  for (const [file, text] of [
    ["pg_hba.conf", hba],
    ["pg_ident.conf", ident],
  ] as const) {
    writeFileSync(join(folder, file), text)
    chmodSync(join(folder, file), 0o644)
  }
  return { folder, sockets }
}

function pointerOf(directory: string): string {
  return join(directory, "runtime")
}

/** Removes the folder of this or of an earlier run. A pointer to anything else is left alone. */
export function removeRuntime(directory: string): void {
  const pointer = pointerOf(directory)
  if (!existsSync(pointer)) return
  const folder = readFileSync(pointer, "utf8")
  if (/^\/.*\/holdfast-postgres-[A-Za-z0-9]{6}$/.test(folder)) rmSync(folder, { recursive: true, force: true })
  rmSync(pointer)
}
