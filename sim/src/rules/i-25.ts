/** I-25: a loss of power forgets nothing that was acted upon. */
import { toHex } from "@holdfast/base/text"
import type { Line } from "../truth/line.ts"
import { beganDrawing, linesOf } from "../world/step.ts"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

type Memory = {
  boot: number
  /** Sequence after the last record that was durable at the end of a step. */
  next: number
  /** Records of a step that the power cut short, whose bolt moved all the same. */
  owed: readonly Line[]
  readonly nonces: Set<string>
}

export const I_25: Rule = {
  id: "I-25",
  words:
    "Whatever write the power goes at: no record is lost that was durable or acted upon, no boot number and no nonce comes twice, and nothing that the keeper confirmed is gone.",
  watch({ truth }) {
    const memories = perDoor((): Memory => ({ boot: 0, next: 1, owed: [], nonces: new Set() }))
    const kept = { authority: 0, events: 0 }
    return {
      step(step) {
        const memory = memories(step)
        const { before, after, sent, cut, door } = step
        for (const up of sent) {
          if (up.kind !== "hello") continue
          const nonce = toHex(up.nonce)
          if (memory.nonces.has(nonce)) return "a nonce came twice"
          memory.nonces.add(nonce)
        }
        if (cut && beganDrawing(step)) memory.owed = [...linesOf(step, "admitted"), ...linesOf(step, "order taken")]
        const lock = after.lock
        if (lock === null) return null
        if (before.lock?.boot !== lock.boot) {
          if (lock.boot <= memory.boot) return `boot ${lock.boot} came after boot ${memory.boot}`
          memory.boot = lock.boot
          if (lock.journal.next < memory.next)
            return `records up to ${memory.next - 1} were durable, and the journal goes on at ${lock.journal.next}`
          const lost = memory.owed.find(({ record, bytes }) => {
            const found = door.flash.durable.get(record.sequence)
            return found === undefined || toHex(found.bytes) !== toHex(bytes)
          })
          memory.owed = []
          if (lost !== undefined) return `the bolt was drawn, and record ${lost.record.sequence} about it is lost`
        }
        memory.next = lock.journal.next
        return null
      },
      probe() {
        const { size } = truth.now
        if (size < truth.acknowledged.authority) return "a statement that the keeper confirmed is gone"
        kept.authority = Math.max(kept.authority, size)
        return null
      },
    }
  },
}
