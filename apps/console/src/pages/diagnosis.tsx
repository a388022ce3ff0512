/**
 * A diagnosis in the field: taken here at a virtual door, or brought as a file by whoever was there. It is shown only if the
 * paired lock signed it, and says so when the journal names its hash.
 */
import type { DoorId } from "@holdfast/base"
import { fromBase64, toHex } from "@holdfast/base/text"
import {
  type Diagnosis,
  DIAGNOSIS_BYTES_MAX,
  findingsOf,
  openDiagnosis,
  SEALINGS,
  SEEN,
  type SeenWord,
} from "@holdfast/lock/diagnosis"
import { webCrypto } from "@holdfast/port-web"
import { type ReactNode, useState } from "react"
import { useDesk, useSiteState } from "../app/desk.ts"
import { useStore } from "../data/store.ts"
import type { WorldPort } from "../data/world.ts"
import { Age } from "../parts/age.tsx"
import { Seal } from "../parts/seal.tsx"
import { Short } from "../parts/short.tsx"
import { saveFile } from "./save-file.ts"

type Shown = { readonly report: Diagnosis; readonly bytes: Uint8Array }

const STRANGE = "This is no report that this door's lock signed, so nothing of it is shown."

export function DiagnosisPanel({ id }: { id: DoorId }) {
  const desk = useDesk()
  const key = useSiteState()?.doors.get(id)?.lock?.journalKey ?? null
  const [shown, setShown] = useState<Shown | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  if (key === null) return null
  const open = (bytes: Uint8Array | null): void => {
    const report = bytes === null ? null : openDiagnosis(webCrypto, desk.site.id, key, bytes)
    const isHere = report !== null && bytes !== null && report.door === id
    setShown(isHere ? { report, bytes } : null)
    setFault(isHere ? null : STRANGE)
  }
  return (
    <section className="panel stack" aria-label="Diagnosis">
      <h2>Diagnosis</h2>
      <p className="muted">
        What the lock measures and what somebody saw in its case, signed by the lock. Its journal keeps the hash.
      </p>
      {desk.world !== null && <Visit world={desk.world} id={id} onReport={open} onFault={setFault} />}
      <label className="stack tight">
        Open a report that was brought from the door
        <input
          type="file"
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file === undefined) return
            if (file.size > DIAGNOSIS_BYTES_MAX) return setFault(STRANGE)
            void file.arrayBuffer().then((buffer) => open(new Uint8Array(buffer)))
          }}
        />
      </label>
      {fault !== null && <p role="alert">{fault}</p>}
      {shown !== null && <Report shown={shown} id={id} />}
    </section>
  )
}

type VisitProps = {
  readonly world: WorldPort
  readonly id: DoorId
  readonly onReport: (bytes: Uint8Array | null) => void
  readonly onFault: (says: string) => void
}

/** At a virtual door one is the locksmith oneself. */
function Visit({ world, id, onReport, onFault }: VisitProps) {
  const [seen, setSeen] = useState<readonly SeenWord[]>(SEALINGS.map(() => "not looked at"))
  const take = (): void => {
    void world
      .diagnose(id, seen)
      .then((answered) => (answered.ok ? onReport(fromBase64(answered.answer.report)) : onFault(answered.detail)))
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        take()
      }}
    >
      <details>
        <summary>Sealing check list</summary>
        <div className="two">
          {SEALINGS.map((sealing, at) => (
            <label key={sealing} className="stack tight">
              {sealing.charAt(0).toUpperCase() + sealing.slice(1)}
              <select
                value={seen[at]}
                onChange={(event) => {
                  const word = SEEN.find((each) => each === event.target.value) ?? "not looked at"
                  setSeen(seen.map((each, place) => (place === at ? word : each)))
                }}
              >
                {SEEN.map((word) => (
                  <option key={word}>{word}</option>
                ))}
              </select>
            </label>
          ))}
        </div>
      </details>
      <div>
        <button type="submit" className="button">
          Diagnose the lock
        </button>
      </div>
    </form>
  )
}

/** Whether a record of this door that was opened here names the report. */
function useIsInLog(id: DoorId, bytes: Uint8Array): boolean {
  const desk = useDesk()
  const openings = useStore(desk.openings.store)
  const hash = toHex(webCrypto.sha256(bytes))
  return [...openings].some(([name, opened]) => {
    if (!name.startsWith(`${id}:`) || opened.is !== "open") return false
    return opened.detail.note === hash
  })
}

function Report({ shown: { report, bytes }, id }: { shown: Shown; id: DoorId }) {
  const isInLog = useIsInLog(id, bytes)
  const findings = findingsOf(report)
  const hash = toHex(webCrypto.sha256(bytes))
  return (
    <div className="stack" aria-label="Field diagnosis" role="group">
      <p className="row">
        Taken <Age of_ms={report.wall_ms === 0 ? null : report.wall_ms} long never="at a time the lock did not know" />
        <Seal kind={isInLog ? "logged" : "signed"} />
        <Short value={hash} what="report" />
      </p>
      <h3>To do</h3>
      {findings.length === 0 ? (
        <p>Nothing.</p>
      ) : (
        <ul className="lines">
          {findings.map(({ finding, advice }) => (
            <li key={finding}>
              <span>
                <strong>{finding.charAt(0).toUpperCase() + finding.slice(1)}.</strong> {advice}
              </span>
            </li>
          ))}
        </ul>
      )}
      <Measured report={report} />
      <div>
        <button
          type="button"
          className="button quiet"
          onClick={() => saveFile(`diagnosis-${hash.slice(0, 8)}.cose`, new Blob([new Uint8Array(bytes)]))}
        >
          Take it with you
        </button>
      </div>
    </div>
  )
}

function Measured({ report }: { report: Diagnosis }) {
  const { cycles, fit_permille, throwsLeft, share_percent, rest_mv, resistance_mohm, contact, battery } = report
  const fit = fit_permille === 0 ? "fit not learnt yet" : `fit ${Math.round(fit_permille / 10)} % of what was learnt`
  const rest = rest_mv === 0 ? "Not measured yet" : `${(rest_mv / 1_000).toFixed(2)} V at rest, ${resistance_mohm} mΩ`
  const looked = SEALINGS.flatMap((sealing, at) => {
    const seen = report.seen[at] ?? "not looked at"
    return seen === "not looked at" ? [] : `${sealing} ${seen}`
  })
  const rows: readonly (readonly [string, ReactNode])[] = [
    ["Bolt", `${cycles.toLocaleString("en")} throws; ${fit}`],
    ...(throwsLeft === null ? [] : [["Stalls", `in about ${throwsLeft.toLocaleString("en")} throws`] as const]),
    ["Battery", share_percent === null ? "none" : `${share_percent} %, ${battery}`],
    ["Supply", `${rest}, contacts ${contact}`],
    ["Case", `${report.temperature_c} °C, ${report.humidity_percent} % moisture`],
    ["Debug port", report.isDebugOpen ? <span className="word alarm">open</span> : "closed"],
    ["Firmware", report.firmware || "not signed"],
    ["Record", `${report.lastSequence}, boot ${report.boot}`],
    ["Sealing", looked.length === 0 ? "not looked at" : looked.join(", ")],
  ]
  return (
    <dl className="facts">
      {rows.map(([what, is]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{is}</dd>
        </div>
      ))}
    </dl>
  )
}
