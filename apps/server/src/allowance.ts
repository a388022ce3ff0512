/**
 * How often somebody may ask: a bucket for each peer that fills at a steady rate.
 *
 * Buckets are kept for a bounded number of peers; when there are more, the full ones are forgotten first, and if none is full
 * all are, since a peer that is forgotten only gets its first burst again.
 */
export type AllowanceOptions = { readonly burst: number; readonly per_s: number; readonly peers_max: number }

type Bucket = { left: number; at_ms: number }

export class Allowance {
  readonly #options: AllowanceOptions
  readonly #buckets = new Map<string, Bucket>()

  constructor(options: AllowanceOptions) {
    this.#options = options
  }

  /** Takes one from the peer's bucket; false when it is empty. */
  take(peer: string, now_ms: number): boolean {
    const bucket = this.#bucket(peer, now_ms)
    if (bucket.left < 1) return false
    bucket.left--
    return true
  }

  #bucket(peer: string, now_ms: number): Bucket {
    const known = this.#buckets.get(peer)
    if (known !== undefined) {
      known.left = this.#leftAt(known, now_ms)
      known.at_ms = now_ms
      return known
    }
    if (this.#buckets.size >= this.#options.peers_max) this.#forget(now_ms)
    const bucket = { left: this.#options.burst, at_ms: now_ms }
    this.#buckets.set(peer, bucket)
    return bucket
  }

  #leftAt(bucket: Bucket, now_ms: number): number {
    const { burst, per_s } = this.#options
    return Math.min(burst, bucket.left + (Math.max(0, now_ms - bucket.at_ms) * per_s) / 1000)
  }

  #forget(now_ms: number): void {
    for (const [peer, bucket] of this.#buckets)
      if (this.#leftAt(bucket, now_ms) >= this.#options.burst) this.#buckets.delete(peer)
    if (this.#buckets.size >= this.#options.peers_max) this.#buckets.clear()
  }
}
