/**
 * The logs as files, read only: DATA/ledger/<class>/<period>/ as C2SP tlog-tiles lays them out.
 *
 * The keeper is the one writer. It puts a checkpoint in place only after all that it covers, so whatever size a checkpoint
 * states can be read here. Checkpoints are opened with the key that lies beside them; that the key is the site's, and that the
 * tree is whole, is for the keeper at its start and for auditors.
 */
import { open, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert } from "@holdfast/base"
import { fromUtf8 } from "@holdfast/base/text"
import {
  decodeBundle,
  decodeEntry,
  openCheckpoint,
  parseVkey,
  pathOf,
  type TreeHead,
  type Verifier,
} from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import { codeOf } from "../error-code.ts"

export type LogName = "authority" | "events"
export const BUNDLE_WIDTH = 256

/** A log whose files do not read: a broken disk or a stranger's hand. The message names the file. */
export class LedgerFilesError extends Error {
  override readonly name = "LedgerFilesError"
}

export type Log = {
  readonly class: LogName
  readonly period: string
  readonly vkey: string
  readonly verifier: Verifier
}
export type LogHead = TreeHead & { readonly note: Uint8Array }

/** Where reading goes on: the next entry, and the byte in its bundle at which it begins, where that is known. */
export type ReadingPlace = { readonly next: number; readonly offset: number | null }
export type Entries = { readonly entries: readonly Uint8Array[]; readonly after: ReadingPlace }

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes(codeOf(error))
}

export class LedgerFiles {
  readonly #root: string
  readonly #logs = new Map<string, Log>()

  /** `root` is DATA/ledger. */
  constructor(root: string) {
    this.#root = root
  }

  /** A file of a log as it lies there, or null. The name was checked against the contract or made by `pathOf`. */
  async read(name: LogName, period: string, file: string): Promise<Uint8Array | null> {
    assert(!file.includes("..") && !period.includes("/"), "a file's name stays inside its log")
    try {
      return await readFile(join(this.#root, name, period, file))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  /** The periods of a log that have been opened, oldest first. */
  async periods(name: LogName): Promise<string[]> {
    try {
      const entries = await readdir(join(this.#root, name), { withFileTypes: true })
      return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  async log(name: LogName, period: string): Promise<Log | null> {
    const key = `${name}/${period}`
    const known = this.#logs.get(key)
    if (known !== undefined) return known
    const bytes = await this.read(name, period, "log.vkey")
    const text = bytes === null ? null : fromUtf8(bytes)
    if (text === null) return null
    const vkey = text.trimEnd()
    const parsed = parseVkey(vkey, nodeCrypto)
    if (!parsed.ok) throw new LedgerFilesError(`${key}/log.vkey: ${parsed.fault}`)
    const log: Log = { class: name, period, vkey, verifier: parsed.verifier }
    this.#logs.set(key, log)
    return log
  }

  /** The newest checkpoint of a log, or null when it has none yet. */
  async head(name: LogName, period: string): Promise<LogHead | null> {
    const log = await this.log(name, period)
    const note = log === null ? null : await this.read(name, period, "checkpoint")
    if (log === null || note === null) return null
    const opened = openCheckpoint(note, log.verifier.name, log.verifier, nodeCrypto)
    if (!opened.ok) throw new LedgerFilesError(`${name}/${period}/checkpoint: ${opened.fault}`)
    return { size: opened.checkpoint.size, root: opened.checkpoint.root, note }
  }

  /**
   * Entries from `place` on, at most to the end of its bundle. Null when the bundle as it was at `size` is no longer there:
   * the log has grown meanwhile, and its head must be read again.
   */
  async entries(name: LogName, period: string, place: ReadingPlace, size: number): Promise<Entries | null> {
    assert(place.next < size, "there is an entry to read")
    const index = Math.floor(place.next / BUNDLE_WIDTH)
    const first = place.next % BUNDLE_WIDTH
    const width = Math.min(BUNDLE_WIDTH, size - index * BUNDLE_WIDTH)
    const file = pathOf({ kind: "bundle", index, width })
    // A larger bundle begins with all that a smaller one held, so reading goes on at a byte and reads nothing twice.
    const from = first === 0 ? 0 : (place.offset ?? 0)
    const count = from === 0 ? width : width - first
    const bytes = await this.#readFrom(join(this.#root, name, period, file), from)
    if (bytes === null) return null
    const decoded = decodeBundle(bytes, count)
    if (!decoded.ok) throw new LedgerFilesError(`${name}/${period}/${file}: ${decoded.fault}`)
    const entries = decoded.entries.slice(count - (width - first))
    const next = index * BUNDLE_WIDTH + width
    return { entries, after: { next, offset: width === BUNDLE_WIDTH ? 0 : from + bytes.length } }
  }

  /** One entry, or null when the log does not hold it. */
  async entry(name: LogName, period: string, index: number): Promise<Uint8Array | null> {
    const head = await this.head(name, period)
    if (head === null || index >= head.size) return null
    const place = { next: index, offset: null }
    const read = await this.entries(name, period, place, head.size)
    return read?.entries[0] ?? null
  }

  /** The signed bytes of the statement in entry `index` of the authority log, or null. */
  async statement(period: string, index: number): Promise<Uint8Array | null> {
    const bytes = await this.entry("authority", period, index)
    const decoded = bytes === null ? null : decodeEntry(bytes)
    return decoded?.ok ? decoded.entry.bytes : null
  }

  async #readFrom(path: string, from: number): Promise<Uint8Array | null> {
    let file: Awaited<ReturnType<typeof open>>
    try {
      file = await open(path, "r")
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
    try {
      const { size } = await file.stat()
      if (from > size) throw new LedgerFilesError(`${path}: shorter than it was`)
      const bytes = new Uint8Array(size - from)
      let filled = 0
      while (filled < bytes.length) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, from + filled)
        if (bytesRead === 0) throw new LedgerFilesError(`${path}: shorter than it was`)
        filled += bytesRead
      }
      return bytes
    } finally {
      await file.close()
    }
  }
}
