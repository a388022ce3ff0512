/** One step of one door: something happened to its board, and this is what could be seen before and after. */
import type { CredentialId, Uptime } from "@holdfast/base"
import type { Act, Card, Hardware, SensorAct, WireAct } from "@holdfast/board"
import type { Key, Lock, Signal } from "@holdfast/lock"
import type { Up } from "@holdfast/wire"
import type { Line } from "../truth/line.ts"
import type { Shown } from "../truth/rights.ts"
import type { SimDoor } from "./door.ts"

/** What happened at the door. */
export type Happening =
  | { readonly kind: "key"; readonly key: Key }
  | {
      readonly kind: "card"
      readonly card: Pick<Card, "uid" | "keys" | "credential" | "epoch">
      /** Whose credential it truly is; null for a stranger's card or a copy without its keys. */
      readonly credential: CredentialId | null
    }
  | { readonly kind: "act"; readonly act: Act | { readonly kind: "mend" } }
  /** Over the door's own wires: the fire panel, the bar of a delayed way out, the key that locks again. */
  | { readonly kind: "wire"; readonly act: WireAct }
  /** To the board's own sensors: what somebody does who wants in past the lock. */
  | { readonly kind: "sense"; readonly act: SensorAct }
  | { readonly kind: "message"; readonly bytes: Uint8Array }
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "power"; readonly on: boolean }
  /** The board takes another key for its storage. */
  | { readonly kind: "storage key" }
  | { readonly kind: "time" }

export type Seen = { readonly hardware: Hardware; readonly lock: Lock | null; readonly uptime_ms: Uptime }

export type Step = {
  readonly door: SimDoor
  /** True time. */
  readonly at_ms: number
  readonly what: Happening
  /** What somebody has by now shown as he should, at a reader that had been quiet; null for everything else. */
  readonly completes: Shown | null
  readonly before: Seen
  readonly after: Seen
  /** The door as the step left it, or as it stood at the moment when the power went. */
  readonly acted: Hardware
  /** Records that the lock wrote, durable unless the power was cut. */
  readonly lines: readonly Line[]
  readonly shown: readonly Signal[]
  readonly sent: readonly Up[]
  /** The power went in the middle. */
  readonly cut: boolean
  /** Something inside the lock failed in the middle, and it booted again. */
  readonly failed: boolean
}

/** Whether the motor began to draw the bolt. */
export function beganDrawing({ before, acted, what }: Step): boolean {
  if (acted.motor !== "drawing") return false
  if (before.hardware.motor !== "drawing") return true
  return acted.motorSince_ms !== before.hardware.motorSince_ms && what.kind !== "time"
}

/** The records of one kind. */
export function linesOf(step: Step, kind: Line["record"]["kind"]): readonly Line[] {
  return step.lines.filter(({ record }) => record.kind === kind)
}

/** Both ends of the step saw one and the same boot. */
export function sameBoot({ before, after, cut, failed }: Step): boolean {
  return !cut && !failed && before.lock !== null && after.lock !== null && before.lock.boot === after.lock.boot
}
