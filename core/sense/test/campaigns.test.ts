/**
 * Attackers with patience, and years in which nobody attacks, from seeds: how many campaigns the counts of supply and radio
 * find, and how often they find something in an ordinary year. The worlds are made up by the table of the physics.
 */
import { ok } from "node:assert/strict"
import { test } from "node:test"
import { type Uptime, uptime } from "@holdfast/base"
import { LINK_CLEAR, nextLink, type RadioSample, SAMPLE_MS } from "../src/link.ts"
import type { ResetCause } from "../src/reset.ts"
import { nextSupply, type Supply, type SupplySensed, supplyGoesOn } from "../src/supply.ts"
import { type Chance, chanceFrom } from "../src/synthetic.ts"

const between = (chance: Chance, low: number, high: number): number => low + (high - low) * chance()
const whole = (chance: Chance, low: number, high: number): number => Math.floor(between(chance, low, high + 1))

const dips = (count: number, loaded: boolean, jolted: boolean): SupplySensed => {
  return { kind: "supply", dips: count, over: false, loaded, jolted }
}
const reset = (cause: ResetCause, weak: boolean, loaded: boolean): SupplySensed => ({
  kind: "reset",
  cause,
  weak,
  loaded,
})

/** One attempt as the board sees it, or null where the capacitors rode it through unseen. */
function attempt(chance: Chance): SupplySensed | null {
  const kind = chance()
  if (kind < 0.4) return reset("power on", false, false)
  if (kind < 0.7) return reset("brown-out", false, false)
  if (kind < 0.85) return dips(whole(chance, 10, 1_000), false, chance() < 0.3)
  if (kind < 0.97) return chance() < 0.5 ? reset("clock failure", false, false) : dips(1, false, false)
  return null
}

type Event = { readonly at_ms: number; readonly sensed: SupplySensed }

/** Warnings and alarms that a row of events makes. */
function findings(events: readonly Event[]): { warnings: number; alarms: number } {
  let supply: Supply = { attempts: 0, forgetAt: uptime(0) }
  const counts = { warnings: 0, alarms: 0 }
  for (const { at_ms, sensed } of [...events].sort((a, b) => a.at_ms - b.at_ms)) {
    const now: Uptime = uptime(Math.floor(at_ms))
    const seen = nextSupply(supplyGoesOn(supply, now), now, sensed)
    supply = seen.state
    if (seen.found?.severity === "warning") counts.warnings++
    if (seen.found?.severity === "alarm") counts.alarms++
  }
  return counts
}

test("P1: of 1,000 campaigns at least 99 % are found within five attempts", () => {
  let found = 0
  for (let seed = 1; seed <= 1_000; seed++) {
    const chance = chanceFrom(seed * 7_919)
    let at_ms = 0
    const events = Array.from({ length: 5 }, () => {
      at_ms += between(chance, 2_000, 60_000)
      const sensed = attempt(chance)
      return sensed === null ? [] : [{ at_ms, sensed }]
    }).flat()
    const { warnings, alarms } = findings(events)
    if (warnings + alarms > 0) found++
  }
  ok(found >= 990, `${found} of 1,000`)
})

const YEAR_MS = 365 * 86_400_000

/** A year of one lock: slams that bounce contacts, sags under load, cold mornings, blackouts, and cells changed. */
function ordinaryYear(chance: Chance): Event[] {
  const events: Event[] = []
  const times = (count: number, what: (at_ms: number) => void): void => {
    for (let each = 0; each < count; each++) what(between(chance, 0, YEAR_MS))
  }
  times(200, (at_ms) => events.push({ at_ms, sensed: dips(whole(chance, 1, 5), false, true) }))
  times(300, (at_ms) => events.push({ at_ms, sensed: dips(whole(chance, 1, 9), true, false) }))
  times(20, (at_ms) => {
    for (let each = 0; each < whole(chance, 1, 6); each++)
      events.push({ at_ms: at_ms + each * 3_000, sensed: reset("brown-out", true, chance() < 0.5) })
  })
  times(3, (at_ms) => {
    // A recloser of the mains tries once, and now and then twice.
    for (let each = 0; each < (chance() < 0.2 ? 2 : 1); each++)
      events.push({ at_ms: at_ms + each * 20_000, sensed: reset("power on", false, false) })
  })
  times(1, (at_ms) => events.push({ at_ms, sensed: reset(chance() < 0.7 ? "requested" : "power on", false, false) }))
  return events
}

test("P1: in 300 ordinary lock-years at most 0.1 a year is found where nothing was done", () => {
  let warnings = 0
  let alarms = 0
  for (let seed = 1; seed <= 300; seed++) {
    const counts = findings(ordinaryYear(chanceFrom(seed * 104_729)))
    warnings += counts.warnings
    alarms += counts.alarms
  }
  ok(warnings + alarms <= 30, `${warnings} warnings and ${alarms} alarms in 300 lock-years`)
})

const sample = (busy_permille: number, sent: number, lost: number, broken: number): RadioSample => {
  return { busy_permille, sent, acknowledged: Math.max(0, sent - lost), broken }
}
/** How many of `count` packets are lost, or broken, at a share. */
function some(chance: Chance, count: number, share: number): number {
  let hits = 0
  for (let each = 0; each < count; each++) if (chance() < share) hits++
  return hits
}

type Ether = (chance: Chance) => () => RadioSample
const sentIn = (chance: Chance): number => whole(chance, 2, 5)

const JAMMERS: Readonly<Record<string, Ether>> = {
  constant: (chance) => () => sample(whole(chance, 930, 1_000), 4, 4, whole(chance, 0, 2)),
  reactive: (chance) => {
    const skill = between(chance, 0.85, 1)
    return () => {
      const sent = sentIn(chance)
      const heard = whole(chance, 3, 8)
      return sample(whole(chance, 30, 250), sent, some(chance, sent, skill), some(chance, heard, skill))
    }
  },
}

const ACCIDENTS: Readonly<Record<string, Ether>> = {
  "the hub restarts": (chance) => () => sample(whole(chance, 10, 60), sentIn(chance), 5, 0),
  "the far end of the range": (chance) => {
    const loss = between(chance, 0.3, 0.9)
    return () => {
      const sent = sentIn(chance)
      // What is heard weakly breaks too, and is not counted: the sample counts strong beginnings only.
      return sample(whole(chance, 10, 90), sent, some(chance, sent, loss), some(chance, 4, 0.05))
    }
  },
  "a microwave oven": (chance) => () => {
    const sent = sentIn(chance)
    return sample(whole(chance, 400, 560), sent, some(chance, sent, 0.45), some(chance, 4, 0.2))
  },
  "strong neighbours": (chance) => () => {
    const sent = sentIn(chance)
    return sample(whole(chance, 38, 270), sent, some(chance, sent, 0.15), some(chance, 5, 0.2))
  },
  "the lock was off": (chance) => () => sample(whole(chance, 10, 60), sentIn(chance), 0, 0),
}

/** Samples until jamming is suspected, or null where it never is. */
function suspectedAfter(ether: () => RadioSample, samples: number): number | null {
  let link = LINK_CLEAR
  for (let count = 1; count <= samples; count++) {
    link = nextLink(link, ether()).state
    if (link.jammed) return count
  }
  return null
}

test("J1: of 500 constant jammers all but one in fifty are suspected in 10 s, of 500 reactive ones in 60 s", () => {
  for (const [name, ether] of Object.entries(JAMMERS)) {
    const within = (name === "constant" ? 10_000 : 60_000) / SAMPLE_MS
    let found = 0
    for (let seed = 1; seed <= 500; seed++)
      if (suspectedAfter(ether(chanceFrom(seed * 3_571)), within) !== null) found++
    ok(found >= 490, `${name}: ${found} of 500`)
  }
})

for (const [name, ether] of Object.entries(ACCIDENTS))
  test(`J1: of 500 times five minutes at most one in fifty is taken for jamming: ${name}`, () => {
    let taken = 0
    for (let seed = 1; seed <= 500; seed++)
      if (suspectedAfter(ether(chanceFrom(seed * 6_007)), 300_000 / SAMPLE_MS) !== null) taken++
    ok(taken <= 10, `${taken} of 500`)
  })
