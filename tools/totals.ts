/**
 * What a run of tests comes to, and the line in which one process tells another.
 */

export type Totals = { readonly passed: number; readonly failed: number; readonly skipped: number }

/** A process of tests ends with this word and its totals as JSON, on a line of their own. */
export const TOTALS = "totals: "

export const NONE: Totals = { passed: 0, failed: 0, skipped: 0 }

export const sum = (a: Totals, b: Totals): Totals => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})
