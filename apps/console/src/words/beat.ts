/** A lock's signed state in the words of the API, and in those of a person. */
import type { Door } from "@holdfast/contract"
import type { LockState } from "@holdfast/lock"

const BOLTS: Readonly<Record<LockState["bolt"], Door["bolt"]["is"]>> = {
  unknown: "unknown",
  thrown: "thrown",
  drawing: "moving",
  drawn: "drawn",
  throwing: "moving",
  jammed: "jammed",
  "not fully thrown": "not-fully-thrown",
}

export function boltWord({ bolt }: LockState): Door["bolt"]["is"] {
  return BOLTS[bolt]
}

export function positionWord({ leaf }: LockState): Door["position"]["is"] {
  return leaf === "unknown" || leaf === "closed" ? leaf : "open"
}
