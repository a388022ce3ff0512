/** What is shown at a door: one denial, equal keys, decoys around a code, two people together. */
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { nodeCrypto } from "@holdfast/port-node"
import { guessesIn, PIN_DIGITS } from "../src/codes.ts"
import { type Effect, turn } from "../src/index.ts"
import { KEYPAD } from "../src/throttle.ts"
import { last, observed, only, two } from "./at-door.ts"
import { ALWAYS_TERMS, type Board, type Cardholder, cardholder, MONDAY_8, policyFor } from "./building.ts"

/** The order and the sizes of all that is written and done, without the card's fresh challenges. */
function work(effects: readonly Effect[]): string {
  return effects
    .flatMap((each) => {
      if (each.kind === "store") return [`store ${each.part}`]
      return each.kind === "append" || each.kind === "show" || each.kind === "drive" ? [each.kind] : []
    })
    .join(" ")
}

test("attack 35: every key feels the same, right or wrong, in every state of the keypad (R7, I-12)", () => {
  const { board, ana } = two(only("pin"))
  const felt = new Set<string>()
  for (const digits of [ana.code, "999999", "00000000000000000000"])
    for (const letter of digits)
      felt.add(observed(board.input({ kind: "key", key: { press: "digit", digit: Number(letter) } })))
  felt.add(observed(board.input({ kind: "key", key: { press: "clear" } })))
  felt.add(observed(board.input({ kind: "key", key: { press: "enter" } })))
  deepEqual([...felt], ["busy"])
})

/** Every way in which a door that wants card and code says no, by the reason that only the journal knows. */
type Refused = { readonly because: string; readonly seen: string; readonly work: string }
function refusals(): readonly Refused[] {
  const found: Refused[] = []
  const attempt = (act: (at: ReturnType<typeof two> & { stranger: Cardholder }) => readonly Effect[]): void => {
    const at = two(only("card and pin"))
    const effects = act({ ...at, stranger: cardholder(at.board.keeper, "cy", 40) })
    found.push({ because: last(at.board), seen: observed(effects), work: work(effects) })
  }
  const give = (board: Board, who: Cardholder, terms: Partial<typeof ALWAYS_TERMS>): void => {
    board.take(policyFor(board.keeper, [[who, { ...ALWAYS_TERMS, ...terms }]], only("card and pin")), [who])
  }
  const show = (board: Board, who: Cardholder, code: string): readonly Effect[] => {
    return [...board.present(who), ...board.type(code)].filter(({ kind }) => kind !== "send" && kind !== "sign batch")
  }
  attempt(({ board, ana }) => show(board, ana, "999999"))
  attempt(({ board, ana, bo }) => show(board, ana, bo.code))
  attempt(({ board, stranger }) => show(board, stranger, "999999"))
  attempt(({ board, ana }) => {
    return show(board, { ...ana, tag: { ...ana.tag, keys: new Map([[0, new Uint8Array(16)]]) } }, ana.code)
  })
  for (const terms of [
    { revoked: true },
    { from_s: MONDAY_8 + 60 },
    { until_s: MONDAY_8 - 60 },
    { hours: [1, 2] as const },
  ])
    attempt(({ board, ana }) => {
      give(board, ana, terms)
      return show(board, ana, ana.code)
    })
  attempt(({ board, ana }) => {
    board.pass(25 * 3_600_000)
    return show(board, ana, ana.code)
  })
  attempt(({ board, ana }) => {
    for (let i = 0; i < 3; i++) show(board, ana, "999999")
    return show(board, ana, ana.code)
  })
  return found
}

test("attack 36: every refusal is one and the same at the door, whatever failed (R8, I-11)", () => {
  const found = refusals()
  equal(new Set(found.map(({ because }) => because)).size, 9, found.map(({ because }) => because).join(", "))
  equal(new Set(found.map(({ seen }) => seen)).size, 1)
  ok(found[0]?.seen.endsWith("denied"))
})

test("attack 27, attack 37: it is the same work too: the same writes in the same order, known or unknown, throttled or not", () => {
  equal(new Set(refusals().map((each) => each.work)).size, 1)
})

test("attack 37: a code that is nobody's is looked up and decided on like one that is somebody's", () => {
  const { board, ana } = two(only("pin"))
  const calls = (code: string): number => {
    let count = 0
    const counting = {
      ...nodeCrypto,
      hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
        count++
        return nodeCrypto.hmacSha256(key, bytes)
      },
    }
    let { lock } = board
    for (const letter of code)
      lock = turn(lock, board.now, { kind: "key", key: { press: "digit", digit: Number(letter) } }, counting).state
    turn(lock, board.now, { kind: "key", key: { press: "enter" } }, counting)
    return count
  }
  equal(calls("999999"), calls(ana.code))
})

test("attack 32: a code may stand anywhere among decoys, within a bounded entry", () => {
  const config = { ...only("pin"), decoyDigits_max: 8 }
  for (let before = 0; before <= 8; before++)
    for (let after = 0; before + after <= 8; after++) {
      const { board, ana } = two(config)
      board.type(`${"9".repeat(before)}${ana.code}${"9".repeat(after)}`)
      equal(board.bolt, "drawn", `${before} before, ${after} after`)
    }
  const { board, ana } = two(config)
  board.type(`${ana.code}${"9".repeat(9)}`)
  equal(last(board), "refused: unknown credential", "one digit too many")
  const plain = two(only("pin"))
  plain.board.type(`9${plain.ana.code}`)
  equal(last(plain.board), "refused: unknown credential", "a door that allows none")
})

test("attack 32: the work does not depend on where the code stood, or on whether it was one", () => {
  const counts = new Set<number>()
  const { board, ana } = two({ ...only("pin"), decoyDigits_max: 8 })
  for (const entry of [ana.code, `9${ana.code}`, `99999999${ana.code}`, "123", "99999999999999", "0".repeat(20)]) {
    let count = 0
    const counting = {
      ...nodeCrypto,
      hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
        if (key === board.pairing.codeKey) count++
        return nodeCrypto.hmacSha256(key, bytes)
      },
    }
    let { lock } = board
    for (const letter of entry)
      lock = turn(lock, board.now, { kind: "key", key: { press: "digit", digit: Number(letter) } }, counting).state
    turn(lock, board.now, { kind: "key", key: { press: "enter" } }, counting)
    counts.add(count)
  }
  deepEqual([...counts], [9])
})

test("attack 33: with decoys the same code is entered by other keys each time", () => {
  const { board, ana } = two({ ...only("pin"), decoyDigits_max: 4 })
  for (const decoys of ["12", "3456", "7890"]) {
    board.type(`${decoys}${ana.code}`)
    equal(board.bolt, "drawn")
    board.pushThrough()
    board.pass(20_000)
  }
})

test("attack 24: decoys give no guesses away: every place where a code could stand counts", () => {
  deepEqual(
    [4, 6, 7, 10, 14, 20].map((length) => guessesIn("1".repeat(length), 8)),
    [1, 1, 2, 5, 9, 9],
  )
  equal(guessesIn("1".repeat(14), 0), 1)
  const { board } = two({ ...only("pin"), decoyDigits_max: 8 })
  for (let hour = 0; hour < 23; hour++) {
    board.type("9".repeat(PIN_DIGITS + 8))
    board.pass(3_600_000)
  }
  const recent = board.lock.throttle.counts.get(KEYPAD)?.recent ?? []
  equal(recent.length, 36, "four entries of nine guesses, and no fifth in a day of forty")
})

test("attack 29: a storm at the keypad keeps no card and no finger out, and nobody in", () => {
  const { board, ana } = two(only("card or pin"))
  for (let i = 0; i < 50; i++) board.type("999999")
  board.present(ana)
  equal(board.bolt, "drawn")
  board.pushThrough()
  board.input({ kind: "request to exit" })
  ok(board.published().includes("request to exit: done"))
})

test("attack 28: the count is stored before the code is looked at, right or wrong", () => {
  const { board, ana } = two(only("pin"))
  for (const code of ["999999", ana.code]) {
    const done = board.type(code).map((each) => (each.kind === "store" ? `store ${each.part}` : each.kind))
    ok(done.indexOf("store throttle") < done.indexOf("append"))
  }
})

test("R17: two different people within the window open, one person twice does not", () => {
  const { board, ana, bo } = two({ ...only("card"), twoPerson_ms: 10_000 })
  equal(observed(board.present(ana)), "busy")
  equal(last(board), "second person awaited: done")
  board.present(ana)
  equal(board.bolt, "thrown", "the same person again")
  board.pass(9_000)
  board.present(bo)
  equal(board.bolt, "drawn")
  equal(last(board), "admitted: done")
})

test("R17: past the window both begin anew, and the first is told as in any denial", () => {
  const { board, ana, bo } = two({ ...only("card"), twoPerson_ms: 2_000 })
  board.present(ana)
  ok(observed(board.pass(2_000)).endsWith("denied"))
  equal(last(board), "refused: no second person")
  board.present(bo)
  equal(board.bolt, "thrown")
  board.pass(1_000)
  board.present(ana)
  equal(board.bolt, "drawn")
})

test("R17: somebody without a right is no second person", () => {
  const { board, ana } = two({ ...only("card"), twoPerson_ms: 10_000 })
  board.present(ana)
  board.present(cardholder(board.keeper, "cy", 40))
  equal(board.bolt, "thrown")
  equal(last(board), "refused: unknown credential")
})

test("R17: what the first sees is what anybody sees whose factor waits for another", () => {
  const pair = two({ ...only("card"), twoPerson_ms: 10_000 })
  const both = two(only("card and pin"))
  equal(observed(pair.board.present(pair.ana)), observed(both.board.present(both.ana)))
})

test("the key of last resort and power from outside are recorded facts", () => {
  const { board } = two(only("card"))
  board.input({ kind: "mechanical key turned" })
  board.input({ kind: "emergency power applied" })
  const facts = board.published().filter((each) => /^(mechanical|emergency)/.test(each))
  deepEqual(facts, ["mechanical key turned: done", "emergency power applied: done"])
  equal(board.bolt, "thrown", "and nothing is moved by them")
})
