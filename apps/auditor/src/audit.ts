/**
 * The loop that fetches, around the checks of core/audit: authority log first, since all else is held against it.
 *
 * It stops at the first thing that is wrong and names it. What could not be judged (because a part was not given) is said
 * too, so that silence never means "checked".
 */
import {
  type AuthorityFacts,
  AuthorityAudit,
  EventsAudit,
  type Judge,
  type LogAudit,
  LooksAudit,
  openLog,
} from "@holdfast/audit"
import { fromHex, equalBytes, toHex } from "@holdfast/base"
import { formatVkey, parseReceipt, parseVkey, verifierOf, verifyReceipt } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import type { History, LogSource } from "./source.ts"

export type Report = {
  readonly lines: readonly string[]
  /** The first thing that is wrong, or null. */
  readonly wrong: string | null
}

export type AuditOptions = {
  readonly history: History
  /** The vkey lines that the reader trusts; none = the ones that lie beside the logs. */
  readonly vkeys: readonly string[]
  /** Receipts to hold against the logs: a name for messages and the bytes. */
  readonly receipts: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

type LogKind = "authority" | "events" | "looks"

/** Keeps the entries that receipts ask for while another judge reads on. */
class Keeping implements Judge {
  readonly kept = new Map<number, Uint8Array>()
  readonly #judge: Judge
  readonly #wanted: ReadonlySet<number>
  #index = 0

  constructor(judge: Judge, wanted: ReadonlySet<number>) {
    this.#judge = judge
    this.#wanted = wanted
  }

  take(entry: Uint8Array): string | null {
    if (this.#wanted.has(this.#index)) this.kept.set(this.#index, entry)
    this.#index += 1
    return this.#judge.take(entry)
  }

  finish(): string | null {
    return this.#judge.finish()
  }
}

/** Entries of a log whose judge needs an authority log that was not given: only files and hashes are checked. */
class Unjudged implements Judge {
  take(): null {
    return null
  }
  finish(): null {
    return null
  }
}

class Auditor {
  readonly lines: string[] = []
  readonly #options: AuditOptions
  #keyWasGiven: boolean

  constructor(options: AuditOptions) {
    this.#options = options
    this.#keyWasGiven = options.vkeys.length > 0
  }

  async run(): Promise<string | null> {
    const { authority, others } = this.#options.history
    let facts: AuthorityFacts | null = null
    if (authority !== null) {
      const judge = new AuthorityAudit(nodeCrypto)
      const wrong = await this.#log(authority, judge)
      if (wrong !== null) return wrong
      facts = judge.facts
      const about =
        (await this.#belongs(authority, "authority", facts)) ??
        this.#sayAuthority(facts) ??
        (await this.#policies(facts))
      if (about !== null) return about
    }
    for (const other of others) {
      const wrong = await this.#other(other.class, other.source, facts)
      if (wrong !== null) return wrong
    }
    return null
  }

  /** The trusted key for a log: given by the reader, or else the one beside the log. */
  async #vkey(source: LogSource): Promise<string | null> {
    const beside = await source.read("log.vkey")
    if (!this.#keyWasGiven) return beside === null ? null : Buffer.from(beside).toString("utf8")
    const note = await source.read("checkpoint")
    const origin = note === null ? "" : Buffer.from(note).toString("utf8").split("\n")[0]
    return this.#options.vkeys.find((vkey) => vkey.split("+")[0] === origin) ?? this.#sameKey(origin ?? "")
  }

  /** One key signs all logs of a site: a key that was given for one serves the others under their own names. */
  #sameKey(origin: string): string | null {
    for (const vkey of this.#options.vkeys) {
      const bytes = Buffer.from(vkey.trim().split("+").slice(2).join("+"), "base64")
      if (bytes.length === 33) return formatVkey(verifierOf(origin, new Uint8Array(bytes.subarray(1)), nodeCrypto))
    }
    return null
  }

  async #log(source: LogSource, judge: Judge): Promise<string | null> {
    const vkey = await this.#vkey(source)
    if (vkey === null) return `${source.name}: no log key: give one with --key`
    const keeping = new Keeping(judge, this.#wantedEntries(vkey.split("+")[0] ?? ""))
    const opened = openLog(nodeCrypto, await source.read("checkpoint"), vkey, keeping)
    if (!opened.ok) return `${source.name}: ${opened.wrong}`
    const { audit } = opened
    for (let path = audit.wanted; path !== null; path = audit.wanted) audit.take(await source.read(path))
    const wrong = audit.finish()
    if (wrong !== null) return `${source.name}: ${wrong}`
    const trust = this.#keyWasGiven ? "your key" : "the key beside the log (give --key to hold it against your own)"
    this.lines.push(
      `${source.name}: ${audit.checkpoint.size} entries, every tile and entry as the checkpoint says, signed by ${trust}`,
    )
    return this.#checkReceipts(source, audit, vkey, keeping)
  }

  /**
   * Whether a log is that log of that site: its own name says so, and the key that signed it is the one in the root metadata.
   * Else whoever holds the files could sign them anew under a key of their own, or put another, shorter log in their place.
   */
  async #belongs(source: LogSource, kind: LogKind, facts: AuthorityFacts): Promise<string | null> {
    const vkey = parseVkey((await this.#vkey(source))?.trim() ?? "", nodeCrypto)
    if (!vkey.ok) return `${source.name}: log.vkey: ${vkey.fault}`
    const { name, publicKey } = vkey.verifier
    if (!equalBytes(publicKey, facts.state.root.logKey))
      return `${source.name}: signed by another key than the site's root metadata names`
    return name.startsWith(`${facts.site}/${kind}/`)
      ? null
      : `${source.name}: the checkpoint is of another log: ${name}`
  }

  #wantedEntries(origin: string): ReadonlySet<number> {
    const wanted = new Set<number>()
    for (const { bytes } of this.#options.receipts) {
      const parsed = parseReceipt(bytes)
      if (!parsed.ok) continue
      const named = Buffer.from(parsed.receipt.checkpoint).toString("utf8").split("\n")[0]
      if (named === origin) wanted.add(parsed.receipt.index)
    }
    return wanted
  }

  #checkReceipts(source: LogSource, audit: LogAudit, vkey: string, keeping: Keeping): string | null {
    const { origin } = audit.checkpoint
    const key = Buffer.from(vkey.trim().split("+").slice(2).join("+"), "base64").subarray(1)
    for (const { name, bytes } of this.#options.receipts) {
      const parsed = parseReceipt(bytes)
      if (!parsed.ok) return `${name}: ${parsed.fault}`
      const { receipt } = parsed
      if (Buffer.from(receipt.checkpoint).toString("utf8").split("\n")[0] !== origin) continue
      const entry = keeping.kept.get(receipt.index)
      if (entry === undefined) return `${name}: its entry ${receipt.index} is not in ${source.name}`
      const verifier = verifierOf(origin, new Uint8Array(key), nodeCrypto)
      const verified = verifyReceipt(receipt, entry, origin, verifier, nodeCrypto)
      if (!verified.ok) return `${name}: ${verified.fault}`
      this.lines.push(`${name}: entry ${receipt.index} of ${source.name} is proven`)
    }
    return null
  }

  #sayAuthority(facts: AuthorityFacts): string | null {
    const { state } = facts
    const given = this.#options.vkeys.map((vkey) => Buffer.from(vkey.trim().split("+").slice(2).join("+"), "base64"))
    const named =
      given.length === 0 || given.some((key) => equalBytes(new Uint8Array(key.subarray(1)), state.root.logKey))
    if (!named) return "the root metadata names another log key than the one you gave"
    const policies = [...facts.issued.values()].reduce((count, list) => count + list.length, 0)
    this.lines.push(
      `site ${facts.site}: ${state.people.size} people, ${state.doors.size} doors; every statement was admissible`,
      `${policies} policies compiled again, each to the byte`,
    )
    return null
  }

  /** The policy files of a data directory: each must be what its name says. */
  async #policies(facts: AuthorityFacts): Promise<string | null> {
    const { history } = this.#options
    const names = await history.policies()
    for (const name of names) {
      const bytes = await history.policy(name)
      if (bytes === null || toHex(nodeCrypto.sha256(bytes)) !== name)
        return `policies/${name}: the file is not what its name says`
    }
    if (names.length === 0 && !history.isWhole) return null
    for (const [door, issued] of facts.issued) {
      const latest = issued.at(-1)
      if (latest === undefined || names.includes(toHex(latest.policyHash))) continue
      return `policies/${toHex(latest.policyHash)}: missing, though it is the policy of door ${door}`
    }
    if (names.length > 0) this.lines.push(`${names.length} policy files, each what its name says`)
    return null
  }

  async #other(
    kind: "events" | "looks" | "unknown",
    source: LogSource,
    facts: AuthorityFacts | null,
  ): Promise<string | null> {
    const foreign = facts === null || kind === "unknown" ? null : await this.#belongs(source, kind, facts)
    if (foreign !== null) return foreign
    if (kind === "looks") return this.#log(source, new LooksAudit())
    if (kind === "unknown" || facts === null) {
      const wrong = await this.#log(source, new Unjudged())
      if (wrong === null)
        this.lines.push(`${source.name}: signatures inside entries not judged: no authority log was given`)
      return wrong
    }
    const judge = new EventsAudit(nodeCrypto, facts)
    const wrong = await this.#log(source, judge)
    if (wrong !== null) return wrong
    const { records, locks } = judge.counts
    this.lines.push(`${source.name}: ${records} records of ${locks} locks, signed by them, no record missing`)
    return null
  }
}

/** Audits a history. It never throws for what it finds; only a source that cannot be read does. */
export async function audit(options: AuditOptions): Promise<Report> {
  const auditor = new Auditor(options)
  const wrong = await auditor.run()
  return { lines: auditor.lines, wrong }
}

/** The vkey lines in a text: one a line, or the bytes of a key file. */
export function readVkeys(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
}

/** Whether a text could be a hash in hex: for a friendlier word when somebody gives one as a key. */
export function looksLikeHash(text: string): boolean {
  return (fromHex(text.trim())?.length ?? 0) >= 16
}
