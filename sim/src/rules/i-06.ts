/** I-06: the door locks again, and says when it stands open. */
import type { SimDoor } from "../world/door.ts"
import { linesOf, type Step } from "../world/step.ts"
import { Rulings } from "../truth/rulings.ts"
import { isFull } from "./happenings.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

/** Three attempts of two seconds, and then some. */
const RELOCK_MS = 12_000
const HELD_MS = 2_000
/** Of a door that has no policy yet. */
const HELD_OPEN_MS_DEFAULT = 15_000

type Since = { drawn_ms: number; open_ms: number | null; held: boolean; excused: boolean }

/** When the door was last opened, closed or otherwise given a new reason to wait. */
function follow(since: Since, { what, before, after, at_ms, shown }: Step): void {
  const rebooted = before.lock?.boot !== after.lock?.boot
  if (rebooted) Object.assign(since, { drawn_ms: at_ms, open_ms: null, held: false })
  const moved = before.hardware.travel !== after.hardware.travel || before.hardware.leaf !== after.hardware.leaf
  if (moved || what.kind === "act" || shown.includes("granted")) since.drawn_ms = at_ms
  if (after.hardware.leaf === "closed") since.open_ms = null
  else if (before.hardware.leaf === "closed" && !rebooted) since.open_ms = at_ms
  if (since.open_ms === at_ms) since.held = false
}

function standsOpen(door: SimDoor, since: Since, now_ms: number): string | null {
  const { hardware, lock } = door.board
  const heldOpen_ms = lock?.active?.policy.config.heldOpen_ms ?? HELD_OPEN_MS_DEFAULT
  if (lock === null || since.open_ms === null || since.held || lock.door.is === "forced") return null
  if (hardware.leaf === "closed" || now_ms - since.open_ms <= heldOpen_ms + HELD_MS) return null
  return "the door stands open for too long, and nobody was alarmed"
}

function staysUnlocked(door: SimDoor, since: Since, now_ms: number): string | null {
  const { hardware, lock } = door.board
  if (lock === null || hardware.leaf === "open" || hardware.travel === 1 || hardware.obstacle !== "none") return null
  if (lock.bolt.is === "jammed" || lock.bolt.is === "not fully thrown") return null // Alarmed, and left for somebody.
  return now_ms - since.drawn_ms > door.options.unlock_ms + RELOCK_MS ? "a closed door was not locked again" : null
}

export const I_06: Rule = {
  id: "I-06",
  words:
    "A closed door is locked again when its time is over and nothing else holds it open, the bolt is never thrown while the leaf is open, and a leaf that stands open too long is alarmed.",
  watch({ now_ms, truth }) {
    const rulings = perDoor(() => new Rulings(truth))
    const times = perDoor((): Since => ({ drawn_ms: 0, open_ms: null, held: false, excused: false }))
    return {
      step(step) {
        const since = times(step)
        follow(since, step)
        const ruling = rulings(step)
        const was = ruling.mayBeDrawn(step.door, step.at_ms)
        ruling.see(step)
        if (was || ruling.mayBeDrawn(step.door, step.at_ms)) since.drawn_ms = step.at_ms
        const said = isFull(step) ? step.after.lock?.door.is === "held" : linesOf(step, "door held").length > 0
        if (said) since.held = true
        const { before, after } = step
        const began = after.hardware.motor === "throwing" && before.hardware.motor !== "throwing"
        return began && after.hardware.leaf === "open" ? "the bolt is thrown while the leaf is open" : null
      },
      probe(door) {
        const since = times({ door })
        if (rulings({ door }).mayBeDrawn(door, now_ms())) since.drawn_ms = now_ms()
        return standsOpen(door, since, now_ms()) ?? staysUnlocked(door, since, now_ms())
      },
    }
  },
}
