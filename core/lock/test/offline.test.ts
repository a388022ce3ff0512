/** How long each offline PIN may be used, from when, and that only a whole one is ever found. */
import { unixSeconds } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { acceptable, type Descriptor, endOf, searchOffline } from "../src/offline.ts"

const HOUR_S = 3_600

// type | its duration's number | hours (or minutes) from its beginning to its end
const LENGTHS = `
  one-time   0  24 h
  erase      0  24 h
  timed      0  1 h
  timed      1  4 h
  timed      2  12 h
  timed      3  24 h
  timed      4  72 h
  timed      5  168 h
  timed      6  336 h
  timed      7  720 h
  momentary  0  10 min
`
for (const row of LENGTHS.trim().split("\n")) {
  const [type = "", duration = "", length = ""] = row.trim().split(/ {2,}/)
  test(`R28: a ${type} code of duration ${duration} ends ${length} after it was to begin`, () => {
    const word = (["one-time", "timed", "erase", "momentary"] as const).find((each) => each === type)
    const [count = "", unit = ""] = length.split(" ")
    const begin = type === "momentary" ? 300 : HOUR_S
    const descriptor: Descriptor = {
      type: word ?? "erase",
      epoch: 1,
      start: 1_000,
      duration: Number(duration),
      sequence: 0,
    }
    equal(endOf(descriptor), 1_000 * begin + Number(count) * (unit === "h" ? HOUR_S : 60))
  })
}

test("the first codes of all begin with the epoch, none before it, and each begins at most a day ago", () => {
  equal(Math.min(...acceptable(unixSeconds(0), 1).map(({ start }) => start)), 0)
  for (const hour of [0, 5, 24, 497_000]) {
    const starts = acceptable(unixSeconds(hour * HOUR_S), 1).filter(({ type }) => type !== "momentary")
    equal(Math.max(...starts.map(({ start }) => start)), hour)
    equal(Math.min(...starts.map(({ start }) => start)), Math.max(0, hour - 23))
  }
  const moments = acceptable(unixSeconds(3_000), 1).filter(({ type }) => type === "momentary")
  deepEqual(
    moments.map(({ start }) => start),
    [10, 9],
  )
})

test("attack 27: a code that is not whole is none, even where its digits would fit", () => {
  const nothing = { ...crypto, hmacSha256: () => new Uint8Array(32) }
  const descriptors = acceptable(unixSeconds(497_000 * HOUR_S), 1)
  const find = (code: string): Descriptor | null =>
    searchOffline(nothing, new Uint8Array(32), new Uint8Array(32), descriptors, code, 9)
  equal(find("000000000"), descriptors.at(-1), "every code is 0 here")
  for (const code of ["", "0", "00000000", "0000000000", "00000000x"]) equal(find(code), null, code)
})
