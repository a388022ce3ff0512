/** A report from a door: signed by its lock, readable by a locksmith, and judged by rules that stand in a table. */
import { nodeCrypto as crypto, newEs256 } from "@holdfast/port-node"
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  type Diagnosis,
  DIAGNOSIS_BYTES_MAX,
  diagnose,
  diagnosisText,
  diagnosisToSign,
  findingsOf,
  openDiagnosis,
  type Readings,
} from "@holdfast/lock/diagnosis"
import { house } from "./building.ts"

const key = newEs256()
const READINGS: Readings = {
  temperature_c: 21,
  humidity_percent: 40,
  isDebugOpen: false,
  seen: ["good", "good", "good", "good", "good"],
}

function report(changed: Partial<Diagnosis> = {}): Diagnosis {
  const { board } = house()
  return { ...diagnose(board.lock, board.now, READINGS), ...changed }
}

function signed(of: Diagnosis): {
  readonly bytes: Uint8Array
  readonly site: ReturnType<typeof house>["keeper"]["site"]
} {
  const { site } = house().keeper
  const signable = diagnosisToSign(crypto, site, key.publicKey, of)
  return { bytes: signable.finish(key.sign(signable.bytes)), site }
}

// what is measured or seen | what the locksmith reads
const ROWS: readonly (readonly [string, Partial<Diagnosis>, readonly string[]])[] = [
  ["nothing", {}, []],
  ["attack 67: the debug port answers", { isDebugOpen: true }, ["debug port open"]],
  ["an empty battery", { battery: "empty" }, ["battery empty"]],
  ["a critical battery", { battery: "critical" }, ["battery low"]],
  ["corroded contacts", { contact: "corroded" }, ["contacts corroded"]],
  ["a loose contact", { contact: "intermittent" }, ["contact intermittent"]],
  ["a throw 11 % heavier than learnt", { fit_permille: 1_119 }, []],
  ["a throw 12 % heavier than learnt", { fit_permille: 1_120 }, ["bolt rubs"]],
  ["a bolt that stalls in 999 throws", { fit_permille: 1_300, throwsLeft: 999 }, ["bolt rubs", "bolt about to stall"]],
  ["59 % moisture", { humidity_percent: 59 }, []],
  ["60 % moisture", { humidity_percent: 60 }, ["moist"]],
  ["80 % moisture", { humidity_percent: 80 }, ["water in the case"]],
  ["-25 degrees", { temperature_c: -25 }, []],
  ["-26 degrees", { temperature_c: -26 }, ["out of its temperature range"]],
  ["a broken gasket", { seen: ["broken", "good", "good", "good", "good"] }, ["seal broken"]],
  ["a worn strip", { seen: ["good", "good", "good", "good", "worn"] }, ["seal worn"]],
  ["a list half done", { seen: ["good", "good", "not looked at", "good", "good"] }, ["not looked at"]],
]
for (const [what, changed, expected] of ROWS)
  test(`a diagnosis with ${what}: ${expected.join(", ") || "nothing to do"}`, () =>
    deepEqual(
      findingsOf(report(changed)).map(({ finding }) => finding),
      expected,
    ))

test("a signed report comes back as it was made; with any byte changed, or under another key, it is none", () => {
  for (const made of [
    report(),
    report({ temperature_c: -30, throwsLeft: 12, share_percent: 31, firmware: "1.2.3+4" }),
  ]) {
    const { bytes, site } = signed(made)
    ok(bytes.length <= DIAGNOSIS_BYTES_MAX)
    deepEqual(openDiagnosis(crypto, site, key.publicKey, bytes), made)
    equal(openDiagnosis(crypto, site, newEs256().publicKey, bytes), null)
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      equal(openDiagnosis(crypto, site, key.publicKey, changed), null, `byte ${at}`)
    }
  }
})

test("a locksmith reads it without a program: measured, looked at, to do", () => {
  const text = diagnosisText(
    report({ humidity_percent: 85, seen: ["broken", "good", "good", "good", "good"] }),
    "2026-11-23 08:00",
  )
  match(text, /^Diagnosis of door d0d0.*, 2026-11-23 08:00\n/)
  match(text, /Case {7}21 degrees, 85 % moisture/)
  match(text, /gasket {9}broken/)
  match(text, /- water in the case: Dry the case/)
  match(diagnosisText(report(), "now"), /Nothing to do\./)
})

test("the journal names the report by its hash, so that no other takes its place", () => {
  const { board } = house()
  board.input({ kind: "diagnosed", report: crypto.sha256(Uint8Array.of(1)) })
  board.pass(1_000)
  ok(board.published().includes("diagnosis made: done"))
})
