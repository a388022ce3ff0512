/**
 * What one window looks like by itself: the rules that stand where a learned model may stand later, behind the same type.
 *
 * The figures are from the table of the physics: a drill is a steady tone of 17 to 103 Hz with 0.05 to 1 g at the lock case,
 * a hammer a short blow and a kick a push of 10 to 30 ms of 3 g and more, a lever leans the case by 5 to 60 thousandths of g
 * and makes it creak. Knocks stay below 2 g. What several windows mean together is `vibration.ts`'s business.
 */
import type { Window } from "./window.ts"

export type Judged = {
  readonly is: "drill" | "hammer" | "kick" | "pry" | "rattle" | "nothing"
  /** How sure or how strong, 0 to 100. */
  readonly score: number
}
/** The port for any judge of windows, ruled or learned. */
export type Judge = (window: Window) => Judged

const DRILL_MG_MIN = 40
const LOUD_DRILL_MG = 160
const DRILL_TONE_PERCENT_MIN = 15
const BLOW_MG_MIN = 1_200
/** A blow dies away; what shakes in more blocks of 40 ms than this is no blow. */
const STEADY_BLOW_MAX = 12
/** Two samples and more: longer than steel on steel or a fist. */
const KICK_WIDTH_MS_MIN = 7
const CREAK_MG_MIN = 50
const LEAN_MG_MIN = 10
const RATTLE_MG_MIN = 25
const NOTHING: Judged = { is: "nothing", score: 0 }

/** The rms between 12 and 200 Hz: what is left when slow swinging is taken away. */
function shakingOf({ octaves_mg }: Window): number {
  return Math.round(Math.sqrt(octaves_mg.slice(0, 4).reduce((sum, each) => sum + each * each, 0)))
}

const percent = (value: number, full: number): number => Math.min(100, Math.round((value * 100) / full))

/** The judge of this version. A blow scores 100 at 4 g, drilling at 160 mg rms: louder than most drills behind a wall. */
export const judgeByRule: Judge = (window) => {
  const { peak_mg, width_ms, steady, tone_percent, sway_mg } = window
  const shaking_mg = shakingOf(window)
  const isBlow = peak_mg >= BLOW_MG_MIN && steady <= STEADY_BLOW_MAX
  if (isBlow && peak_mg >= 4 * shaking_mg)
    return { is: width_ms >= KICK_WIDTH_MS_MIN ? "kick" : "hammer", score: percent(peak_mg, 4_000) }
  const isEven = steady >= 13 && peak_mg <= 5 * shaking_mg
  if (shaking_mg >= DRILL_MG_MIN && isEven && tone_percent >= DRILL_TONE_PERCENT_MIN)
    return { is: "drill", score: percent(shaking_mg, LOUD_DRILL_MG) }
  if (shaking_mg >= CREAK_MG_MIN && sway_mg >= LEAN_MG_MIN && sway_mg < shaking_mg && steady <= 12)
    return { is: "pry", score: percent(sway_mg, 60) }
  if (isBlow) return { is: "hammer", score: percent(peak_mg, 4_000) }
  return shaking_mg >= RATTLE_MG_MIN ? { is: "rattle", score: percent(shaking_mg, 100) } : NOTHING
}
