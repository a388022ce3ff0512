/** What the door panel may ask of the world: bad asks first. */
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { readAct } from "../src/world-act.ts"

const NOTHING: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { act: "unlock" },
  { act: "mains" },
  { act: "external", on: 1 },
  { act: "battery" },
  { act: "battery", value: "50" },
  { act: "battery", value: 101 },
  { act: "battery", value: -1 },
  { act: "misalign", value: Number.NaN },
  { act: "temperature", value: 61 },
  { act: "temperature", on: true },
]
for (const body of NOTHING) test(`no act: ${JSON.stringify(body)}`, () => equal(readAct(body), null))

const ACTS = [
  { act: "mains", on: false },
  { act: "external", on: true },
  { act: "magnet", on: true },
  { act: "corrode", on: false },
  { act: "battery", value: 0 },
  { act: "misalign", value: 100 },
  { act: "temperature", value: -40 },
] as const
for (const act of ACTS)
  test(`${act.act} is an act`, () => deepEqual<unknown>(readAct({ ...act, more: "ignored" }), act))
