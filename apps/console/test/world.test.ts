/**
 * The console's words for the virtual hardware against those of its port. The two stand apart because the world is no part of
 * Holdfast, so it has no room in the contract; whoever changes one of them is told here, mostly by the compiler.
 */
import { type CardView, type DoorView, type PhoneView, readAct, type WorldAct } from "@holdfast/board"
import { deepEqual } from "node:assert/strict"
import { test } from "node:test"
import {
  type Act,
  type Dial,
  type Push,
  SHAKES,
  type Switched,
  WIRE_STATES,
  type WorldCard,
  type WorldDoor,
  type WorldPhone,
} from "../src/data/world.ts"

/** What the port tells is what the console reads: this file compiles only as long as that holds. */
type Fits<Told extends Read, Read> = Told
export type Telling = [Fits<DoorView, WorldDoor>, Fits<CardView, WorldCard>, Fits<PhoneView, WorldPhone>]
/** And every act of the console is one of the port's. */
const done = (act: Act): WorldAct => act

const words = <Word extends string>(all: Readonly<Record<Word, true>>): readonly Word[] => Object.keys(all) as Word[]
const PUSHES = words<Push>({
  ...{ exit: true, open: true, close: true, force: true, mend: true, dips: true },
  ...{ "mechanical key": true, bar: true, relock: true, enrolment: true, service: true },
})
const SWITCHES = words<Switched>({
  ...{ jam: true, short: true, power: true, link: true, mains: true, magnet: true, cover: true },
  ...{ "jam radio": true, external: true, corrode: true, fire: true, partner: true },
})
const DIALS = words<Dial>({ battery: true, misalign: true, temperature: true, moisture: true })

const ACTS: readonly Act[] = [
  { act: "key", key: "enter" },
  { act: "present", card: "c1" },
  { act: "present", card: "c1", reader: "out" },
  { act: "phone", phone: "p1" },
  { act: "finger", finger: "right index", alive: false },
  { act: "enrol finger", finger: "right index" },
  ...PUSHES.map((act) => ({ act })),
  ...SWITCHES.map((act) => ({ act, on: true })),
  ...DIALS.map((act) => ({ act, value: 50 })),
  ...SHAKES.map((what) => ({ act: "shake", what }) as const),
  ...WIRE_STATES.map((is) => ({ act: "line", is }) as const),
]

test("an act that nobody knows is none", () => {
  deepEqual(readAct({ act: "unlock" }), null)
})

for (const act of ACTS)
  test(`the port reads ${JSON.stringify(act)} as it was sent`, () => {
    deepEqual(readAct(JSON.parse(JSON.stringify(act))), done(act))
  })
