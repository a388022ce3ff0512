/**
 * How old a fact is, in the fewest words that are still true: "now", "12 s", "3 min", "5 h", "9 d", "2 y".
 *
 * Rounded down, so that an age is never shown younger than the next step. A fact from the future (two clocks that differ)
 * is "now": the console does not know better.
 */

const STEPS = [
  { unit: "y", ms: 31_536_000_000 },
  { unit: "d", ms: 86_400_000 },
  { unit: "h", ms: 3_600_000 },
  { unit: "min", ms: 60_000 },
  { unit: "s", ms: 1_000 },
] as const

/** Younger than this is drawn in full ink. */
export const FRESH_MS_MAX = 60_000
/** A door that said nothing for longer is not known to be in any state: four missed beats of 15 s. */
export const HEARD_MS_MAX = 60_000

export function ageWords(age_ms: number): string {
  for (const { unit, ms } of STEPS) if (age_ms >= ms) return `${Math.floor(age_ms / ms)} ${unit}`
  return "now"
}

/** "12 s ago", or "just now". */
export function agoWords(age_ms: number): string {
  return age_ms < 1_000 ? "just now" : `${ageWords(age_ms)} ago`
}

/** "in 3 h", "12 s ago": where a moment lies seen from now. */
export function whenWords(at_ms: number, now_ms: number): string {
  return at_ms > now_ms ? `in ${ageWords(at_ms - now_ms)}` : agoWords(now_ms - at_ms)
}
