/**
 * Somebody drills, hammers, kicks or levers: what the last windows mean together (C73, C74, C85).
 *
 *   drilling   two of the last three windows; five of six loud ones are an alarm
 *   blows      one of 2.4 g, or a kick, is worth a warning; two of 4 g apart within eight seconds are an alarm
 *   levering   four of the last twelve windows; with two hard blows, as something gives, it is the lever that did it
 *   picking    ten of the last sixteen windows rattle a little, and that is for the record only
 *
 * A strong sign is an alarm, a faint one a warning: faint drilling is just as well next door, a faint blow a knee. The leaf
 * and the bolt shake the case themselves, so nothing is judged for a second after either moved, nor while the leaf is open.
 * A blow that only woke the
 * sensor is seen in part: the windows begin 20 ms later.
 */
import { later, type Uptime, uptime } from "@holdfast/base"
import { calm, found, type Seen, type Severity } from "./finding.ts"
import { type Judged, judgeByRule } from "./judge.ts"
import { WINDOW_MS, type Window } from "./window.ts"

export const QUIET_MS = 1_000
const WINDOWS = 16

/** What is remembered of each of the last sixteen windows, the newest in the lowest bit. */
export type Vibration = {
  readonly drill: number
  readonly loudDrill: number
  readonly blow: number
  readonly hardBlow: number
  readonly hardestBlow: number
  readonly kick: number
  readonly pry: number
  readonly rattle: number
  readonly heardAt: Uptime
  readonly quietUntil: Uptime
  readonly leafOpen: boolean
}
export type VibrationFinding = "drill" | "hammer" | "kick" | "pry" | "picking"

const ZERO = uptime(0)
export const STILL: Vibration = {
  drill: 0,
  loudDrill: 0,
  blow: 0,
  hardBlow: 0,
  hardestBlow: 0,
  kick: 0,
  pry: 0,
  rattle: 0,
  heardAt: ZERO,
  quietUntil: ZERO,
  leafOpen: false,
}

/** The leaf or the bolt moved. */
export function moved(vibration: Vibration, now: Uptime, leafOpen = vibration.leafOpen): Vibration {
  return { ...vibration, leafOpen, quietUntil: later(now, QUIET_MS) }
}

/** How many of the last `windows` had it. */
function countIn(bits: number, windows: number): number {
  let count = 0
  for (let at = 0; at < windows; at++) count += (bits >> at) & 1
  return count
}

/** One window, as it was heard to its end at `now`. */
export function nextVibration(before: Vibration, now: Uptime, window: Window): Seen<Vibration, VibrationFinding> {
  if (before.leafOpen || now < before.quietUntil) return calm(before)
  const judged = judgeByRule(window)
  const state = remembered(before, now, judged)
  const meant = judged.is === "nothing" ? null : meaningOf(state)
  if (meant === null) return calm(state)
  const [is, severity] = meant
  const { rms_mg, peak_mg, tone_hz, sway_mg } = window
  return found(state, is, severity, { rms_mg, peak_mg, tone_hz, sway_mg, score: judged.score })
}

function remembered(before: Vibration, now: Uptime, { is, score }: Judged): Vibration {
  const isBlow = is === "hammer" || is === "kick"
  // While the sensor slept there were no windows, and nothing to hear in them.
  const passed = Math.max(1, Math.min(WINDOWS, Math.round((now - before.heardAt) / WINDOW_MS)))
  const shifted = (bits: number, bit: boolean): number => ((bits << passed) | Number(bit)) & 0xffff
  return {
    ...before,
    heardAt: now,
    drill: shifted(before.drill, is === "drill"),
    loudDrill: shifted(before.loudDrill, is === "drill" && score >= 100),
    blow: shifted(before.blow, isBlow),
    hardBlow: shifted(before.hardBlow, isBlow && score >= 60),
    hardestBlow: shifted(before.hardestBlow, isBlow && score >= 100),
    kick: shifted(before.kick, is === "kick"),
    pry: shifted(before.pry, is === "pry"),
    rattle: shifted(before.rattle, is === "rattle"),
  }
}

function meaningOf(state: Vibration): readonly [VibrationFinding, Severity] | null {
  if (countIn(state.drill, 3) >= 2) return ["drill", countIn(state.loudDrill, 6) >= 5 ? "alarm" : "warning"]
  const pries = countIn(state.pry, 12)
  const kicks = countIn(state.kick, 12)
  const blow = pries >= 3 ? "pry" : kicks * 2 >= countIn(state.blow, 12) ? "kick" : "hammer"
  // Two in neighbouring windows may be one thing that bounced.
  const hardest = countIn(state.hardestBlow, 12)
  if (hardest >= 3 || (hardest === 2 && (state.hardestBlow & (state.hardestBlow << 1) & 0xfff) === 0))
    return [blow, "alarm"]
  if (pries >= 4) return ["pry", "warning"]
  if (countIn(state.hardBlow, 12) >= 1 || kicks >= 1 || countIn(state.blow, 12) >= 4) return [blow, "warning"]
  return countIn(state.rattle, 16) >= 10 ? ["picking", "notice"] : null
}
