/** What a door may be told to do, as bytes: old configurations keep theirs, and rules that work against each other are none. */
import { idBytes } from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { actNumber, ACTS, NARROWING_ACTS, readAct, readActBits, readActValue } from "../src/act.ts"
import { CONFIGS, DAY, fromCbor, modesWith, PLAIN, toCbor } from "./vector-config.ts"

test("a configuration that says nothing new has the nine keys that it always had", () => {
  const value = toCbor(PLAIN)
  deepEqual(value instanceof Map ? [...value.keys()] : null, [0, 1, 2, 3, 4, 5, 6, 7, 8])
  deepEqual(fromCbor(value), PLAIN)
})

test("every rule comes back as it was said, alone and together", () => {
  for (const config of CONFIGS) deepEqual(fromCbor(toCbor(config)), config)
})

// why it is none | what is set over a sound configuration
const UNSOUND: Readonly<Record<string, Partial<typeof PLAIN>>> = {
  "a delayed way out that loss of power does not free": { delayedEgress_s: 15, fireReleases: true },
  "a delayed way out that fire does not free": { delayedEgress_s: 15, failMode: "safe" },
  "a way out that waits 16 s": { delayedEgress_s: 16, failMode: "safe", fireReleases: true },
  "a door of a pair that stands unlocked": { interlock: true, modes: modesWith("by schedule") },
  "a number that anybody can copy, at threat level 1": { threatFactors: ["identifier"] },
}
for (const [name, rules] of Object.entries(UNSOUND))
  test(`refused: ${name}`, () => equal(fromCbor(toCbor({ ...PLAIN, ...rules })), null))

test("a rule written at its standard, or beyond its range, is refused", () => {
  const plain = toCbor(PLAIN)
  const wrong: readonly (readonly [number, Cbor])[] = [
    [15, 20_000],
    [15, 999],
    [16, 60_000],
    [17, 0],
    [17, 1],
    [17, 0x1000],
    [18, 0],
    [18, 2],
    [19, []],
    [19, [1, 1, 1, 1, 1]],
    [20, 0],
    [20, 3],
    [21, 0],
    [22, 0],
    [23, 0],
    [24, 1],
    [30, 0],
    [30, new Map([[0, 2]])],
    [31, [4, 4, 2_500]],
    [31, [0, 0, 2_500]],
    [31, [0, 4, 99]],
    [31, [0, 4, 2_500, 1]],
    [32, 0],
    [32, 86_401],
    [46, []],
    [46, [new Uint8Array(31)]],
    [46, [new Uint8Array(32), new Uint8Array(32)]],
    [46, [new Uint8Array(32).fill(2), new Uint8Array(32).fill(1)]],
    [47, [0, 1_440]],
    [47, [60, 60]],
    [47, [60]],
  ]
  for (const [key, value] of wrong)
    equal(plain instanceof Map ? fromCbor(new Map(plain).set(key, value)) : PLAIN, null, `${key}`)
  const modes: readonly Cbor[] = [
    [idBytes(DAY), 1, 0],
    [idBytes(DAY), 1, 3],
    [idBytes(DAY), 1, 1, 1],
  ]
  for (const mode of modes)
    equal(plain instanceof Map ? fromCbor(new Map(plain).set(2, [mode, [null, 1]])) : PLAIN, null)
  equal(plain instanceof Map ? fromCbor(new Map(plain).set(2, [[null, 1, 1]])) : PLAIN, null, "office has hours")
})

test("every act has its number and its bit, and says no value that is not its own", () => {
  for (const act of ACTS) {
    equal(readAct(actNumber(act)), act)
    deepEqual(readActBits(2 ** actNumber(act)), [act])
  }
  deepEqual(NARROWING_ACTS, ["lockdown", "threat level", "locate"])
  deepEqual([readAct(0), readAct(12), readActBits(1), readActBits(4_096)], [null, null, null, null])
  deepEqual(
    [readActValue("service", 0), readActValue("service", 60), readActValue("service", 28_801)],
    [null, 60, null],
  )
  deepEqual([readActValue("unlock", 0), readActValue("unlock", 1), readActValue("threat level", 5)], [0, null, null])
})
