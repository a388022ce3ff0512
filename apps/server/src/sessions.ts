/**
 * Sessions: a random token for the browser, its hash for the database.
 *
 * A token reads and carries, nothing else. It ends when its delegation ends or is revoked, whichever is first, and whatever
 * the row says: the site's own state is asked every time. A stolen table opens nothing, since only hashes lie there.
 */
import { randomBytes } from "node:crypto"
import type { PersonId, SiteId } from "@holdfast/base"
import { fromBase64Url, toBase64Url } from "@holdfast/base/text"
import type { StatementId } from "@holdfast/access"
import { statementIdBytes } from "@holdfast/access/door"
import { TOKEN_SIZE } from "@holdfast/contract"
import { nodeCrypto } from "@holdfast/port-node"
import type { Kysely } from "kysely"
import { reach } from "./database-fault.ts"
import type { Site } from "./site/site.ts"
import { hexOf, type Tables } from "./tables.ts"

const HASH_SIZE = 32

export type Session = {
  readonly person: PersonId
  readonly delegation: StatementId
  readonly expires_at_ms: number
  /** Names the row; never shown. */
  readonly token_sha256: Buffer
}

/** Bytes of the header's token, or null for anything that is no token. */
function hashOf(token: string): Buffer | null {
  const bytes = fromBase64Url(token)
  return bytes === null || bytes.length !== TOKEN_SIZE ? null : Buffer.from(nodeCrypto.sha256(bytes))
}

export class Sessions {
  readonly #database: Kysely<Tables>
  readonly #known: Site
  readonly #now: () => number

  constructor(database: Kysely<Tables>, known: Site, now: () => number) {
    this.#database = database
    this.#known = known
    this.#now = now
  }

  get #site(): SiteId {
    return this.#known.id
  }

  /** A token for this delegation; null when it has opened a session before. */
  async open(person: PersonId, delegation: StatementId, expires_at_ms: number): Promise<string | null> {
    const token = new Uint8Array(randomBytes(TOKEN_SIZE))
    const row = {
      site: this.#site,
      token_sha256: Buffer.from(nodeCrypto.sha256(token)),
      person,
      delegation: Buffer.from(statementIdBytes(delegation)),
      expires_at_ms,
    }
    const insert = this.#database.insertInto("session").values(row)
    const once = insert.onConflict((conflict) => conflict.columns(["site", "delegation"]).doNothing())
    const [done] = await reach(once.execute())
    return done?.numInsertedOrUpdatedRows === 1n ? toBase64Url(token) : null
  }

  /** The session of a token, if it stands now. */
  async find(token: string): Promise<Session | null> {
    const token_sha256 = hashOf(token)
    if (token_sha256 === null) return null
    const rows = this.#database.selectFrom("session").select(["person", "delegation", "expires_at_ms"])
    const one = rows.where("site", "=", this.#site).where("token_sha256", "=", token_sha256)
    const row = await reach(one.executeTakeFirst())
    if (row === undefined) return null
    const delegation = row.delegation.toString("hex") as StatementId
    const session = {
      person: hexOf<"PersonId">(row.person),
      delegation,
      expires_at_ms: row.expires_at_ms,
      token_sha256,
    }
    return this.stands(session) ? session : null
  }

  stands(session: Session): boolean {
    const now_ms = this.#now()
    return now_ms < session.expires_at_ms && this.#known.view.stands(session.delegation, now_ms)
  }

  /** The row stays, under the hash of no token: its delegation stands in the log for every reader, and opens no second one. */
  async close(session: Session): Promise<void> {
    const rows = this.#database.updateTable("session").set({ token_sha256: randomBytes(HASH_SIZE) })
    await reach(rows.where("site", "=", this.#site).where("token_sha256", "=", session.token_sha256).execute())
  }

  /** Forgets sessions that ended more than a day ago; until then their delegations cannot open another. */
  async sweep(): Promise<void> {
    const rows = this.#database.deleteFrom("session").where("site", "=", this.#site)
    await reach(rows.where("expires_at_ms", "<", this.#now() - 86_400_000).execute())
  }
}
