/**
 * The authority log as this browser verified and folded it: who may open what, by whose word.
 *
 * The pages read the site's state from here and from nowhere else; the server's own view of people and rights is never
 * asked for. When the log does not verify, the last proved state stays and the fault is loud.
 */
import { fold, foundSite, type State } from "@holdfast/access"
import { type Checkpoint, type Entry, verifierOf } from "@holdfast/ledger"
import { webCrypto } from "@holdfast/port-web"
import { type FollowFault, LogFollower, type ReadFile } from "./log-follower.ts"
import type { HeadMemory } from "./head-memory.ts"
import type { Site } from "./site.ts"
import { Store } from "./store.ts"

export type Authority =
  | { readonly is: "reading" }
  | { readonly is: "broken"; readonly fault: AuthorityFault; readonly last: Verified | null }
  | ({ readonly is: "verified" } & Verified)
export type Verified = {
  readonly state: State
  readonly checkpoint: Checkpoint
  readonly verifiedAt_ms: number
}
export type AuthorityFault = FollowFault | "another site's log" | "an entry does not fold"

const STATEMENT = 2

export class AuthorityLog {
  readonly store = new Store<Authority>({ is: "reading" })
  /** Everything verified so far, in log order. */
  readonly entries: Entry[] = []
  readonly #site: Site
  readonly #follower: LogFollower
  readonly #memory: HeadMemory
  #state: State | null = null
  #running: Promise<void> | null = null
  #again = false

  constructor(site: Site, period: string, read: ReadFile, memory: HeadMemory) {
    this.#site = site
    this.#memory = memory
    const origin = `${site.id}/authority/${period}`
    this.#follower = new LogFollower(
      webCrypto,
      origin,
      verifierOf(origin, site.root.logKey, webCrypto),
      read,
      memory.recall(origin),
    )
  }

  get state(): State | null {
    return this.#state
  }

  /** Reads and verifies on to the newest checkpoint. Calls while it works become one more round. */
  refresh(): Promise<void> {
    this.#again = true
    this.#running ??= this.#work().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  /** Whether the verified log holds exactly this statement at `index`. */
  holds(index: number, statement: Uint8Array): boolean {
    const entry = this.entries[index]
    if (entry === undefined || entry.type !== STATEMENT || entry.bytes.length !== statement.length) return false
    return entry.bytes.every((byte, at) => byte === statement[at])
  }

  async #work(): Promise<void> {
    while (this.#again) {
      this.#again = false
      const followed = await this.#follower.advance()
      if (!followed.ok) this.#break(followed.fault)
      else this.#take(followed.entries, followed.checkpoint)
    }
  }

  #take(entries: readonly Entry[], checkpoint: Checkpoint): void {
    const folded = this.#fold(entries)
    if (typeof folded === "string") return this.#break(folded)
    this.entries.push(...entries)
    this.#state = folded
    this.#memory.remember(checkpoint.origin, checkpoint)
    this.store.set({ is: "verified", state: folded, checkpoint, verifiedAt_ms: Date.now() })
  }

  #fold(entries: readonly Entry[]): State | AuthorityFault {
    const [first, ...rest] = entries
    if (this.#state !== null) {
      const folded = fold(this.#state, entries, webCrypto)
      return folded.ok ? folded.state : "an entry does not fold"
    }
    const founded = first === undefined ? null : foundSite(first, webCrypto)
    if (founded === null || !founded.ok || founded.state.site !== this.#site.id) return "another site's log"
    const folded = fold(founded.state, rest, webCrypto)
    return folded.ok ? folded.state : "an entry does not fold"
  }

  #break(fault: AuthorityFault): void {
    const now = this.store.value
    const last = now.is === "verified" ? now : now.is === "broken" ? now.last : null
    this.store.set({ is: "broken", fault, last })
  }
}

/** The state to draw from: the last that was proved, whatever happened since. */
export function provedState(authority: Authority): State | null {
  if (authority.is === "verified") return authority.state
  return authority.is === "broken" ? (authority.last?.state ?? null) : null
}
