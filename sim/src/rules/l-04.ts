/** L-04: everything that was recorded arrives, in order, once. */
import { toHex } from "@holdfast/base/text"
import { decodeRecord } from "@holdfast/lock"
import type { Rule } from "./rule.ts"
import { Undelivered } from "./undelivered.ts"
import { perDoor } from "./verdict.ts"

const ARRIVES_MS = 600_000

export const L_04: Rule = {
  id: "L-04",
  words:
    "Every record arrives within ten minutes of a free way, and once everything is mended, each lock's records stand in the event log from the first on, in their order, each once, as the lock wrote them.",
  watch({ truth, now_ms }) {
    const waiting = perDoor(() => new Undelivered(truth, () => true))
    const written = perDoor(() => new Map<number, string>())
    return {
      step(step) {
        waiting(step).see(step)
        const records = written(step)
        for (const { record, bytes } of step.lines) records.set(record.sequence, toHex(bytes))
        return null
      },
      probe(door) {
        return waiting({ door }).isLate(door, now_ms(), ARRIVES_MS) ? "a record waits, though the way is free" : null
      },
      finish({ door, logged }) {
        const records = written({ door })
        for (const [at, bytes] of logged.entries()) {
          const decoded = decodeRecord(bytes)
          if (!decoded.ok || decoded.record.sequence !== at + 1) return `record ${at + 1} is not where it should be`
          if (records.get(at + 1) !== toHex(bytes)) return `record ${at + 1} is not the one that the lock wrote`
        }
        const received = (door.board.lock?.journal.head.next ?? 1) - 1
        return logged.length >= received
          ? null
          : `${received} records were received, and ${logged.length} are in the log`
      },
    }
  },
}
