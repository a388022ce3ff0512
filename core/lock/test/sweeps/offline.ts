/**
 * Which offline PINs are taken, and until when, for the mutants of offline.ts (`npm run mutate`): the later one ends and the
 * earlier it begins, the more is admitted, and so with every code that is found.
 */
import { type Crypto, idOf, unixSeconds } from "@holdfast/base"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import {
  acceptable,
  type Descriptor,
  endOf,
  OFFLINE_TYPES,
  offlineDigits,
  offlinePin,
  searchOffline,
  siteHalf,
} from "../../src/offline.ts"

const OWNER = new Uint8Array(32).fill(1)
const SITE = new Uint8Array(32).fill(2)
const NOTHING: Crypto = { ...crypto, hmacSha256: () => new Uint8Array(32) }
const HOUR_S = 3_600

/** A code's place in the list of all; none admits nothing. */
function foundAt(with_: Crypto, descriptors: readonly Descriptor[], code: string, digits: number): number {
  const found = searchOffline(with_, OWNER, SITE, descriptors, code, digits)
  return found === null ? -1 : descriptors.findIndex((each) => each === found)
}

export function* admits(): Iterable<() => number> {
  for (const at of [0, 1, HOUR_S - 1, HOUR_S, 497_000 * HOUR_S, 497_000 * HOUR_S + 299, 497_000 * HOUR_S + 301]) {
    let kept: readonly Descriptor[] | null = null
    const all = () => (kept ??= acceptable(unixSeconds(at), 7))
    for (let place = 0; place < 650; place++) {
      yield () => endOf(all()[place] ?? { type: "erase", epoch: 0, start: 0, duration: 0, sequence: 0 })
      yield () => -(all()[place]?.start ?? Infinity)
    }
    yield () => all().length
  }
  for (const type of OFFLINE_TYPES)
    for (let duration = 0; duration < 9; duration++)
      for (const start of [0, 1, 1_000]) yield () => endOf({ type, epoch: 1, start, duration, sequence: 0 })
  const few = acceptable(unixSeconds(497_000 * HOUR_S), 7).filter((_, at) => at % 50 === 0)
  for (const digits of [9, 10])
    for (const descriptor of few) {
      const code = String(offlinePin(crypto, OWNER, SITE, descriptor, digits)).padStart(digits, "0")
      for (const entered of [
        code,
        code.slice(1),
        `0${code}`,
        code.replace(/.$/, (last) => String((Number(last) + 1) % 10)),
      ])
        yield () => foundAt(crypto, few, entered, digits)
    }
  for (const entered of ["", "0", "000000000", "0000000000"]) yield () => foundAt(NOTHING, few, entered, 9)
  for (const grade of [1, 2, 3, 4]) yield () => -offlineDigits(grade)
  const halves = [1, 2].map((door) => siteHalf(crypto, SITE, idOf(new Uint8Array(16).fill(door))).join())
  yield () => (halves[0] === halves[1] ? 1 : 0)
}
