/**
 * The wires of a virtual door that end at the bolt, past the board: the relay of the fire panel and the bar of a delayed way
 * out; and those that only tell: the partner's contact, the key that locks again.
 *
 * Picture two relays in the bolt's own circuit. While one of them pulls, the bolt is out of the frame whatever the board
 * drives, and whether it runs at all (I-32, R45): the board is told, and that is all. They are wired as the door's policy says
 * that the board applied last, since an installer wires what was configured.
 */
import type { DoorConfig } from "@holdfast/access/door"
import type { Input } from "@holdfast/lock"

export type WireAct =
  | { readonly kind: "fire"; readonly on: boolean }
  /** The partner of an interlocked pair stands open, or is closed and locked. */
  | { readonly kind: "partner"; readonly open: boolean }
  | { readonly kind: "bar" | "relock" }
  /** Time passes. */
  | { readonly kind: "due" }

/** How they stand. A bar that counted down when nobody looked any longer has let go: the way out never waits for a program. */
export type WiresAre = {
  readonly fire: boolean
  readonly firePulls: boolean
  readonly delay_s: number
  readonly partnerOpen: boolean
  readonly free: boolean
}

/** What an installer needs to know of a door. */
export type Wiring = Pick<DoorConfig<number>, "fireReleases" | "delayedEgress_s">

export class Wires {
  #firePulls = false
  #delay_s = 0
  #fire = false
  #partnerOpen = false
  /** When the bar lets go. */
  #freeAt_ms: number | null = null
  #free = false

  get are(): WiresAre {
    return {
      fire: this.#fire,
      firePulls: this.#firePulls,
      delay_s: this.#delay_s,
      partnerOpen: this.#partnerOpen,
      free: this.#free || this.#freeAt_ms !== null,
    }
  }

  /** As they were left. */
  stand({ fire, firePulls, delay_s, partnerOpen, free }: WiresAre): void {
    this.#fire = fire
    this.#firePulls = firePulls
    this.#delay_s = delay_s
    this.#partnerOpen = partnerOpen
    this.#free = free
    this.#freeAt_ms = null
  }

  get fire(): boolean {
    return this.#fire
  }

  get partnerOpen(): boolean {
    return this.#partnerOpen
  }

  get dueAt_ms(): number | null {
    return this.#freeAt_ms
  }

  /** Whether a relay holds the bolt drawn. */
  get pulls(): boolean {
    return (this.#fire && this.#firePulls) || this.#free
  }

  /** What the board is told. `wiring` is null while no board runs, or none has a policy: it stays as it was. */
  take(act: WireAct, now_ms: number, wiring: Wiring | null): Input[] {
    if (wiring !== null) {
      this.#firePulls = wiring.fireReleases
      this.#delay_s = wiring.delayedEgress_s
    }
    switch (act.kind) {
      case "fire":
        this.#fire = act.on
        if (act.on && this.#delay_s > 0) this.#letGo()
        return [{ kind: "fire", alarm: act.on }]
      case "partner":
        this.#partnerOpen = act.open
        return [{ kind: "partner", secure: !act.open }]
      case "bar":
        if (this.#delay_s > 0 && !this.#free) this.#freeAt_ms ??= now_ms + this.#delay_s * 1000
        return [{ kind: "exit bar" }]
      case "relock":
        if (!this.#fire) this.#free = false
        return [{ kind: "relocked by hand" }]
      case "due":
        if (this.#freeAt_ms !== null && now_ms >= this.#freeAt_ms) this.#letGo()
        return []
    }
  }

  #letGo(): void {
    this.#freeAt_ms = null
    this.#free = true
  }

  /** Levels, as a board reads them when it starts. */
  levels(): Input[] {
    const partner: Input = { kind: "partner", secure: !this.#partnerOpen }
    return this.#fire ? [partner, { kind: "fire", alarm: true }] : [partner]
  }
}
