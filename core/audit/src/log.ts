/**
 * One log, from its files: is the checkpoint signed, are all files what the checkpoint says, and what does each entry say?
 *
 * It hands every entry to whoever judges entries of that log. The app fetches: `wanted` names the next file, `take` takes it.
 */
import { assert, type Crypto } from "@holdfast/base"
import {
  type Checkpoint,
  decodeBundle,
  describeDifference,
  LogVerifier,
  openCheckpoint,
  pathOf,
  parseVkey,
} from "@holdfast/ledger"

/** Judges the entries of one log in their order; answers what is wrong, or null. */
export type Judge = { take(entry: Uint8Array): string | null; finish(): string | null }

export type LogOpened = { readonly ok: true; readonly audit: LogAudit } | { readonly ok: false; readonly wrong: string }

/** Opens a log by its checkpoint and the key that the reader trusts (a vkey line). */
export function openLog(crypto: Crypto, note: Uint8Array | null, vkey: string, judge: Judge): LogOpened {
  if (note === null) return { ok: false, wrong: "checkpoint: missing" }
  const key = parseVkey(vkey.trim(), crypto)
  if (!key.ok) return { ok: false, wrong: `log.vkey: ${key.fault}` }
  const opened = openCheckpoint(note, key.verifier.name, key.verifier, crypto)
  if (!opened.ok) return { ok: false, wrong: `checkpoint: ${opened.fault}` }
  return { ok: true, audit: new LogAudit(crypto, opened.checkpoint, judge) }
}

export class LogAudit {
  readonly checkpoint: Checkpoint
  readonly #verifier: LogVerifier
  readonly #judge: Judge
  /** The judge's first finding. A wrong file outranks it, since entries of a damaged file say nothing. */
  #finding: string | null = null

  constructor(crypto: Crypto, checkpoint: Checkpoint, judge: Judge) {
    this.checkpoint = checkpoint
    this.#verifier = new LogVerifier(crypto, checkpoint)
    this.#judge = judge
  }

  /** The path of the next file, or null when all were taken. */
  get wanted(): string | null {
    const file = this.#verifier.wanted
    return file === null ? null : pathOf(file)
  }

  take(bytes: Uint8Array | null): void {
    const file = this.#verifier.wanted
    assert(file !== null, "only a wanted file is taken")
    this.#verifier.take(bytes)
    if (file.kind !== "bundle" || bytes === null || this.#finding !== null) return
    const bundle = decodeBundle(bytes, file.width)
    if (!bundle.ok) return
    for (const entry of bundle.entries) {
      this.#finding = this.#judge.take(entry)
      if (this.#finding !== null) return
    }
  }

  /** The first thing that is wrong with this log, or null. */
  finish(): string | null {
    const difference = this.#verifier.finish()
    if (difference !== null) return describeDifference(difference)
    return this.#finding ?? this.#judge.finish()
  }
}
