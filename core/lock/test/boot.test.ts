/** The first turn, part by part: what a lock still knows when a part of its storage is missing, was given up, or is torn. */
import { EMPTY, idOf, uptime } from "@holdfast/base"
import { encodeCbor } from "@holdfast/base/cbor"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { decodeDetail, type Lock, type Part, type ResetCause, type Turn } from "../src/index.ts"
import { encodeBoot } from "../src/boots.ts"
import { encodeModes, QUIET } from "../src/mode.ts"
import { encodeService } from "../src/service.ts"
import { decodeLine, encodePart, PART_NAMES } from "../src/stored.ts"
import { decodeRecord } from "../src/record.ts"
import { KEYPAD, waitOf } from "../src/throttle.ts"
import { door, Flash, house, pairingWith } from "./building.ts"
import { booted, knows, lived, put } from "./lived.ts"
import { Keeper } from "./keeper.ts"

const FULL = lived()

/** What the boot recorded: kind, result, and the note where there is one. */
function recordedIn({ effects }: Turn): readonly string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== "append") return []
    const line = decodeLine(crypto, effect.bytes)
    const decoded = line === null ? null : decodeRecord(line.record)
    ok(line !== null && decoded?.ok)
    const note = decodeDetail(line.detail)?.note ?? null
    return [`${decoded.record.kind}: ${decoded.record.result}${note === null ? "" : ` (${note})`}`]
  })
}

/** Words for what makes a lock stricter than it was. */
function narrowed(lock: Lock): readonly string[] {
  const facts: readonly (readonly [string, boolean])[] = [
    ["codes wait an hour", waitOf(lock.throttle, KEYPAD, 0) === 3_600_000],
    ["offline codes closed", lock.offlineUsed === null],
    ["card addresses closed", lock.readings === null],
    ["locked down", lock.modes.ordered.has("lockdown")],
  ]
  return facts.filter(([, isSo]) => isSo).map(([word]) => word)
}

// part | unknown when it is missing or was given up | and when it is torn | what narrows when it is torn
const PARTS = `
  boot      | breakdowns                                | breakdowns                                |
  clock     | time passed                               | time passed, lease                        |
  throttle  | wrong codes                               |                                           | codes wait an hour
  lease     | lease                                     | lease                                     |
  denies    | denials                                   | denials, lease                            |
  head      | policy, authority log, lease              | policy, authority log, lease              |
  slot a    | policy, lease                             | policy, lease                             |
  slot b    |                                           |                                           |
  batch     | batch on its way                          | batch on its way                          |
  alarms    | silent alarm                              | silent alarm                              |
  offline   | used codes                                |                                           | offline codes closed
  mode      | threat level                              | threat level                              | locked down
  wear      | motor, battery                            | motor, battery                            |
  defence   | findings                                  | findings                                  |
  phones    | phones                                    | phones                                    |
  readings  | card readings                             |                                           | card addresses closed
  update    | bad images                                | bad images                                |
  service   |                                           |                                           |
`
const list = (cell: string): readonly string[] =>
  cell
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "")
    .sort()

test("a lock that lost nothing knows all that it knew, and says only that it booted", () => {
  const flash = FULL.flash.copy()
  const turn = booted(flash, FULL.board.pairing)
  equal(knows(turn.state).length, 18)
  deepEqual(narrowed(turn.state), [])
  deepEqual(recordedIn(turn), ["boot: done"])
})

for (const row of PARTS.trim().split("\n")) {
  const [name = "", missing = "", torn = "", narrows = ""] = row.split("|").map((cell) => cell.trim())
  const part = PART_NAMES.find((each) => each === name)
  ok(part !== undefined, name)
  test(`I-25: part ${part} missing or given up: unknown is ${missing}`, () => {
    for (const isGivenUp of [false, true]) {
      const flash = FULL.flash.copy()
      // The records tell the time too; without them the floor alone does.
      if (part === "clock") flash.records = []
      const before = knows(booted(flash, FULL.board.pairing).state)
      if (isGivenUp) put(flash, part, EMPTY)
      else flash.parts.delete(part)
      const turn = booted(flash, FULL.board.pairing)
      const after = knows(turn.state)
      deepEqual(before.filter((word) => !after.includes(word)).sort(), list(missing))
      deepEqual(narrowed(turn.state), [])
      ok(recordedIn(turn).every((each) => !each.startsWith("storage")))
    }
  })
  test(`I-25: part ${part} torn: unknown is ${torn}; ${narrows}`, () => {
    for (const found of ["cut", "of another kind", "unreadable"]) {
      const flash = FULL.flash.copy()
      if (part === "clock") flash.records = []
      const before = knows(booted(flash, FULL.board.pairing).state)
      const other: Part = part === "clock" ? "boot" : "clock"
      if (found === "cut") flash.parts.set(part, (flash.parts.get(part) ?? new Uint8Array(9)).slice(0, -1))
      else if (found === "unreadable") put(flash, part, encodeCbor("nothing of the kind"))
      else flash.parts.set(part, encodePart(crypto, other, encodeCbor(1)))
      const turn = booted(flash, FULL.board.pairing)
      const after = knows(turn.state)
      if (part === "slot b") {
        deepEqual(recordedIn(turn), ["boot: done"], "the slot that is not in force is not looked at")
        continue
      }
      deepEqual(before.filter((word) => !after.includes(word)).sort(), list(torn), found)
      deepEqual(narrowed(turn.state), list(narrows), found)
      deepEqual(recordedIn(turn), ["boot: done", `storage damaged: alarm (${part})`], found)
    }
  })
}

test("a lock without any storage knows nothing, has no policy and begins to count", () => {
  const turn = booted(new Flash(), pairingWith(new Keeper()))
  const { state } = turn
  deepEqual(knows(state), [])
  deepEqual(narrowed(state), [])
  deepEqual(recordedIn(turn), ["boot: done"])
  equal(state.boot, 1)
  equal(state.clock.floor, 0)
  equal(state.supply.breakdowns, 0)
  deepEqual(state.held, { origin: null, size: 0, root: crypto.sha256(EMPTY) })
  deepEqual([state.journal.head.next, state.journal.next, state.journal.lost], [1, 2, 0])
  equal(state.drawn, 1, "the salt of its one record")
  const { linked, exitAsked, codesTried, wanted, leaseEndNoted } = state
  deepEqual([linked, exitAsked, codesTried, wanted, leaseEndNoted], [false, false, 0, 0, false])
})

test("the boot is durable before anything else: its number first, then its record", () => {
  const { effects } = booted(FULL.flash, FULL.board.pairing)
  const told = effects.map((each) => (each.kind === "store" ? `store ${each.part}` : each.kind))
  deepEqual(told.slice(0, 2), ["store boot", "append"])
  ok(!told.includes("drive") && !told.includes("discard"))
})

const { keeper, board } = FULL
const passed_s = Math.floor(booted(FULL.flash, board.pairing).state.clock.floor / 1000)

/** The ticket of a lease as it would have been stored. */
function ticket(of: Keeper, at: typeof door, from_s: number, until_s: number): Uint8Array {
  ok(board.issued !== null)
  const message = of.lease(at, board.issued, from_s, until_s)
  return message.kind === "lease" ? message.ticket : EMPTY
}

// whose lease is stored | for which door | it ends so many seconds after what has certainly passed | is there a lease
const LEASES = `
  the keeper's   this      60   yes
  the keeper's   this      1    yes
  the keeper's   this      0    no
  the keeper's   this      -60  no
  the keeper's   another   60   no, and it is damaged
  a stranger's   this      60   no, and it is damaged
`
for (const row of LEASES.trim().split("\n")) {
  const [whose = "", which = "", ends = "", outcome = ""] = row.trim().split(/ {2,}/)
  test(`I-25: ${whose} lease for ${which} door that ends after ${ends} s: ${outcome}`, () => {
    const flash = FULL.flash.copy()
    const at = which === "this" ? door : idOf<"DoorId">(new Uint8Array(16).fill(1))
    const from = whose === "the keeper's" ? keeper : new Keeper()
    put(flash, "lease", ticket(from, at, passed_s - 3_600, passed_s + Number(ends)))
    const turn = booted(flash, board.pairing)
    equal(turn.state.lease !== null, outcome === "yes")
    equal(recordedIn(turn).includes("storage damaged: alarm (lease)"), outcome.endsWith("damaged"))
  })
}

// breakdowns stored | why it started | breakdowns then | seconds for which the supply rests
const CAUSES = `
  0  power on   0  0
  2  power on   2  0
  2  pin        2  0
  0  brown-out  1  0
  2  brown-out  3  60
  2  watchdog   3  60
  5  lockup     6  600
`
for (const row of CAUSES.trim().split("\n")) {
  const [before = "", cause = "", after = "", rests = ""] = row.trim().split(/ {2,}/)
  test(`attack 134: ${before} breakdowns, then a start by ${cause}: ${after}, the supply rests for ${rests} s`, () => {
    const flash = FULL.flash.copy()
    put(flash, "boot", encodeBoot(7, Number(before)))
    const { state } = booted(flash, board.pairing, cause as ResetCause)
    equal(state.boot, 8)
    equal(state.supply.breakdowns, Number(after))
    equal(state.supply.restsUntil ?? 0, Number(rests) * 1000)
  })
}

test("where nobody could order it otherwise, a torn mode locks nobody out", () => {
  const { board: alone } = house()
  const flash = alone.flash.copy()
  flash.parts.set("mode", new Uint8Array(20))
  deepEqual(narrowed(booted(flash, alone.pairing).state), [])
  const none = FULL.flash.copy()
  for (const part of ["mode", "head"] as const) none.parts.set(part, new Uint8Array(20))
  deepEqual(narrowed(booted(none, board.pairing).state), [], "nor does one without a policy")
})

test("the mode that ruled rules on: a fire that waits for a hand only at a door that fire releases, whose policy is there", () => {
  const ruledAt = (fireReleases: boolean, keepsPolicy: boolean): string => {
    const { board: at } = house({ fireReleases })
    const flash = at.flash.copy()
    put(flash, "mode", encodeModes({ ...QUIET, fire: "waiting" }, uptime(0)))
    if (!keepsPolicy) flash.parts.delete("head")
    return booted(flash, at.pairing).state.ruled
  }
  deepEqual([ruledAt(true, true), ruledAt(false, true), ruledAt(true, false)], ["fire", "normal", "normal"])
})

test("attack 59: a lock that was leaving goes on leaving, and its lease is gone for good", () => {
  const flash = FULL.flash.copy()
  put(flash, "service", encodeService("hand over", 3))
  const { state, effects } = booted(flash, board.pairing)
  deepEqual(state.service.is === "leaving" && [state.service.what, state.service.sequence], ["hand over", 3])
  equal(state.lease, null)
  ok(effects.some((each) => each.kind === "store" && each.part === "lease"))
})
