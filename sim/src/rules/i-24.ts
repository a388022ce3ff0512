/** I-24: one whole policy at a time, and never an older one. */
import { encodePolicy } from "@holdfast/access/door"
import { equalBytes } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import type { Rule } from "./rule.ts"
import { perDoor } from "./verdict.ts"

export const I_24: Rule = {
  id: "I-24",
  words:
    "A lock decides by exactly one policy, whole as the keeper issued it, and its version never goes down, over restarts too.",
  watch({ truth }) {
    const newest = perDoor(() => ({ size: 0, checked: "" }))
    return {
      step(step) {
        const active = step.after.lock?.active ?? null
        if (active === null) return null
        const memory = newest(step)
        const { version, hash } = active.name
        if (version.size < memory.size) return `the policy went back from ${memory.size} to ${version.size}`
        memory.size = version.size
        const name = `${step.after.lock?.boot} ${version.size} ${toHex(hash)}`
        if (memory.checked === name) return null
        memory.checked = name
        if (!equalBytes(nodeCrypto.sha256(encodePolicy(active.policy)), hash))
          return "the policy is not the one it names"
        const issued = truth.history.some(({ state }) => {
          const last = state.issued.get(step.door.id)
          return last !== undefined && last.version.size === version.size && equalBytes(last.policyHash, hash)
        })
        return issued ? null : "the policy was never issued for this door"
      },
    }
  },
}
