/** What the bench's sensors say, in the words that a lock takes in. */
import { unreachable } from "@holdfast/base"
import type { Input } from "@holdfast/lock"
import type { Sensed } from "./hardware.ts"

/** A brown-out is nothing that a lock hears of: it starts anew. */
export function inputOf(sensed: Exclude<Sensed, { kind: "brown-out" }>): Input {
  switch (sensed.kind) {
    case "bolt":
      return { kind: "bolt sensed", bolt: sensed.is }
    case "leaf":
      return { kind: "door sensed", door: sensed.is }
    case "stalled":
      return { kind: "motor stalled" }
    case "handle":
      return { kind: "request to exit" }
    case "measured":
      return { kind: "drive measured", measure: sensed.measure }
    case "battery":
      return { kind: "battery", reading: sensed.reading }
    case "external":
      return { kind: "external supply", on: sensed.on }
    case "mains":
      return { kind: "power", mains: sensed.on ? "returned" : "lost" }
    default:
      return unreachable(sensed)
  }
}
