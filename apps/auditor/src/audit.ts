/**
 * The loop that fetches, around the checks of core/audit: authority log first, since all else is held against it.
 *
 * It stops at the first thing that is wrong and names it. What could not be judged (because a part was not given) is said
 * too, so that silence never means "checked". Which key a log is held against is keys.ts's, what a receipt is held against
 * receipts.ts's, and where files lie source.ts's.
 */
import { type AuthorityFacts, AuthorityAudit, EventsAudit, type Judge, LooksAudit, openLog } from "@holdfast/audit"
import { equalBytes } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { parseVkey } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import { keyIn, vkeyFor } from "./keys.ts"
import { type GivenReceipt, holdReceipts, Keeping, wantedOf } from "./receipts.ts"
import type { History, LogKind, LogSource } from "./source.ts"

export type Report = {
  readonly lines: readonly string[]
  /** The first thing that is wrong, or null. */
  readonly wrong: string | null
}

export type AuditOptions = {
  readonly history: History
  /** The vkey lines that the reader trusts; none = the ones that lie beside the logs. */
  readonly vkeys: readonly string[]
  /** To hold against the logs. */
  readonly receipts: readonly GivenReceipt[]
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

  constructor(options: AuditOptions) {
    this.#options = options
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

  async #log(source: LogSource, judge: Judge): Promise<string | null> {
    const { vkeys, receipts } = this.#options
    const vkey = await vkeyFor(source, vkeys)
    if (vkey === null) return `${source.name}: no log key: give one with --key`
    const note = await source.read("checkpoint")
    const keeping = new Keeping(judge, wantedOf(note, receipts))
    const opened = openLog(nodeCrypto, note, vkey, keeping)
    if (!opened.ok) return `${source.name}: ${opened.wrong}`
    const { audit } = opened
    for (let path = audit.wanted; path !== null; path = audit.wanted) audit.take(await source.read(path))
    const wrong = audit.finish()
    if (wrong !== null) return `${source.name}: ${wrong}`
    const trust = vkeys.length > 0 ? "your key" : "the key beside the log (give --key to hold it against your own)"
    this.lines.push(
      `${source.name}: ${audit.checkpoint.size} entries, every tile and entry as the checkpoint says, signed by ${trust}`,
    )
    const held = holdReceipts(source.name, audit.checkpoint.origin, keyIn(vkey), receipts, keeping.kept)
    this.lines.push(...held.proven)
    return held.wrong
  }

  /**
   * Whether a log is that log of that site: its own name says so, and the key that signed it is the one in the root metadata.
   * Else whoever holds the files could sign them anew under a key of their own, or put another, shorter log in their place.
   */
  async #belongs(source: LogSource, kind: LogKind, facts: AuthorityFacts): Promise<string | null> {
    const vkey = parseVkey((await vkeyFor(source, this.#options.vkeys))?.trim() ?? "", nodeCrypto)
    if (!vkey.ok) return `${source.name}: log.vkey: ${vkey.fault}`
    const { name, publicKey } = vkey.verifier
    if (!equalBytes(publicKey, facts.state.root.logKey))
      return `${source.name}: signed by another key than the site's root metadata names`
    return name.startsWith(`${facts.site}/${kind}/`)
      ? null
      : `${source.name}: the checkpoint is of another log: ${name}`
  }

  #sayAuthority(facts: AuthorityFacts): string | null {
    const { state } = facts
    const given = this.#options.vkeys.map(keyIn)
    const isNamed = given.length === 0 || given.some((key) => key !== null && equalBytes(key, state.root.logKey))
    if (!isNamed) return "the root metadata names another log key than the one you gave"
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
    kind: Exclude<LogKind, "authority"> | "unknown",
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
