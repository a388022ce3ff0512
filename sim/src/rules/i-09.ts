/** I-09: whoever has all that one lock holds has no card for a door of another zone. */
import type { DoorId } from "@holdfast/base"
import { sameBoot } from "../world/step.ts"
import type { Rule } from "./rule.ts"

export const I_09: Rule = {
  id: "I-09",
  words:
    "A card that was made of everything one lock holds in secret proves nothing at a door of another zone application, though it bears the number of somebody who may come in there.",
  watch({ truth }) {
    const zoneOf = (door: DoorId) => truth.now.doors.get(door)?.config.zoneApplication
    return {
      step(step) {
        const { what, door, after } = step
        const source = what.kind === "card" ? truth.forgedCards.get(what.card) : undefined
        if (source === undefined || zoneOf(source) === zoneOf(door.id) || !sameBoot(step)) return null
        const isShown = after.lock?.collecting.shown.some((each) => each.kind === "card" && each.credential !== null)
        const isTaken = isShown === true || step.lines.some(({ record }) => record.kind === "admitted")
        return isTaken ? "a card made of another lock's secrets was taken for somebody's" : null
      },
    }
  },
}
