/**
 * The founding key at work: it signs the site's root metadata and, until an administrator is named, statements as root.
 *
 * Picture an owner at the table with the deed and a pen. The pen is held in memory only; `drop` puts it down for good, and
 * then whoever has the recovery file can pick it up again. It carries nothing to anywhere by itself: a keeper is given in.
 */
import type { Change, ObjectId, Root, StatementId } from "@holdfast/access"
import { encodeOpening, rootToSign, encodeRoot, siteIdOf, statementToSign } from "@holdfast/access/author"
import { assert, type CredentialId, type SiteId, secondsOf, unixSeconds, type UnixMillis } from "@holdfast/base"
import { type Es256Signer, hpkeInfo, nodeCrypto, sealTo } from "@holdfast/port-node"

/** The keeper's public half, as it tells it before there is a site. */
export type KeeperKeys = {
  readonly keeper: Root["keeper"]
  readonly logKey: Uint8Array
  readonly keeperHpke: Uint8Array
}

export type Outcome =
  | { readonly admitted: true; readonly index: number; readonly receipt: Uint8Array }
  | { readonly admitted: false; readonly fault: string }

export type Issued = { readonly credential: CredentialId; readonly sealed: Uint8Array }

/** What a founder needs from a keeper, in whatever process it runs. */
export type Submit = (
  statements: readonly Uint8Array[],
  attachments: readonly Attachment[],
) => Promise<{ readonly outcomes: readonly Outcome[]; readonly issued: readonly Issued[] }>

/** One change, and the opening of the commitment in it where it has one. */
export type Draft = {
  readonly change: Change
  readonly opening?: { readonly object: ObjectId; readonly salt: Uint8Array; readonly value: string | Uint8Array }
  /** The opening, where somebody else sealed it to the keeper already. */
  readonly attachment?: Attachment
}

type Attachment = { readonly object: ObjectId; readonly sealed: Uint8Array }

/** The keeper refused what the founder signed; the message says which and why. */
export class FoundingError extends Error {
  override readonly name = "FoundingError"
}

/** How long the keeper may take to admit what was signed (trust: at most five minutes). */
const ADMIT_WITHIN_S = 240
const STATEMENTS_AT_ONCE = 256

export type Deed = { readonly site: SiteId; readonly bytes: Uint8Array }

/** The first root metadata, signed. Its hash names the site. */
export function signDeed(
  key: Es256Signer,
  keys: KeeperKeys,
  web: { readonly origins: readonly string[]; readonly rpId: string },
  now: UnixMillis,
): Deed {
  const root: Root = {
    version: 1,
    keys: [key.publicKey],
    threshold: 1,
    ...keys,
    ...web,
    epoch: 1,
    createdAt: secondsOf(now),
  }
  const site = siteIdOf(encodeRoot(root), nodeCrypto)
  const signable = rootToSign(root, site, key.publicKey, nodeCrypto)
  return { site, bytes: signable.finish(key.sign(signable.bytes)) }
}

export type FounderOptions = {
  readonly site: SiteId
  readonly keeperHpke: Uint8Array
  readonly key: Es256Signer
  readonly submit: Submit
  now(): UnixMillis
  random(size: number): Uint8Array
}

export class Founder {
  readonly #options: FounderOptions
  #key: Es256Signer | null

  constructor(options: FounderOptions) {
    this.#options = options
    this.#key = options.key
  }

  /** Whether the founding key is still in memory. */
  get holdsKey(): boolean {
    return this.#key !== null
  }

  /** The key as a recovery file would store it. */
  pkcs8(): Uint8Array {
    assert(this.#key !== null, "the founding key is still held")
    return this.#key.pkcs8()
  }

  drop(): void {
    this.#key = null
  }

  #sign(change: Change): { readonly id: StatementId; readonly bytes: Uint8Array } {
    assert(this.#key !== null, "the founding key is still held")
    const now = secondsOf(this.#options.now())
    const statement = statementToSign(
      this.#options.site,
      {
        author: "root",
        chain: [],
        issuedAt: now,
        notAfter: unixSeconds(now + ADMIT_WITHIN_S),
        nonce: this.#options.random(16),
        expects: [],
        change,
      },
      this.#key.publicKey,
      "key",
      nodeCrypto,
    )
    return { id: statement.id, bytes: statement.finish(this.#key.sign(statement.bytes)) }
  }

  #seal(draft: Draft): readonly Attachment[] {
    if (draft.attachment !== undefined) return [draft.attachment]
    if (draft.opening === undefined) return []
    const { object, salt, value } = draft.opening
    const info = hpkeInfo("attachment", this.#options.site)
    const sealed = sealTo(this.#options.keeperHpke, info, encodeOpening({ salt, value }))
    assert(sealed !== null, "the keeper's key is a point of the curve")
    return [{ object, sealed }]
  }

  /** States the changes in their order. Answers with the secrets that were issued, or fails at the first refusal. */
  async state(drafts: readonly Draft[]): Promise<readonly Issued[]> {
    const issued: Issued[] = []
    for (let from = 0; from < drafts.length; from += STATEMENTS_AT_ONCE) {
      const group = drafts.slice(from, from + STATEMENTS_AT_ONCE)
      const statements = group.map((draft) => this.#sign(draft.change).bytes)
      const attachments = group.flatMap((draft) => this.#seal(draft))
      const answer = await this.#options.submit(statements, attachments)
      for (const [index, outcome] of answer.outcomes.entries())
        if (!outcome.admitted)
          throw new FoundingError(`the keeper refused "${group[index]?.change.kind ?? "?"}": ${outcome.fault}`)
      issued.push(...answer.issued)
    }
    return issued
  }

  /** States one change; answers its name in the log, or the keeper's refusal. */
  async stateOne(draft: Draft): Promise<{ readonly id: StatementId; readonly outcome: Outcome }> {
    const { id, bytes } = this.#sign(draft.change)
    const { outcomes } = await this.#options.submit([bytes], this.#seal(draft))
    const [outcome] = outcomes
    assert(outcome !== undefined, "one statement has one outcome")
    return { id, outcome }
  }
}
