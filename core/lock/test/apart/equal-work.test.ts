/**
 * What must look alike at a door costs alike: all entries of one group do the same work, whatever the lock thinks of them.
 *
 * Work is counted and not timed, so that a busy machine changes nothing: each call of cryptography with its size, each effect
 * with its size, and how often each function of the core ran. How long it takes, `npm run bench -- timing` measures. It has a
 * process of its own: a function that was already optimised when the counting began would not be counted.
 */
import { nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict"
import { Session } from "node:inspector"
import { after, before, describe, test } from "node:test"
import { type Effect, turn } from "../../src/index.ts"
import { observed, only } from "../at-door.ts"
import {
  ALWAYS_TERMS,
  Board,
  type Cardholder,
  cardholder,
  Flash,
  MONDAY_8,
  pairingWith,
  policyFor,
  type Terms,
} from "../building.ts"
import { Keeper } from "../keeper.ts"

const session = new Session()
/** Counting slows whatever else runs in this process, so it ends with these tests. */
function counted(tests: () => void): void {
  describe("work that is counted", () => {
    before(() => {
      session.connect()
      session.post("Profiler.enable")
      session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false })
    })
    after(() => session.disconnect())
    tests()
  })
}

/**
 * How far two ids that are compared go together is chance, for ids are random; and the object that says "refused" is made by
 * the one or by the other.
 */
const BESIDE = /(assert\.ts assert|bytes\.ts byteAt|table\.ts (digit|idByte)|decide\.ts refuse|judging\.ts refusedFor)$/

/** How often each function of the core ran since this was last asked. */
function functionsRun(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  session.post("Profiler.takePreciseCoverage", (error, { result }) => {
    equal(error, null)
    for (const { url, functions } of result)
      for (const { functionName, ranges } of functions) {
        const [range] = ranges
        const name = `${url.replace(/^.*\/core\//, "")} ${functionName || `at ${range?.startOffset}`}`
        const isCounted = /\/core\/[a-z]+\/src\//.test(url) && !BESIDE.test(name)
        if (isCounted && range !== undefined && range.count > 0) counts.set(name, (counts.get(name) ?? 0) + range.count)
      }
  })
  return counts
}

/** An effect as it can be measured from outside: what is written is sealed, how much is not. */
function measured(effect: Effect): string {
  const is = `${effect.kind} ${effect.kind === "store" ? effect.part : ""}`
  return `${is} ${effect.kind === "store" || effect.kind === "append" ? effect.bytes.length : observed([effect])}`
}

type Work = { readonly steps: readonly string[]; readonly functions: ReadonlyMap<string, number> }

/** The work of the turn that follows the enter key, once all digits are typed. */
function workOf(board: Board, code: string): Work {
  for (const digit of code) board.input({ kind: "key", key: { press: "digit", digit: Number(digit) } })
  const steps: string[] = []
  const counting: typeof nodeCrypto = {
    ...nodeCrypto,
    sha256(bytes) {
      steps.push(`sha256 of ${bytes.length}`)
      return nodeCrypto.sha256(bytes)
    },
    hmacSha256(key, bytes) {
      steps.push(`hmac of ${bytes.length}`)
      return nodeCrypto.hmacSha256(key, bytes)
    },
  }
  functionsRun()
  const { effects } = turn(board.lock, board.now, { kind: "key", key: { press: "enter" } }, counting)
  return { functions: functionsRun(), steps: [...steps, ...effects.map(measured)] }
}

const CODES = { "ana's": "531906", "her duress": "274850", "bo's": "862413", "nobody's": "999999" } as const

const TERMS: Readonly<Record<string, Partial<Terms>>> = {
  "may pass": {},
  ended: { until_s: MONDAY_8 - 60 },
  "not yet": { from_s: MONDAY_8 + 60 },
  "other hours": { hours: [MONDAY_8 + 3_600, MONDAY_8 + 7_200] },
  revoked: { revoked: true },
}

/** What happens before the code is typed. */
const BEFORE: Readonly<Record<string, (board: Board, ana: Cardholder) => void>> = {
  nothing: () => undefined,
  "her card": (board, ana) => void board.present(ana),
  "a card with her number": (board, { tag, ...ana }) =>
    void board.present({ ...ana, tag: { ...tag, keys: new Map([[0, new Uint8Array(16)]]) } }),
  "a card of nobody's": (board) => void board.present(cardholder(board.keeper, "stranger", 99)),
  "three tries": (board) => void [1, 2, 3].map(() => board.type(CODES["nobody's"])),
}

/** A door of ana, bo and five others, some of whom come at some hours only. */
function entered(door: "pin" | "card and pin", entry: string): Work {
  const [earlier = "", code = "", terms = ""] = entry.trim().split(/ {2,}/)
  const keeper = new Keeper()
  keeper.grow()
  const ana = { ...cardholder(keeper, "ana", 1), code: CODES["ana's"], duress: CODES["her duress"] }
  const bo = { ...cardholder(keeper, "bo", 2), code: CODES["bo's"] }
  const people = [ana, bo, ...[3, 4, 5, 6, 7].map((number) => cardholder(keeper, `person ${number}`, number))]
  const office = [MONDAY_8 - 3_600, MONDAY_8 + 36_000] as const
  const granted = people.map((who, at): readonly [Cardholder, Terms] => {
    return [who, { ...ALWAYS_TERMS, ...(who === ana ? TERMS[terms] : { hours: at > 3 ? office : null }) }]
  })
  const board = new Board(keeper, new Flash(), pairingWith(keeper), MONDAY_8 * 1000)
  board.input({ kind: "linked" })
  board.take(policyFor(keeper, granted, only(door)), people)
  board.input({ kind: "unlinked" })
  BEFORE[earlier]?.(board, ana)
  const typed = Object.entries(CODES).find(([name]) => name === code)
  ok(BEFORE[earlier] !== undefined && TERMS[terms] !== undefined && typed !== undefined, `an entry reads: ${entry}`)
  return workOf(board, typed[1])
}

/** Any two rows cost the same. Each says what came before, the code, and what ana may. */
function costTheSame(title: string, door: "pin" | "card and pin", table: string): void {
  const [model = "", ...others] = table.trim().split("\n")
  for (const row of others)
    test(`${title}: ${row.trim().replaceAll(/ {2,}/g, ", ")}`, () => {
      const [one, other] = [entered(door, model), entered(door, row)]
      deepEqual(other.steps, one.steps)
      deepEqual(Object.fromEntries(other.functions), Object.fromEntries(one.functions))
      ok(one.functions.size > 100 && one.steps.length > 10, "and work was counted")
    })
}

counted(() => {
  costTheSame(
    "attack 27, attack 37: at a keypad every code that is refused costs the same (I-11)",
    "pin",
    `
  nothing      nobody's    may pass
  nothing      nobody's    revoked
  nothing      ana's       ended
  nothing      ana's       not yet
  nothing      ana's       other hours
  nothing      ana's       revoked
  nothing      her duress  ended
  nothing      her duress  revoked
`,
  )

  costTheSame(
    "attack 27, attack 36: after a card every code that is refused costs the same, and so does the card (I-11)",
    "card and pin",
    `
  her card                nobody's    may pass
  her card                bo's        may pass
  her card                ana's       ended
  her card                ana's       not yet
  her card                ana's       other hours
  her card                ana's       revoked
  her card                her duress  ended
  a card with her number  ana's       may pass
  a card with her number  nobody's    may pass
  a card of nobody's      ana's       may pass
  a card of nobody's      nobody's    may pass
`,
  )

  costTheSame(
    "attack 27: while the keypad waits, a right code costs what a wrong one does (I-11)",
    "pin",
    `
  three tries  nobody's    may pass
  three tries  ana's       may pass
  three tries  ana's       ended
  three tries  her duress  may pass
  three tries  bo's        may pass
`,
  )

  costTheSame(
    "attack 41: a code for duress opens at the cost of the ordinary one (I-17)",
    "pin",
    `
  nothing  ana's       may pass
  nothing  her duress  may pass
`,
  )

  test("attack 27: a try that comes too soon costs what one costs that is looked at", () => {
    const soon = entered("pin", "three tries  nobody's  may pass").steps
    const sizes = (steps: readonly string[]): readonly string[] =>
      steps.filter((step) => !/^(store throttle|sha256 of)/.test(step))
    const looked = entered("pin", "nothing  nobody's  may pass").steps
    deepEqual(sizes(soon), sizes(looked))
    equal(soon.length, looked.length)
  })

  test("and the count sees work: an opening is another one than a refusal", () => {
    const [opens, refuses] = [entered("pin", "nothing  ana's  may pass"), entered("pin", "nothing  ana's  ended")]
    notDeepEqual(opens.steps, refuses.steps)
    notDeepEqual(Object.fromEntries(opens.functions), Object.fromEntries(refuses.functions))
  })
})
