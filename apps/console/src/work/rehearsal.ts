/**
 * Asking the worker what drafts would do. Under the front's policy a worker's address must come from a named Trusted Types
 * policy; where that is refused, the same pure function runs here, only less smoothly.
 */
import type { Change, LogEntry, State } from "@holdfast/access"
import type { AuthorityLog } from "../data/authority.ts"
import { type Preview, preview } from "./preview.ts"

export type Asked = {
  readonly id: number
  readonly entries: readonly LogEntry[]
  readonly changes: readonly Change[]
  readonly now_ms: number
}
export type Answer = { readonly id: number; readonly preview: Preview | null }

type ScriptPolicy = { createScriptURL(url: string): string }
type PolicyMaker = { createPolicy(name: string, rules: ScriptPolicy): ScriptPolicy }

/** The name under which the front's content security policy lets the worker's address through. */
const POLICY_NAME = "holdfast-worker"
/** A policy of one name is made once a page. */
let policy: ScriptPolicy | null = null

async function startWorker(): Promise<Worker | null> {
  const maker = (globalThis as { trustedTypes?: PolicyMaker }).trustedTypes
  try {
    const { default: address } = await import("./worker.ts?worker&url")
    policy ??= maker?.createPolicy(POLICY_NAME, { createScriptURL: (url) => url }) ?? null
    return new Worker(policy === null ? address : policy.createScriptURL(address), { type: "module" })
  } catch {
    return null
  }
}

export class Rehearsal {
  readonly #worker: Worker | null
  readonly #waiting = new Map<number, (preview: Preview | null) => void>()
  #sent = 0
  #next = 1

  private constructor(worker: Worker | null) {
    this.#worker = worker
    worker?.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      this.#waiting.get(data.id)?.(data.preview)
      this.#waiting.delete(data.id)
    })
  }

  static async start(): Promise<Rehearsal> {
    return new Rehearsal(await startWorker())
  }

  ask(log: AuthorityLog, state: State, changes: readonly Change[]): Promise<Preview | null> {
    const worker = this.#worker
    if (worker === null)
      return new Promise((resolve) => {
        setTimeout(() => resolve(preview(state, changes, Date.now())), 0)
      })
    const id = this.#next++
    const entries = log.entries.slice(this.#sent)
    this.#sent = log.entries.length
    const asked: Asked = { id, entries, changes, now_ms: Date.now() }
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      worker.postMessage(asked, [])
    })
  }

  stop(): void {
    this.#worker?.terminate()
  }
}
