/**
 * A log that this browser follows and verifies by itself: it reads checkpoints and entries, and believes an entry only
 * once the tree it builds from all of them has the root that the log's key signed.
 *
 * Picture a second bookkeeper who copies every line and compares the sum. When the log grows, only what is new is read: the
 * frontier of what was verified continues into the new checkpoint, so a rewritten past can never end in a matching root. The
head that an earlier visit proved is part of that: the log of today must lead through it.
 * A log that shrinks or does not match is not an error to retry. It is what this file exists to find.
 */
import { assert, type Crypto, equalBytes } from "@holdfast/base"
import {
  type Checkpoint,
  decodeBundle,
  decodeEntry,
  type Entry,
  Frontier,
  leafHash,
  openCheckpoint,
  pathOf,
  type TreeHead,
  type Verifier,
} from "@holdfast/ledger"

/** Reads a file of the log by its path; null when it is not there or the server cannot be reached. */
export type ReadFile = (path: string) => Promise<Uint8Array | null>

/** Entries in a full bundle: C2SP tlog-tiles. */
const BUNDLE_WIDTH = 256

export type FollowFault =
  | "not reachable"
  | "checkpoint does not verify"
  | "log became shorter"
  | "another past than before"
  | "entries are not what was signed"
  | "entry not understood"

export type Followed =
  | { readonly ok: true; readonly entries: readonly Entry[]; readonly checkpoint: Checkpoint }
  | { readonly ok: false; readonly fault: FollowFault }

export class LogFollower {
  readonly #crypto: Crypto
  readonly #origin: string
  readonly #log: Verifier
  readonly #read: ReadFile
  #frontier: Frontier
  #leaves: Uint8Array[] = []
  #checkpoint: Checkpoint | null = null
  /** What an earlier visit of this browser proved and this one has not reached yet. */
  #seen: TreeHead | null

  constructor(crypto: Crypto, origin: string, log: Verifier, read: ReadFile, seen: TreeHead | null = null) {
    this.#seen = seen
    this.#crypto = crypto
    this.#origin = origin
    this.#log = log
    this.#read = read
    this.#frontier = new Frontier(crypto)
  }

  /** The last checkpoint whose tree was rebuilt here. */
  get checkpoint(): Checkpoint | null {
    return this.#checkpoint
  }

  /** Reads on to the newest checkpoint and answers the entries that are new since the last time, verified. */
  async advance(): Promise<Followed> {
    const note = await this.#read("checkpoint")
    if (note === null) return { ok: false, fault: "not reachable" }
    const opened = openCheckpoint(note, this.#origin, this.#log, this.#crypto)
    if (!opened.ok) return { ok: false, fault: "checkpoint does not verify" }
    const { checkpoint } = opened
    const before = this.#frontier.size
    if (checkpoint.size < Math.max(before, this.#seen?.size ?? 0)) return { ok: false, fault: "log became shorter" }
    const raw = await this.#readEntries(before, checkpoint.size)
    if (raw === null) return { ok: false, fault: "not reachable" }
    let isSamePast = true
    for (const bytes of raw) {
      this.#append(leafHash(this.#crypto, bytes))
      isSamePast &&= this.#isAsSeen()
    }
    assert(this.#frontier.size === checkpoint.size, "as many entries were read as were signed")
    if (!equalBytes(this.#frontier.root(), checkpoint.root)) {
      this.#goBackTo(before)
      return { ok: false, fault: "entries are not what was signed" }
    }
    if (!isSamePast) {
      this.#goBackTo(before)
      return { ok: false, fault: "another past than before" }
    }
    this.#seen = null // From here on the frontier remembers.
    this.#checkpoint = checkpoint
    return decodeAll(raw, checkpoint)
  }

  /** The raw entries from index `from` up to `size`, or null when a file is missing. */
  async #readEntries(from: number, size: number): Promise<Uint8Array[] | null> {
    const raw: Uint8Array[] = []
    for (let index = Math.floor(from / BUNDLE_WIDTH); index * BUNDLE_WIDTH < size; index++) {
      const width = Math.min(BUNDLE_WIDTH, size - index * BUNDLE_WIDTH)
      const bytes = await this.#read(pathOf({ kind: "bundle", index, width }))
      const decoded = bytes === null ? null : decodeBundle(bytes, width)
      if (decoded?.ok !== true) return null
      raw.push(...decoded.entries.slice(Math.max(0, from - index * BUNDLE_WIDTH)))
    }
    return raw
  }

  /** False where the tree has the size that was seen before and another root. */
  #isAsSeen(): boolean {
    return this.#frontier.size !== this.#seen?.size || equalBytes(this.#frontier.root(), this.#seen.root)
  }

  #append(leaf: Uint8Array): void {
    this.#leaves.push(leaf)
    this.#frontier.append(leaf)
  }

  /** Entries that turned out false are forgotten, so that the next attempt starts from what was proved. */
  #goBackTo(size: number): void {
    this.#leaves = this.#leaves.slice(0, size)
    this.#frontier = new Frontier(this.#crypto)
    for (const leaf of this.#leaves) this.#frontier.append(leaf)
  }
}

function decodeAll(raw: readonly Uint8Array[], checkpoint: Checkpoint): Followed {
  const entries: Entry[] = []
  for (const bytes of raw) {
    const decoded = decodeEntry(bytes)
    if (!decoded.ok) return { ok: false, fault: "entry not understood" }
    entries.push(decoded.entry)
  }
  return { ok: true, entries, checkpoint }
}
