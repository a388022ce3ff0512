/**
 * The keeper as a process. Its parent says once which data directory it keeps; it answers when it has verified everything.
 *
 *   parent   { kind: "settings", settings: { data, socket? } }      { kind: "found", root }
 *   keeper   { kind: "ready", socket, site, keys }   { kind: "founded", site }   { kind: "not founded", message }
 *            { kind: "failed", code, message } and exit code 1: it does not start, or cannot go on
 *
 * Without a parent the data directory is the first argument, and the socket's path is printed. The socket lies in a new
 * directory of this user's, since paths over 107 bytes cannot be bound; a parent that starts the keeper again gives the
 * same path again.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DiskError } from "@holdfast/port-node"
import { Keeper } from "./keeper.ts"
import { nodePorts } from "./node-ports.ts"
import { KeeperRefusal } from "./ports.ts"
import { KeeperServer } from "./server.ts"

type Settings = { readonly data: string; readonly socket?: string }
type FromParent =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "found"; readonly root: Uint8Array }

const RENEW_MS = 3_600_000

let keeper: Keeper | null = null
let isStopping = false

function say(message: unknown): void {
  process.send?.(message)
}

/** One line for a person, and the end: going on with a wrong state is worse than standing still. */
function fail(error: unknown): void {
  const expected = error instanceof KeeperRefusal || error instanceof DiskError
  const message =
    error instanceof Error ? (expected ? error.message : `${error.name}: ${error.message}`) : String(error)
  const code = error instanceof DiskError ? (error.code ?? "") : ""
  process.stderr.write(`the keeper stopped: ${message}\n`)
  if (process.send === undefined) process.exit(1)
  process.send({ kind: "failed", code, message }, () => process.exit(1))
}

async function start({ data, socket }: Settings): Promise<void> {
  const opened = await Keeper.open(nodePorts(data))
  keeper = opened
  const folder = socket === undefined ? mkdtempSync(join(tmpdir(), "holdfast-keeper-")) : null
  const path = socket ?? join(folder ?? "", "keeper.sock")
  rmSync(path, { force: true })
  const server = new KeeperServer({ path, answer: (request) => opened.answer(request), onFatal: fail })
  opened.onNotice = (notice) => server.tell(notice)
  await server.listen()
  const renewal = setInterval(() => {
    if (opened.site !== null) opened.renew().catch(fail)
  }, RENEW_MS)
  process.on("SIGTERM", () => {
    if (isStopping) return
    isStopping = true
    clearInterval(renewal)
    stop(server, opened, folder ?? path).catch(fail)
  })
  say({ kind: "ready", socket: path, site: opened.site, keys: opened.keys() })
  if (process.send === undefined) process.stdout.write(`${path}\n`)
}

async function stop(server: KeeperServer, opened: Keeper, left: string): Promise<void> {
  await server.close()
  await opened.close()
  rmSync(left, { recursive: true, force: true })
  process.exit(0)
}

async function found(root: Uint8Array): Promise<void> {
  const founded = (await keeper?.found(root)) ?? { ok: false as const, fault: "the keeper is not ready" }
  say(founded.ok ? { kind: "founded", site: founded.site } : { kind: "not founded", message: founded.fault })
}

process.on("message", (message: FromParent) => {
  if (message.kind === "settings") start(message.settings).catch(fail)
  else found(message.root).catch(fail)
})
process.on("SIGINT", () => process.send === undefined && process.kill(process.pid, "SIGTERM"))
process.on("disconnect", () => process.kill(process.pid, "SIGTERM"))
if (process.send === undefined) {
  const [data] = process.argv.slice(2)
  if (data === undefined) fail(new KeeperRefusal("name a data directory"))
  else start({ data }).catch(fail)
}
