/** Alarm sheets and questions of the vectors. */
import { unixMillis } from "@holdfast/base"
import type { Acknowledged, AlarmSheet } from "../src/sheet.ts"
import { door, person } from "./building.ts"
import { AT, SALT } from "./vector-changes.ts"

const at = (minutes: number) => unixMillis((AT + 60 * minutes) * 1000)

export const SHEETS: readonly AlarmSheet[] = [
  { at_ms: at(0), more: 0, alarms: [] },
  {
    at_ms: at(9),
    more: 3,
    alarms: [
      {
        door: door("lab"),
        person: person("ana"),
        entries: 2,
        first_ms: at(1),
        last_ms: at(2),
        record: { sequence: 7, salt: SALT, detail: Uint8Array.of(0xa1, 6, 1) },
        acknowledged: null,
        personName: { salt: SALT, text: "Ana" },
        doorName: { salt: SALT, text: "Lab 2" },
      },
      {
        door: door("lab"),
        person: null,
        entries: 1,
        first_ms: at(0),
        last_ms: at(0),
        record: null,
        acknowledged: { by: person("bo"), at_ms: at(1) },
        personName: null,
        doorName: null,
      },
    ],
  },
]

export const QUESTIONS: readonly (readonly Acknowledged[])[] = [[], [{ door: door("lab"), through_ms: at(2) }]]
