/** A schedule as it is typed into fields, and what the fields mean. What cannot be read says why, in one sentence. */
import type { WeekRule } from "@holdfast/access"
import { minuteWords, readMinute } from "../words/time.ts"

export type RuleText = { readonly days: number; readonly from: string; readonly until: string }

const DAY_MS = 86_400_000

export function ruleText(rule: WeekRule): RuleText {
  return { days: rule.days, from: minuteWords(rule.from_min), until: minuteWords(rule.until_min) }
}

/** The rules that the texts say, or the first thing that is wrong with them. */
export function readRules(texts: readonly RuleText[]): WeekRule[] | string {
  const rules: WeekRule[] = []
  for (const { days, from, until } of texts) {
    const from_min = readMinute(from)
    const until_min = readMinute(until)
    if (days === 0) return "Choose at least one day in each line."
    if (from_min === null || until_min === null) return "Write times like 08:00; the end of the day is 24:00."
    if (from_min >= until_min) return "A line ends after it begins. For a night, write two lines."
    rules.push({ days, from_min, until_min })
  }
  return rules.length === 0 ? "A schedule needs at least one line." : rules
}

/** Civil days since 1970-01-01 as dates: the inverse of {@link readDays}. */
export function daysText(days: readonly number[]): string {
  return days.map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10)).join(", ")
}

/** "2026-12-24, 2026-12-25" as civil days since 1970-01-01, ascending, or null. */
export function readDays(text: string): number[] | null {
  const days = new Set<number>()
  for (const word of text.split(/[\s,;]+/).filter((each) => each !== "")) {
    const at = /^\d{4}-\d{2}-\d{2}$/.test(word) ? Date.parse(`${word}T00:00:00Z`) : Number.NaN
    if (Number.isNaN(at) || at < 0) return null
    days.add(at / DAY_MS)
  }
  return [...days].sort((a, b) => a - b)
}
