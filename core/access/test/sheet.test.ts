/** The alarm sheet and its question: one size, whatever stands on them, and nothing else reads. */
import { fromHex } from "@holdfast/base/text"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import {
  type AlarmSheet,
  BOOK_SIZE,
  decodeQuestion,
  decodeSheet,
  encodeQuestion,
  encodeSheet,
  QUESTION_SIZE,
  SHEET_SIZE,
  type SilentAlarm,
} from "../src/sheet.ts"
import { QUESTIONS, SHEETS } from "./vector-sheet.ts"

type File = { readonly sheets: readonly { hex: string }[]; readonly questions: readonly { hex: string }[] }
const file: File = JSON.parse(readFileSync(new URL("../../../vectors/access-sheet.json", import.meta.url), "utf8"))

function page(hex: string | undefined, size: number): Uint8Array {
  const bytes = fromHex(hex ?? "") ?? new Uint8Array(0)
  const whole = new Uint8Array(size)
  whole.set(bytes)
  return whole
}

/** No byte before the zeros may be missing, and behind them there is nothing else. */
function isStrict(bytes: Uint8Array, read: (bytes: Uint8Array) => unknown): void {
  const end = bytes.findLastIndex((byte) => byte !== 0) + 1
  for (let size = 0; size < end; size++) equal(read(bytes.subarray(0, size)), null)
  const written = bytes.slice()
  written[written.length - 1] = 1
  equal(read(written), null)
}

for (const [at, sheet] of SHEETS.entries())
  test(`attack 44: sheet ${at} is read as it was written, at one size`, () => {
    const bytes = encodeSheet(sheet, SHEET_SIZE)
    equal(bytes.length, SHEET_SIZE)
    deepEqual(bytes, page(file.sheets[at]?.hex, SHEET_SIZE))
    deepEqual(decodeSheet(bytes), sheet)
    isStrict(bytes, decodeSheet)
  })

for (const [at, doors] of QUESTIONS.entries())
  test(`attack 44: question ${at} is read as it was written, at one size`, () => {
    const bytes = encodeQuestion(doors)
    deepEqual(bytes, page(file.questions[at]?.hex, QUESTION_SIZE))
    deepEqual(decodeQuestion(bytes), doors)
    isStrict(bytes, decodeQuestion)
  })

test("what finds no room is counted, never dropped, and the first alarms stay", () => {
  const [, filled] = SHEETS
  const [alarm] = filled?.alarms ?? []
  ok(filled !== undefined && alarm !== undefined)
  for (const [count, size] of [
    [20, SHEET_SIZE],
    [200, BOOK_SIZE],
  ] as const) {
    const alarms: SilentAlarm[] = Array.from({ length: count }, (_, entries) => ({ ...alarm, entries }))
    const many: AlarmSheet = { ...filled, more: 0, alarms }
    const read = decodeSheet(encodeSheet(many, size))
    ok(read !== null && read.alarms.length > 4 && read.more > 0)
    equal(read.alarms.length + read.more, count)
    deepEqual(read.alarms, alarms.slice(0, read.alarms.length))
  }
})

const NO_SHEETS = ["", "0001a0", "0004a3000001", "0006a30000010002f6", "0009a300000100028180", "ffff"]
for (const hex of NO_SHEETS) test(`no sheet: ${hex}`, () => equal(decodeSheet(page(hex, SHEET_SIZE)), null))
