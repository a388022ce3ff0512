/**
 * What a run of tests comes to, and the line in which one process tells another: `totals: {"passed":3,"failed":0,"skipped":0}`.
 */

export type Totals = { readonly passed: number; readonly failed: number; readonly skipped: number }

const TOTALS = "totals: "
const JSON_OF_TOTALS = /^\{"passed":(\d+),"failed":(\d+),"skipped":(\d+)\}$/

/** The last line of a process of tests. */
export const totalsLine = (totals: Totals): string => TOTALS + JSON.stringify(totals)

/** The totals that a process told last, and what it said beside them; null where it told none, or was stopped while it did. */
export function totalsIn(said: string): { readonly totals: Totals; readonly rest: string } | null {
  const at = said.lastIndexOf(TOTALS)
  if (at < 0) return null
  const [line = "", ...after] = said.slice(at + TOTALS.length).split("\n")
  const counts = JSON_OF_TOTALS.exec(line)?.slice(1).map(Number)
  if (counts === undefined) return null
  const [passed = 0, failed = 0, skipped = 0] = counts
  return { totals: { passed, failed, skipped }, rest: said.slice(0, at) + after.join("\n") }
}

export const NONE: Totals = { passed: 0, failed: 0, skipped: 0 }

export const sum = (a: Totals, b: Totals): Totals => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})
