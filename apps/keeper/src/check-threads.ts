/**
 * Threads that check batches beside the keeper's own, when many come at once: after a night without a network, say.
 *
 * Picture tills in a shop: one is always open, the keeper's own; the others open when a queue stands there, and stay. So a
 * quiet building pays nothing, and a storm uses every core. What a thread was asked when it died, the keeper checks itself.
 */
import { type HpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { availableParallelism } from "node:os"
import { Worker } from "node:worker_threads"
import { type BatchChecked, type BatchChecks, type BatchToCheck, checkBatch } from "./batch-check.ts"

/** So many batches in so short a time are a queue. */
const QUEUE = 8
const QUEUE_MS = 100
/** Batches that a thread has before it before another is begun. */
const ASKED_MAX = 4
const THREADS_MAX = 8

export type Asked = { readonly number: number; readonly batch: BatchToCheck }
export type Answered = { readonly number: number; readonly checked: BatchChecked }

/** `null` answers for a thread that ended first. */
type Thread = { readonly worker: Worker; readonly asked: Map<number, (checked: BatchChecked | null) => void> }

export class CheckThreads implements BatchChecks {
  readonly #hpke: HpkeKeyPair
  readonly #threads: Thread[] = []
  #number = 0
  /** Batches that came since this time, while there was no thread. */
  #since_ms = 0
  #came = 0

  constructor(hpke: HpkeKeyPair) {
    this.#hpke = hpke
  }

  async check(batch: BatchToCheck): Promise<BatchChecked> {
    const thread = this.#thread()
    const checked = thread === null ? null : await ask(thread, this.#number++, batch)
    return checked ?? checkBatch(nodeCrypto, this.#hpke, batch)
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()))
  }

  /** The thread with the shortest queue; null while the keeper's own does. */
  #thread(): Thread | null {
    const [shortest] = this.#threads.toSorted((a, b) => a.asked.size - b.asked.size)
    if (shortest === undefined) return this.#isQueue() ? this.#begin() : null
    const count_max = Math.min(THREADS_MAX, availableParallelism())
    return shortest.asked.size < ASKED_MAX || this.#threads.length >= count_max ? shortest : this.#begin()
  }

  #isQueue(): boolean {
    const now_ms = performance.now()
    if (now_ms - this.#since_ms > QUEUE_MS) {
      this.#since_ms = now_ms
      this.#came = 0
    }
    this.#came++
    return this.#came >= QUEUE
  }

  #begin(): Thread {
    const worker = new Worker(new URL("./check-thread.ts", import.meta.url), { workerData: this.#hpke })
    const asked: Thread["asked"] = new Map()
    const thread = { worker, asked }
    worker.on("message", ({ number, checked }: Answered) => {
      asked.get(number)?.(checked)
      asked.delete(number)
      if (asked.size === 0) worker.unref() // Idle threads keep no process from ending.
    })
    const ended = (): void => {
      const at = this.#threads.indexOf(thread)
      if (at >= 0) this.#threads.splice(at, 1)
      for (const answer of asked.values()) answer(null)
      asked.clear()
    }
    worker.on("error", ended)
    worker.on("exit", ended)
    worker.unref()
    this.#threads.push(thread)
    return thread
  }
}

function ask({ worker, asked }: Thread, number: number, batch: BatchToCheck): Promise<BatchChecked | null> {
  return new Promise((resolve) => {
    asked.set(number, resolve)
    worker.ref()
    const message: Asked = { number, batch }
    worker.postMessage(message)
  })
}
