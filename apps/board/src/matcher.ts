/**
 * A virtual finger matcher: which finger was laid down, how sure it is, and whether the finger is alive.
 *
 * Picture the module under the glass: it keeps what it captured under the credential id that the lock gave, and answers every
 * finger with a comparison. The template never leaves it; the lock is told a hash when it is captured, and ids afterwards. A
 * finger is known here by its name; a copy of it matches just as well, and shows no sign of life.
 */
import type { CredentialId, Crypto } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import type { Comparison, Input } from "@holdfast/lock"

type Finger = { readonly name: string; readonly alive: boolean }

/** By hand at the door: a finger laid down or captured, the service button, the key of last resort, power from outside. */
export type HandAct =
  | ({ readonly kind: "finger" } & Finger)
  | { readonly kind: "enrol finger"; readonly name: string }
  | { readonly kind: "enrolment asked" | "mechanical key turned" | "emergency power applied" }

type Outside = { random(size: number): Uint8Array; readonly crypto: Crypto }

export class Matcher {
  readonly #templates = new Map<string, CredentialId>()
  #captured: string | null = null

  /** What it captured, by the fingers' names. */
  get fingers(): readonly { readonly name: string; readonly credential: CredentialId }[] {
    return [...this.#templates].map(([name, credential]) => ({ name, credential }))
  }

  remember(fingers: Matcher["fingers"]): void {
    for (const { name, credential } of fingers) this.#templates.set(name, credential)
  }

  /** What the lock hears of an act. Of a finger that is captured to be enrolled it is a hash. */
  inputOf(act: HandAct, { random, crypto }: Outside): Input {
    switch (act.kind) {
      case "finger":
        return { kind: "biometric", ...this.#compare(act) }
      case "enrol finger":
        this.#captured = act.name
        return { kind: "enrol", what: "biometric", hash: crypto.hmacSha256(random(32), utf8(act.name)) }
      default:
        return act
    }
  }

  /** The finger that was captured last is this credential from now on. */
  keep(credential: CredentialId): void {
    if (this.#captured !== null) this.#templates.set(this.#captured, credential)
    this.#captured = null
  }

  #compare({ name, alive }: Finger): Comparison {
    const credential = this.#templates.get(name) ?? null
    return { credential, score_db: credential === null ? 12 : 57, liveness: alive ? 93 : 4 }
  }
}
