/** I-32: a fire opens, and nothing in software holds the door against it. */
import { Rulings } from "../truth/rulings.ts"
import type { Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

export const I_32: Rule = {
  id: "I-32",
  words:
    "While the fire panel calls, every door that it releases has its bolt out of the frame, whatever was ordered and whether the lock runs; and its lock throws no bolt before somebody locked up by hand.",
  watch({ truth }) {
    const memories = perDoor(() => ({ rulings: new Rulings(truth), heard: false }))
    return {
      step(step) {
        const memory = memories(step)
        const { what, before, after, cut, failed, door } = step
        memory.rulings.see(step)
        const { fire } = memory.rulings
        const alarmed = what.kind === "wire" && what.act.kind === "fire" && what.act.on
        const running = before.lock?.active != null && after.lock !== null && !cut && !failed
        if (alarmed) memory.heard = running
        const lockedUp = what.kind === "wire" && what.act.kind === "relock" && fire !== "alarm" // Perhaps in the middle of a failure.
        if (fire === "quiet" || lockedUp) memory.heard = false
        if (door.board.wires.pulls && after.hardware.travel !== 0)
          return "the fire panel calls, and the bolt is in the frame"
        const released = truth.now.doors.get(door.id)?.config.fireReleases === true && memory.heard
        const throws = (seen: Step["after"]): boolean => {
          return seen.hardware.motor === "throwing" || seen.lock?.bolt.is === "throwing"
        }
        return released && throws(after) && !throws(before)
          ? "after a fire the bolt was thrown, and nobody had locked up by hand"
          : null
      },
      probe(door) {
        const { travel } = door.hardware
        return door.board.wires.pulls && travel !== 0 ? "the fire panel calls, and the bolt is in the frame" : null
      },
    }
  },
}
