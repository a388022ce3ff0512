/**
 * What a lock admits after its first turn, for the mutants of boot.ts and of what it restores (`npm run mutate`), when parts of
 * its storage are missing, given up or torn: each alone in every way, those that matter to a door two at a time, beside every
 * verdict on the whole. More is admitted where a policy or a lease is in force, nobody is denied, a code waits for less, time
 * is earlier, or a number is used again.
 */
import { EMPTY, uptime } from "@holdfast/base"
import type { Lock, Part, ResetCause } from "../../src/index.ts"
import { encodeModes, QUIET, withOrdered } from "../../src/mode.ts"
import { encodeService } from "../../src/service.ts"
import { PART_NAMES } from "../../src/stored.ts"
import { KEYPAD, waitOf } from "../../src/throttle.ts"
import { Flash, pairingWith } from "../building.ts"
import { Keeper } from "../keeper.ts"
import { booted, lived, put } from "../lived.ts"

const HOWS = ["missing", "given up", "torn"] as const
type Damage = readonly [Part, (typeof HOWS)[number]]
/** Parts that say who comes in. */
const MATTER: readonly Part[] = [
  "boot",
  "clock",
  "throttle",
  "lease",
  "denies",
  "head",
  "slot a",
  "journal",
  "batch",
  "mode",
]

const admitted = (fact: boolean): number => (fact ? 1 : 0)

/** Each number rises with what is admitted. */
const RIGHTS: readonly ((lock: Lock) => number)[] = [
  ({ active }) => admitted(active !== null),
  ({ active, lease }) => admitted(active !== null && lease !== null),
  ({ lease }) => admitted(lease !== null),
  ({ denies }) => -denies.length,
  ({ throttle }) => -waitOf(throttle, KEYPAD, 0),
  ({ clock }) => admitted(clock.start_ms !== null),
  ({ clock }) => -Number(clock.floor),
  ({ modes }) => admitted(!modes.ordered.has("lockdown")),
  ({ modes }) => admitted(modes.ordered.has("evacuation")),
  ({ modes }) => -modes.level,
  ({ ruled }) => admitted(ruled === "fire" || ruled === "evacuation" || ruled === "office"),
  ({ service }) => admitted(service.is === "none"),
  ({ offlineUsed }) => (offlineUsed === null ? -1_000 : -offlineUsed.length),
  ({ readings }) => (readings === null ? -1_000 : -readings.size),
  ({ held }) => -held.size,
  ({ supply }) => -Number(supply.restsUntil ?? 0),
  ({ supply }) => -supply.breakdowns,
  ({ alarms }) => -alarms.count,
  ({ defence }) => -defence.level,
  // A number that was used is not used again.
  ({ boot }) => -boot,
  ({ journal }) => -journal.next,
  ({ drawn }) => -drawn,
]

function* afterBoot(
  flash: Flash,
  cause: ResetCause,
  begin: (flash: Flash, cause: ResetCause) => Lock,
): Iterable<() => number> {
  let lock: Lock | null = null
  for (const right of RIGHTS)
    yield () => {
      lock ??= begin(flash, cause)
      return right(lock)
    }
}

function damaged(whole: Flash, damages: readonly Damage[]): Flash {
  const flash = whole.copy()
  for (const [part, how] of damages) {
    const bytes = flash.parts.get(part)
    if (how === "missing") flash.parts.delete(part)
    else if (how === "given up") put(flash, part, EMPTY)
    else if (bytes !== undefined) flash.parts.set(part, bytes.slice(0, -1))
  }
  return flash
}

export function* admits(): Iterable<() => number> {
  const { flash: whole, board } = lived()
  const begin = (flash: Flash, cause: ResetCause): Lock => booted(flash, board.pairing, cause).state
  const single = PART_NAMES.flatMap((part) => HOWS.map((how): Damage => [part, how]))
  const matter = MATTER.flatMap(
    (part) =>
      [
        [part, "missing"],
        [part, "torn"],
      ] as const,
  )
  const pairs = matter.flatMap((first, at) => matter.slice(at + 1).map((second) => [first, second]))
  for (const damages of [[], ...single.map((each) => [each]), ...pairs])
    yield* afterBoot(damaged(whole, damages), "power on", begin)
  for (const cause of ["brown-out", "watchdog", "lockup", "pin"] as const) yield* afterBoot(whole, cause, begin)
  for (const fault of ["rolled back", "damaged"] as const)
    for (const damages of [[], ...single.map((each) => [each])]) {
      const flash = damaged(whole, damages)
      flash.fault = fault
      yield* afterBoot(flash, "power on", begin)
    }
  for (let kept = 0; kept < whole.records.length; kept++) {
    for (const lost of [[], [["journal", "torn"]], [["clock", "torn"]], [["boot", "torn"]]] as const) {
      const cut = damaged(whole, lost)
      cut.records = cut.records.slice(0, kept)
      yield* afterBoot(cut, "power on", begin)
      const torn = damaged(whole, lost)
      torn.records = torn.records.map((each, at) => (at === kept ? { ...each, bytes: each.bytes.slice(0, 40) } : each))
      yield* afterBoot(torn, "power on", begin)
      const holed = damaged(whole, lost)
      holed.records = holed.records.toSpliced(kept, 1)
      yield* afterBoot(holed, "power on", begin)
    }
  }
  const lockedDown = withOrdered(QUIET, "lockdown", null)
  for (const modes of [QUIET, lockedDown, { ...QUIET, fire: "waiting" as const }])
    for (const damages of [[], [["slot a", "torn"]], [["head", "missing"]]] as const) {
      const flash = damaged(whole, damages)
      put(flash, "mode", encodeModes(modes, uptime(0)))
      yield* afterBoot(flash, "power on", begin)
      put(flash, "service", encodeService("reset", 3))
      yield* afterBoot(flash, "power on", begin)
    }
  const fresh = pairingWith(new Keeper())
  yield* afterBoot(new Flash(), "power on", (flash, cause) => booted(flash, fresh, cause).state)
}
