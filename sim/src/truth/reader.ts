/**
 * What people truly held up and typed at one reader, and what of it was used already: the evidence that an opening needs.
 *
 * It keeps time like the lock (a code forgets after 10 s, a factor waits 15 s), since a person knows these times too.
 */
import type { CredentialId } from "@holdfast/base"
import type { Step } from "../world/step.ts"
import type { Shown } from "./rights.ts"
import type { Truth } from "./truth.ts"

const DIGITS_MS = 10_000
const FACTOR_MS = 15_100

type Evidence = { readonly at_ms: number; readonly credential: CredentialId | null; used: boolean }

export class Reader {
  readonly #truth: Truth
  #boot: number | undefined
  #typed = ""
  #typedAt_ms = 0
  #cards: Evidence[] = []
  #codes: Evidence[] = []

  constructor(truth: Truth) {
    this.#truth = truth
  }

  /** To be called for every step of the door, before anything is asked about it. */
  see({ what, at_ms, before }: Step): void {
    if (before.lock?.boot !== this.#boot) this.#forget()
    this.#boot = before.lock?.boot
    const fresh = (each: Evidence): boolean => at_ms - each.at_ms < FACTOR_MS
    this.#cards = this.#cards.filter(fresh)
    this.#codes = this.#codes.filter(fresh)
    if (what.kind === "card") this.#cards.push({ at_ms, credential: what.credential, used: false })
    if (what.kind !== "key") return
    if (at_ms - this.#typedAt_ms >= DIGITS_MS) this.#typed = ""
    this.#typedAt_ms = at_ms
    if (what.key.press === "digit") this.#typed += String(what.key.digit)
    if (what.key.press === "enter" && this.#typed !== "")
      this.#codes.push({ at_ms, credential: this.#truth.pins.get(this.#typed) ?? null, used: false })
    if (what.key.press !== "digit") this.#typed = ""
  }

  /** To be called after a step was judged: once a verdict fell, whatever was shown is used up. */
  settle({ lines, after }: Step): void {
    if (!lines.some(({ record }) => record.kind === "admitted" || record.kind === "refused")) return
    if (after.lock !== null && after.lock.collecting.shown.length > 0) {
      // A code took another's place, and waits.
      for (const each of this.#codes.slice(0, -1)) each.used = true
      return
    }
    this.#typed = ""
    for (const each of [...this.#cards, ...this.#codes]) each.used = true
  }

  #forget(): void {
    this.#typed = ""
    this.#cards = []
    this.#codes = []
  }

  /** Every way to read what was shown lately: the card, the code, or both; of what is still good, or of what was used. */
  readings(used: boolean): readonly Shown[] {
    const last = (evidence: readonly Evidence[]): CredentialId | null =>
      evidence.findLast((each) => each.used === used && each.credential !== null)?.credential ?? null
    const card = last(this.#cards)
    const pin = last(this.#codes)
    return [
      { card, pin: null },
      { card: null, pin },
      { card, pin },
    ].filter((shown) => shown.card !== null || shown.pin !== null)
  }
}
