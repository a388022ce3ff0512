/** I-19: nobody hears of a call for help but who is to hear of it. */
import { decodeSheet } from "@holdfast/access/sheet"
import { hpkeInfo, openSealed } from "@holdfast/port-node"
import type { SealedSheet, Truth } from "../truth/truth.ts"
import type { Rule } from "./rule.ts"

/** What is wrong with the sheets that were told last. Who was named since then has none yet, and in this town nobody is put out. */
function wrongWith(truth: Truth, sheets: readonly SealedSheet[]): string | null {
  const { site, receivers } = truth.now
  const info = hpkeInfo("sheet", site)
  for (const { person, sealed } of sheets) {
    const own = truth.receiverKeys.get(person)
    if (own === undefined || !receivers.has(person)) return "somebody is told who was not named"
    for (const [other, key] of truth.receiverKeys)
      if (other !== person && openSealed(key, info, sealed) !== null) return "a receiver can read the sheet of another"
    const plain = openSealed(own, info, sealed)
    const sheet = plain === null ? null : decodeSheet(plain)
    if (sheet === null) return "a receiver cannot read what he is told"
    if (sheet.alarms.some((alarm) => alarm.person === person))
      return "somebody is told of the call that he made himself"
  }
  return null
}

export const I_19: Rule = {
  id: "I-19",
  words:
    "Silent alarms are told to the people whom the site names, each by a sheet that nobody else can open, and nobody is told of a call of his own.",
  watch({ truth }) {
    let judged_ms = 0
    return {
      probe() {
        const { at_ms, sheets } = truth.sheets
        if (at_ms === judged_ms) return null
        judged_ms = at_ms
        return wrongWith(truth, sheets)
      },
    }
  },
}
