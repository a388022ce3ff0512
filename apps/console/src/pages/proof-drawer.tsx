/** The proof of one record, checked while one watches, and to take along. */
import type { DoorId } from "@holdfast/base"
import { useEffect, useState } from "react"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { bundleFile, type Proof, proveRecord, type RecordPlace } from "../data/proof.ts"
import { Sheet } from "../parts/overlay.tsx"
import { Short } from "../parts/short.tsx"
import { noteProof } from "./first-steps.tsx"
import { saveFile } from "./save-file.ts"
import { recordWords } from "../words/records.ts"
import { fullTimeWords } from "../words/time.ts"

export type ProofOf = RecordPlace

const slug = (words: string): string => words.replaceAll(" ", "-")
const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

export function proofOf(record: {
  door: string
  period: string
  entry: number
  position: number
  sequence: number
}): ProofOf {
  const { door, period, entry, position, sequence } = record
  return { door: door as DoorId, period, entry, position, sequence }
}

export function ProofDrawer({ of, onClose }: { of: ProofOf; onClose: () => void }) {
  const desk = useDesk()
  const state = useSiteState()
  const name = useNames()
  const [proof, setProof] = useState<Proof | null>(null)
  const lock = state?.doors.get(of.door)?.lock ?? null
  const zone = state?.doors.get(of.door)?.config.zone ?? null
  useEffect(() => {
    let gone = false
    const read = desk.read("events", of.period)
    void proveRecord(desk.site, of, lock?.journalKey ?? null, read).then((made) => {
      if (gone) return
      setProof(made)
      noteProof()
    })
    return () => {
      gone = true
    }
  }, [desk, of, lock?.journalKey])
  const holds = proof?.bundle !== null && proof !== null
  return (
    <Sheet
      wide
      modal
      onClose={onClose}
      title={
        <>
          <h2>
            Proof of record {of.sequence} at {name(of.door)}
          </h2>
          <span role="status">
            {proof === null ? (
              <span className="muted">checking in this browser…</span>
            ) : holds ? (
              <span className="word secure">verified in this browser</span>
            ) : (
              <span className="word alarm">does not verify</span>
            )}
          </span>
        </>
      }
    >
      <ol className="steps" aria-label="Steps of the proof">
        {proof?.steps.map((step) => (
          <li key={step.says} className={step.ok ? "ok" : "broken"}>
            <strong>{step.says}</strong>
            <span className="muted">{step.detail}</span>
          </li>
        ))}
      </ol>
      {proof?.record != null && (
        <section className="stack">
          <h3>The record</h3>
          <dl className="facts">
            <dt>What</dt>
            <dd>{recordWords({ kind: slug(proof.record.kind), result: slug(proof.record.result) })}</dd>
            <dt>Sequence</dt>
            <dd>
              {proof.record.sequence}, boot {proof.record.boot}
            </dd>
            <dt>Lock's time</dt>
            <dd>
              {proof.record.wall_ms === null ? "not known to the lock" : fullTimeWords(proof.record.wall_ms, zone)}
            </dd>
            <dt>Since its boot</dt>
            <dd>{(proof.record.uptime_ms / 1000).toFixed(3)} s</dd>
            <dt>Commitment</dt>
            <dd>
              <Short value={hex(proof.record.commitment)} what="commitment" />
            </dd>
          </dl>
        </section>
      )}
      {proof?.tree != null && (
        <section className="stack">
          <h3>Path to the checkpoint</h3>
          <PathDrawing index={of.entry} path={proof.path} size={proof.tree.size} />
          <dl className="facts">
            <dt>Entry</dt>
            <dd>
              {of.entry} of {proof.tree.size}, period {of.period}
            </dd>
            <dt>Root</dt>
            <dd>
              <Short value={hex(proof.tree.root)} what="root" />
            </dd>
          </dl>
        </section>
      )}
      {proof?.bundle != null && (
        <div className="stack tight">
          <div>
            <button
              type="button"
              className="button primary"
              onClick={() => saveFile(`record-${of.sequence}.json`, bundleFile(proof.bundle ?? ""))}
            >
              Take it with you
            </button>
          </div>
          <p className="muted">
            One file: the batch, the receipt (C2SP tlog-proof) and the log's key. Anyone can check it offline.
          </p>
        </div>
      )}
    </Sheet>
  )
}

/** The climb from the entry to the root: at each level the hash that came from the log stands left or right. */
function PathDrawing({ index, path, size }: { index: number; path: readonly Uint8Array[]; size: number }) {
  const row = 22
  const height = (path.length + 1) * row + 8
  const sides: ("left" | "right")[] = []
  let node = index
  let last = size - 1
  for (let at = 0; at < path.length; at++) {
    while (node % 2 === 0 && node === last && last > 0) {
      node = Math.floor(node / 2)
      last = Math.floor(last / 2)
    }
    sides.push(node % 2 === 1 ? "left" : "right")
    node = Math.floor(node / 2)
    last = Math.floor(last / 2)
  }
  const y = (level: number): number => height - 12 - level * row
  return (
    <svg
      className="path"
      viewBox={`0 0 360 ${height}`}
      role="img"
      aria-label={`${path.length} hashes lead to the root`}
    >
      {path.map((hash, level) => {
        const x = sides[level] === "left" ? 60 : 300
        return (
          <g key={hex(hash)}>
            <path d={`M180 ${y(level)}V${y(level + 1)}M${x} ${y(level)}L180 ${y(level + 1)}`} />
            <circle cx={x} cy={y(level)} r="4" className="given" />
            <text x={x} y={y(level) - 7} textAnchor="middle">
              {hex(hash).slice(0, 6)}
            </text>
            <circle cx="180" cy={y(level)} r="4" className="made" />
          </g>
        )
      })}
      <circle cx="180" cy={y(path.length)} r="5.5" className="root" />
    </svg>
  )
}
