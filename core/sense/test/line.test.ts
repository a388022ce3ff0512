/**
 * The supervised line and the case switch, by tables: what was read, and what was found.
 */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { CASE_CLOSED, nextEnclosure } from "../src/enclosure.ts"
import { END_OHMS, LINE_NORMAL, lineBand, nextLine } from "../src/line.ts"

const rows = (table: string): string[][] =>
  table
    .trim()
    .split("\n")
    .map((row) => row.trim().split(/ {2,}/))

for (const [ohms = "", is = ""] of rows(`
  0           shorted
  2349        shorted
  2350        shifted
  4229        shifted
  4230        normal
  4700        normal
  5170        normal
  5171        shifted
  8459        shifted
  8460        active
  9400        active
  10340       active
  10341       shifted
  37599       shifted
  37600       cut
  1000000000  cut
`))
  test(`a loop of ${ohms} ohms is ${is}`, () => equal(lineBand(Number(ohms)), is))

function readings(ohms: readonly number[]): string[] {
  let line = LINE_NORMAL
  return ohms.flatMap((each) => {
    const seen = nextLine(line, each)
    line = seen.state
    const said = seen.found === null ? [] : [`${seen.found.is} (${seen.found.severity})`]
    return seen.ended === null ? said : [`${seen.ended} ended`, ...said]
  })
}

for (const [name = "", ohms = "", findings = ""] of rows(`
  the contact opens and closes        4700 9400 9400 4700 4700           nothing
  one reading in a bouncing contact   4700 20000 9400 9400 4700 4700     nothing
  the wire is cut                     4700 90000 90000                   line cut (alarm)
  cut and mended                      90000 90000 4700 4700              line cut (alarm); line cut ended
  bridged near the board              50 50                              line shorted (alarm)
  another resistor put in its place   6800 6800                          line shifted (alarm)
  bridged, then cut                   50 50 90000 90000                  line shorted (alarm); line shorted ended; line cut (alarm)
  a cut that stays says so once       90000 90000 90000 90000            line cut (alarm)
`))
  test(`line: ${name}`, () => {
    deepEqual(readings(ohms.split(" ").map(Number)), findings === "nothing" ? [] : findings.split("; "))
  })

test("every resistance from a short to an open wire is in one band, and only the two expected ones are no finding", () => {
  for (let ohms = 0; ohms < END_OHMS * 10; ohms += 7) {
    const seen = nextLine({ is: "normal", next: lineBand(ohms) }, ohms)
    equal(seen.found === null, ["normal", "active"].includes(lineBand(ohms)), `${ohms} ohms`)
  }
})

test("the case: each opening is found once, with how often; closing it ends the finding", () => {
  let enclosure = CASE_CLOSED
  const said = [true, true, false, false, true].map((open) => {
    const seen = nextEnclosure(enclosure, open)
    enclosure = seen.state
    return [seen.found?.evidence["openings"] ?? null, seen.ended]
  })
  deepEqual(said, [
    [1, null],
    [null, null],
    [null, "case opened"],
    [null, null],
    [2, null],
  ])
})
