/**
 * Planted bugs in what goes beyond one door: what is found at another, what another's lock holds, what one person alone states.
 * All others stand in `bugs.ts`.
 */
import type { Bug } from "./bug.ts"

export const BEYOND_A_DOOR: readonly Bug[] = [
  {
    rule: "I-09",
    seed: 6,
    about: "a card has one key for all zones",
    file: "apps/keeper/src/credentials.ts",
    find: `    const master = this.#keeping.keys.zones[zone]
    assert(master !== undefined, "a zone application is 0 to 3")
    return cardKey(this.#keeping.ports.crypto, master, uid, zone, this.#keeping.site)
`,
    replace: `    const master = this.#keeping.keys.zones[0]
    assert(master !== undefined, "a zone application is 0 to 3")
    return cardKey(this.#keeping.ports.crypto, master, uid, zone * 0, this.#keeping.site)
`,
  },
  {
    rule: "I-40",
    seed: 5,
    about: "whoever changes a grant, hours or a door is not asked whether it is for herself",
    file: "core/access/src/concerns.ts",
    find: `    case "door set":
      return author
`,
    replace: `    case "door set":
      return null
`,
  },
  {
    rule: "I-40",
    seed: 5,
    about: "whoever opens a door with another is not asked when she lets one person do",
    file: "core/access/src/gains.ts",
    find: "before === null || wasWithAnother ?",
    replace: "before === null ?",
  },
  {
    rule: "I-40",
    seed: 6,
    about: "an administrator names herself to hear of silent alarms",
    file: "core/access/src/concerns.ts",
    find: "return isOneOfSeveral || now < leftAloneFrom(folding)",
    replace: "return isOneOfSeveral && now < 0 && leftAloneFrom(folding) > 0",
  },
  {
    rule: "I-05",
    seed: 4,
    about: "what was found at another door draws the bolt",
    file: "core/lock/src/narrowing.ts",
    find: `  draft.store("clock", encodeFloor(clock, draft.now))
`,
    replace: `  draft.store("clock", encodeFloor(clock, draft.now))
  draft.effect({ kind: "drive", drive: "draw" })
`,
  },
  {
    rule: "I-31",
    seed: 29,
    about: "what was found at another door throws the bolt, whoever leaves",
    file: "core/lock/src/narrowing.ts",
    find: `  draft.store("clock", encodeFloor(clock, draft.now))
`,
    replace: `  draft.store("clock", encodeFloor(clock, draft.now))
  draft.effect({ kind: "drive", drive: "throw" })
`,
  },
  {
    rule: "I-34",
    seed: 2,
    about: "the count at the bar of a delayed way out ends where it began",
    file: "core/lock/src/egress.ts",
    find: `return egress.is === "counting" && now >= egress.until ? FREE : egress`,
    replace: `return egress.is === "counting" && now >= egress.until ? READY : egress`,
  },
  {
    rule: "I-41",
    about: "every record of a door narrows those that heed it",
    file: "core/lock/src/grave.ts",
    find: `    if (!isUrgent && (byteAt(records, at + 12) !== FORCED || result !== ALARM)) continue
`,
    replace: "",
  },
  {
    rule: "I-41",
    seed: 4,
    about: "what another door means has no end",
    file: "core/lock/src/narrowing.ts",
    find: "later(draft.now, left_ms))",
    replace: "null)",
  },
  {
    rule: "I-41",
    seed: 4,
    about: "what an order ended comes back when it is brought again",
    file: "core/lock/src/narrowing.ts",
    find: `  if (known !== null && notAfter === known.end_s) return // It came twice; the first time was enough.
  if (known !== null && notAfter < known.end_s) return refuse("not expected")
`,
    replace: "",
  },
  {
    rule: "I-41",
    seed: 11,
    about: "a narrowed door asks for no more than before",
    file: "core/lock/src/ruling.ts",
    find: `const heard = ordered.has("narrowed") ? 1 : 0`,
    replace: "const heard = 0",
  },
  {
    rule: "L-05",
    seed: 7,
    about: "a door that heeds every other one heeds none",
    file: "core/access/src/heeding.ts",
    find: "heeds.doors.length === 0 || ",
    replace: "",
  },
]
