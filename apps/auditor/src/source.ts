/**
 * Where a history lies: a directory, or the same files over HTTP. The auditor reads and never writes.
 *
 * It accepts what people have in hand: a data directory, its `ledger` folder, or one log's own folder.
 */
import { readdir, readFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import { originIn } from "./keys.ts"

export type LogKind = "authority" | "events" | "looks"

/** One log's files. */
export type LogSource = {
  /** Such as `authority/2026Q4`, or the folder's own name. */
  readonly name: string
  read(path: string): Promise<Uint8Array | null>
}

export type History = {
  readonly authority: LogSource | null
  /** Events first, then looks. */
  readonly others: readonly { readonly class: Exclude<LogKind, "authority"> | "unknown"; readonly source: LogSource }[]
  /** A policy's bytes by the hex of its hash, where the source has them. */
  policy(name: string): Promise<Uint8Array | null>
  policies(): Promise<readonly string[]>
  /** A data directory: what its log says was issued must lie in it. */
  readonly isWhole: boolean
}

/** There is no history where it was looked for; the message is one line for a person. */
export class SourceError extends Error {
  override readonly name = "SourceError"
}

const FILE_BYTES_MAX = 32 * 1024 * 1024

type Read = (path: string) => Promise<Uint8Array | null>

function directoryReader(root: string): Read {
  return async (path) => {
    try {
      return new Uint8Array(await readFile(join(root, path)))
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
      throw new SourceError(
        `cannot read ${join(root, path)}: ${error instanceof Error ? error.message : String(error)}`,
      )
    }
  }
}

async function folders(path: string): Promise<readonly string[]> {
  const names = await readdir(path, { withFileTypes: true }).catch(() => [])
  return names
    .filter((name) => name.isDirectory())
    .map((name) => name.name)
    .sort()
}

function log(read: Read, name: string): LogSource {
  return { name, read: (path) => read(`${name}/${path}`) }
}

async function logsOf(ledger: string, kind: LogKind): Promise<readonly LogSource[]> {
  const read = directoryReader(ledger)
  return (await folders(join(ledger, kind))).map((period) => log(read, `${kind}/${period}`))
}

async function ledgerHistory(ledger: string, policies: string, isWhole: boolean): Promise<History> {
  const [authority, ...more] = await logsOf(ledger, "authority")
  if (authority === undefined) throw new SourceError(`${ledger} has no authority log`)
  if (more.length > 0) throw new SourceError(`${ledger} has several authority periods: give one log's folder`)
  const events = (await logsOf(ledger, "events")).map((source) => ({ class: "events", source }) as const)
  if (events.length === 0) throw new SourceError(`${ledger} has no events log, though every site begins with one`)
  const looks = (await logsOf(ledger, "looks")).map((source) => ({ class: "looks", source }) as const)
  if (isWhole && looks.length === 0)
    throw new SourceError(`${ledger} has no looks log, though every site begins with one`)
  const readPolicy = directoryReader(policies)
  return {
    authority,
    others: [...events, ...looks],
    isWhole,
    policy: readPolicy,
    policies: async () =>
      (await readdir(policies).catch(() => [])).filter((name) => /^[0-9a-f]{64}$/.test(name)).sort(),
  }
}

const NO_POLICIES = { policy: async () => null, policies: async () => [] as readonly string[], isWhole: false }

function single(source: LogSource, kind: LogKind | "unknown"): History {
  if (kind === "authority") return { authority: source, others: [], ...NO_POLICIES }
  return { authority: null, others: [{ class: kind, source }], ...NO_POLICIES }
}

/** A log's class from its origin's second part, as its own checkpoint says it. */
async function classOf(read: Read): Promise<LogKind | "unknown"> {
  const kind = originIn(await read("checkpoint")).split("/")[1]
  return kind === "authority" || kind === "events" || kind === "looks" ? kind : "unknown"
}

async function directoryHistory(path: string): Promise<History> {
  const root = resolve(path)
  const inside = await readdir(root).catch(() => null)
  if (inside === null) throw new SourceError(`${path} is no directory that can be read`)
  if (inside.includes("checkpoint")) {
    const read = directoryReader(root)
    return single({ name: root.split("/").slice(-2).join("/"), read }, await classOf(read))
  }
  if (inside.includes("ledger")) return ledgerHistory(join(root, "ledger"), join(root, "policies"), true)
  if (inside.includes("authority")) return ledgerHistory(root, join(root, "../policies"), false)
  throw new SourceError(`${path} is neither a data directory, nor a ledger folder, nor one log`)
}

function webReader(base: string, token: string | null): Read {
  return async (path) => {
    const headers = token === null ? {} : { authorization: `Bearer ${token}` }
    const answer = await fetch(`${base.replace(/\/$/, "")}/${path}`, { headers, redirect: "error" }).catch(() => null)
    if (answer === null) throw new SourceError(`${base} does not answer, or sends elsewhere`)
    if (answer.status === 404) return null
    if (answer.status === 401) throw new SourceError(`${base} answers readers only: give --token-file`)
    if (!answer.ok) throw new SourceError(`${base}/${path} answered ${answer.status}`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    if (bytes.length > FILE_BYTES_MAX) throw new SourceError(`${base}/${path} is longer than any file of a log`)
    return bytes
  }
}

/** Opens a directory or the address of one log; a token lets an authorised reader in. */
export async function openSource(place: string, token: string | null): Promise<History> {
  if (!/^https?:\/\//.test(place)) return directoryHistory(place)
  const read = webReader(place, token)
  const name = new URL(place).pathname.split("/").filter(Boolean).slice(-2).join("/")
  if ((await read("checkpoint")) === null) throw new SourceError(`${place} is no log: it has no checkpoint`)
  return single({ name: name === "" ? place : name, read }, await classOf(read))
}
