/**
 * The detectors of supply, reset, link, bypass, attempts, posture and debug port, each by a table: what was sensed one after
 * the other, and what was found.
 */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { type Uptime, uptime } from "@holdfast/base"
import { attemptsGoOn, DRAIN_MS, nextAttempts } from "../src/attempts.ts"
import { type BypassSensed, bypassGoesOn, EXIT_HELD_MS, NOTHING_BYPASSED, nextBypass } from "../src/bypass.ts"
import { nextDebugPort } from "../src/debug-port.ts"
import type { FindingWord, Seen } from "../src/finding.ts"
import { LINK_CLEAR, nextLink, type RadioSample } from "../src/link.ts"
import { nextPosture, POSTURE_UNKNOWN } from "../src/posture.ts"
import { judgeReset, RESET_CAUSES } from "../src/reset.ts"
import { FORGET_MS, nextSupply, type SupplySensed, supplyGoesOn } from "../src/supply.ts"

const rows = (table: string): string[][] =>
  table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/ {2,}/))

/** Feeds a detector and answers with what it said, in words. */
function said<State, What>(
  state: State,
  things: readonly What[],
  next: (state: State, thing: What) => Seen<State, FindingWord>,
): string[] {
  let kept = state
  return things.flatMap((thing) => {
    const { state: after, found, ended } = next(kept, thing)
    kept = after
    return [
      ...(ended === null ? [] : [`${ended} ended`]),
      ...(found === null ? [] : [`${found.is} (${found.severity})`]),
    ]
  })
}

const listed = (words: string): string[] => (words === "nothing" ? [] : words.split("; "))

/** The words of the supply's table. */
const SUPPLY: Readonly<Record<string, SupplySensed>> = {
  cut: { kind: "reset", cause: "power on", weak: false, loaded: false },
  "brown-out": { kind: "reset", cause: "brown-out", weak: false, loaded: false },
  "weak-start": { kind: "reset", cause: "brown-out", weak: true, loaded: false },
  "motor-reset": { kind: "reset", cause: "brown-out", weak: false, loaded: true },
  swap: { kind: "reset", cause: "requested", weak: false, loaded: false },
  watchdog: { kind: "reset", cause: "watchdog", weak: false, loaded: false },
  clock: { kind: "reset", cause: "clock failure", weak: false, loaded: false },
  dip: { kind: "supply", dips: 1, over: false, loaded: false, jolted: false },
  train: { kind: "supply", dips: 200, over: false, loaded: false, jolted: true },
  bounce: { kind: "supply", dips: 4, over: false, loaded: false, jolted: true },
  sag: { kind: "supply", dips: 3, over: false, loaded: true, jolted: false },
  over: { kind: "supply", dips: 0, over: true, loaded: false, jolted: false },
}

for (const [name = "", things = "", findings = ""] of rows(`
  one cut                              cut                                 nothing
  a recloser, twice                    cut cut                             nothing
  three cuts                           cut cut cut                         brief interruptions (warning)
  four cuts                            cut cut cut cut                     brief interruptions (warning); brief interruptions (alarm)
  cuts and dips together               cut dip brown-out dip               brief interruptions (warning); brief interruptions (alarm)
  a glitcher's clock                   clock clock dip dip                 brief interruptions (warning); brief interruptions (alarm)
  a dip train that shakes the door     train train train                   brief interruptions (warning)
  a weak cell under the motor          sag sag sag sag sag sag             nothing
  resets under the motor               motor-reset motor-reset motor-reset motor-reset   nothing
  a cold start that fails              weak-start weak-start weak-start weak-start   nothing
  contacts that bounce in slams        bounce bounce bounce bounce         nothing
  a change of cells in service         swap swap swap swap                 nothing
  our own watchdog                     watchdog watchdog watchdog watchdog   nothing
  too much voltage                     over                                overvoltage (alarm)
`))
  test(`supply: ${name}`, () => {
    const sensed = things.split(" ").map((word) => SUPPLY[word])
    const next = (supply: ReturnType<typeof supplyGoesOn>, thing: SupplySensed | undefined) => {
      if (thing === undefined) throw new RangeError("a word that is not in the table")
      return nextSupply(supply, uptime(0), thing)
    }
    deepEqual(said({ attempts: 0, forgetAt: uptime(0) }, sensed, next), listed(findings))
  })

test("supply: attempts ten minutes apart never add up, nine minutes apart do", () => {
  const alarms = (apart_ms: number): number => {
    let supply = { attempts: 0, forgetAt: uptime(0) }
    let count = 0
    for (let now = 0; now < 20 * apart_ms; now += apart_ms) {
      supply = supplyGoesOn(supply, uptime(now))
      const seen = nextSupply(supply, uptime(now), {
        kind: "supply",
        dips: 1,
        over: false,
        loaded: false,
        jolted: false,
      })
      supply = seen.state
      if (seen.found !== null) count++
    }
    return count
  }
  equal(alarms(FORGET_MS), 0)
  equal(alarms(FORGET_MS - 60_000) > 0, true)
})

for (const [cause = "", severity = ""] of rows(`
  power on        nothing
  brown-out       nothing
  watchdog        notice
  pin             warning
  clock failure   warning
  lockup          warning
  requested       nothing
`))
  test(`reset: ${cause} is ${severity}`, () => {
    const known = RESET_CAUSES.find((each) => each === cause)
    equal(known === undefined ? "no such cause" : (judgeReset(known)?.severity ?? "nothing"), severity)
  })

/** busy, sent, acknowledged, broken */
const RADIO: Readonly<Record<string, readonly [number, number, number, number]>> = {
  clear: [30, 4, 4, 0],
  quiet: [20, 0, 0, 0],
  "busy-but-through": [850, 4, 4, 0],
  constant: [990, 4, 0, 0],
  reactive: [120, 4, 0, 5],
  "hub-off": [20, 4, 0, 0],
  "far-hub": [40, 4, 1, 0],
  oven: [500, 4, 2, 1],
  unlucky: [120, 4, 2, 2],
}
const sampleOf = (word: string): RadioSample => {
  const [busy_permille, sent, acknowledged, broken] = RADIO[word] ?? [0, 0, 0, 0]
  return { busy_permille, sent, acknowledged, broken }
}
const times = (count: number, word: string): string => Array(count).fill(word).join(" ")

for (const [name = "", things = "", findings = ""] of rows(`
  all is well                       ${times(20, "clear")}                                   nothing
  the hub restarts                  clear ${times(40, "hub-off")} clear                     nothing
  the hub is far away               ${times(40, "far-hub")}                                 nothing
  a microwave oven for minutes      ${times(40, "oven")}                                    nothing
  a crowded channel                 ${times(40, "busy-but-through")}                        nothing
  a silent lock beside a jammer     ${times(10, "quiet")}                                   nothing
  a constant jammer, 10 s           constant constant                                       jamming (warning)
  one burst                         clear constant clear constant clear                     nothing
  a reactive jammer, 25 s           ${times(5, "reactive")}                                 jamming (warning)
  a reactive jammer with pauses     reactive reactive clear reactive reactive clear reactive   jamming (warning)
  four unlucky samples of eight     unlucky clear unlucky clear unlucky clear unlucky clear    nothing
  jamming that stops                constant constant ${times(8, "clear")}                  jamming (warning); jamming ended
  jamming that pauses               constant constant ${times(6, "clear")} constant constant   jamming (warning)
`))
  test(`link: ${name}`, () => {
    deepEqual(said(LINK_CLEAR, things.split(" ").map(sampleOf), nextLink), listed(findings))
  })

const BYPASS: Readonly<Record<string, BypassSensed>> = {
  thrown: { kind: "bolt", is: "thrown", explained: false },
  drawn: { kind: "bolt", is: "drawn", explained: false },
  key: { kind: "key turned" },
  between: { kind: "bolt", is: "between", explained: false },
  "drawn-on-command": { kind: "bolt", is: "drawn", explained: true },
  opens: { kind: "leaf opened", explained: false },
  "opens-by-strike": { kind: "leaf opened", explained: true },
}

for (const [name = "", things = "", findings = ""] of rows(`
  drawn for somebody                thrown drawn-on-command opens           nothing
  drawn by a magnet                 thrown drawn                            bolt moved by itself (alarm)
  drawn by a key                    thrown key drawn opens                  nothing
  pushed in by a blade              thrown between drawn                    bolt moved by itself (alarm)
  the frame gives way               thrown opens                            leaf open while thrown (alarm)
  left through an electric strike   thrown opens-by-strike                  nothing
  drawn, as the lock starts         drawn opens                             nothing
`))
  test(`bypass: ${name}`, () => {
    const next = (bypass: typeof NOTHING_BYPASSED, word: string) => {
      const sensed = BYPASS[word]
      if (sensed === undefined) throw new RangeError("a word that is not in the table")
      return nextBypass(bypass, uptime(0), sensed)
    }
    deepEqual(said(NOTHING_BYPASSED, things.split(" "), next), listed(findings))
  })

test("bypass: an exit contact held for 30 s is found once, and ends when it is let go", () => {
  const contact = (state: typeof NOTHING_BYPASSED, now: Uptime, pressed: boolean) =>
    nextBypass(state, now, { kind: "exit contact", pressed })
  let { state } = contact(NOTHING_BYPASSED, uptime(0), true)
  equal(bypassGoesOn(state, uptime(EXIT_HELD_MS - 1)).found, null)
  const held = bypassGoesOn(state, uptime(EXIT_HELD_MS))
  equal(held.found?.is, "exit held")
  state = contact(held.state, uptime(EXIT_HELD_MS + 1), true).state
  equal(bypassGoesOn(state, uptime(10 * EXIT_HELD_MS)).found, null)
  equal(contact(state, uptime(10 * EXIT_HELD_MS), false).ended, "exit held")
})

test("attempts: four in a minute are nothing, then a notice, a warning at ten, an alarm at twenty", () => {
  const severities = said({ failed: 0, drainAt: uptime(0) }, Array(21).fill(0), (state) =>
    nextAttempts(state, uptime(0)),
  )
  const counted = (severity: string): number => severities.filter((each) => each.includes(severity)).length
  deepEqual([counted("notice"), counted("warning"), counted("alarm")], [5, 10, 2])
})

test("attempts: one a minute never adds up; a row of ten is forgotten ten minutes later", () => {
  let attempts = { failed: 0, drainAt: uptime(0) }
  for (let minute = 0; minute < 100; minute++) {
    const now = uptime(minute * DRAIN_MS)
    attempts = nextAttempts(attemptsGoOn(attempts, now), now).state
    equal(attempts.failed <= 2, true)
  }
  let row = { failed: 0, drainAt: uptime(0) }
  for (let each = 0; each < 10; each++) row = nextAttempts(row, uptime(0)).state
  equal(attemptsGoOn(row, uptime(10 * DRAIN_MS - 1)).failed, 1)
  equal(attemptsGoOn(row, uptime(10 * DRAIN_MS)).failed, 0)
})

for (const [name = "", readings = "", findings = ""] of rows(`
  the house settles                     0,0,1000 10,0,1000 20,0,999 30,0,999            nothing
  the leaf swings fast                  0,0,1000 400,900,1000 0,0,1000                  nothing
  levered off its screws                0,0,1000 0,300,954 0,300,954                    tilted (alarm)
  one jolt                              0,0,1000 0,300,954 0,0,1000                     nothing
  turned upside down                    0,0,1000 0,0,-1000 0,0,-1000                    tilted (alarm)
  hung again                            0,0,1000 0,300,954 0,300,954 0,0,1000           tilted (alarm); tilted ended
  stays turned                          0,0,1000 0,300,954 0,300,954 0,300,954 0,300,954   tilted (alarm)
`))
  test(`posture: ${name}`, () => {
    const gravities = readings.split(" ").map((each): [number, number, number] => {
      const [x_mg = 0, y_mg = 0, z_mg = 0] = each.split(",").map(Number)
      return [x_mg, y_mg, z_mg]
    })
    deepEqual(said(POSTURE_UNKNOWN, gravities, nextPosture), listed(findings))
  })

test("attack 67: a debug port that stands open is an alarm, once, until it is closed", () => {
  deepEqual(said(null as boolean | null, [false, true, true, false, true], nextDebugPort), [
    "debug port open (alarm)",
    "debug port open ended",
    "debug port open (alarm)",
  ])
})
