/** I-17: whoever is forced to come in is let in like everybody. */
import type { Crypto } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { decodeRecord, type Effect, type Lock, stateOf, turn } from "@holdfast/lock"
import type { Step } from "../world/step.ts"
import type { Rule } from "./rule.ts"

const RECORD_SIZE = 64
/** What a record shows to everybody: all before its commitment. */
const SHOWN_SIZE = 32

/** All of an effect that anybody near the door, on the line or at the flash could see: never what is sealed. */
function seenOf(effect: Effect): unknown {
  switch (effect.kind) {
    case "store":
      return [effect.kind, effect.part, effect.bytes.length]
    case "append": {
      const record = effect.bytes.slice(0, RECORD_SIZE)
      return [effect.kind, decodeRecord(record).ok, toHex(record.slice(0, SHOWN_SIZE)), effect.bytes.length]
    }
    case "sign batch":
      return [effect.kind, effect.bytes.length, effect.openings.length]
    case "send":
      return [effect.kind, effect.message.kind]
    default:
      return effect
  }
}

function seenAfter(lock: Lock, step: Step, crypto: Crypto): string {
  const now = step.after.uptime_ms
  const { state, effects } = turn(lock, now, { kind: "key", key: { press: "enter" } }, crypto)
  return JSON.stringify([effects.map(seenOf), stateOf(state, now)])
}

export const I_17: Rule = {
  id: "I-17",
  words:
    "What a lock does, shows, writes and says upon a code entered under duress is what it would upon the same person's PIN, to the size of every write and every message.",
  watch({ truth }) {
    return {
      step(step) {
        const { before, what, door, failed } = step
        const { lock } = before
        if (what.kind !== "key" || what.key.press !== "enter" || lock === null || failed) return null
        const pin = truth.duress.get(lock.collecting.digits)
        if (pin === undefined) return null
        const { crypto } = door.options.signing
        const calm = { ...lock, collecting: { ...lock.collecting, digits: pin } }
        if (seenAfter(lock, step, crypto) === seenAfter(calm, step, crypto)) return null
        return "a code entered under duress can be told from a PIN"
      },
    }
  },
}
