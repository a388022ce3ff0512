/** The proof of one record, checked while one watches, and to take along. */
import type { DoorId } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
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

/** The proof of a record, made in this browser; null while it is made. */
function useProof(of: ProofOf): Proof | null {
  const desk = useDesk()
  const journalKey = useSiteState()?.doors.get(of.door)?.lock?.journalKey ?? null
  const [proof, setProof] = useState<Proof | null>(null)
  useEffect(() => {
    let gone = false
    const read = desk.read("events", of.period)
    void proveRecord(desk.site, of, journalKey, read).then((made) => {
      if (gone) return
      setProof(made)
      noteProof()
    })
    return () => {
      gone = true
    }
  }, [desk, of, journalKey])
  return proof
}

export function ProofDrawer({ of, onClose }: { of: ProofOf; onClose: () => void }) {
  const name = useNames()
  const proof = useProof(of)
  const zone = useSiteState()?.doors.get(of.door)?.config.zone ?? null
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
            <Verdict proof={proof} />
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
      {proof?.record != null && <RecordFacts record={proof.record} zone={zone} />}
      {proof?.tree != null && <TreeFacts of={of} path={proof.path} tree={proof.tree} />}
      {proof?.bundle != null && <TakeAlong name={`record-${of.sequence}.json`} bundle={proof.bundle} />}
    </Sheet>
  )
}

function Verdict({ proof }: { proof: Proof | null }) {
  if (proof === null) return <span className="muted">checking in this browser…</span>
  if (proof.bundle === null) return <span className="word alarm">does not verify</span>
  return <span className="word secure">verified in this browser</span>
}

function RecordFacts({ record, zone }: { record: NonNullable<Proof["record"]>; zone: string | null }) {
  return (
    <section className="stack">
      <h3>The record</h3>
      <dl className="facts">
        <dt>What</dt>
        <dd>{recordWords({ kind: slug(record.kind), result: slug(record.result) })}</dd>
        <dt>Sequence</dt>
        <dd>
          {record.sequence}, boot {record.boot}
        </dd>
        <dt>Lock's time</dt>
        <dd>{record.wall_ms === null ? "not known to the lock" : fullTimeWords(record.wall_ms, zone)}</dd>
        <dt>Since its boot</dt>
        <dd>{(record.uptime_ms / 1000).toFixed(3)} s</dd>
        <dt>Commitment</dt>
        <dd>
          <Short value={toHex(record.commitment)} what="commitment" />
        </dd>
      </dl>
    </section>
  )
}

type TreeFactsProps = {
  readonly of: ProofOf
  readonly path: Proof["path"]
  readonly tree: NonNullable<Proof["tree"]>
}

function TreeFacts({ of, path, tree }: TreeFactsProps) {
  return (
    <section className="stack">
      <h3>Path to the checkpoint</h3>
      <PathDrawing index={of.entry} path={path} size={tree.size} />
      <dl className="facts">
        <dt>Entry</dt>
        <dd>
          {of.entry} of {tree.size}, period {of.period}
        </dd>
        <dt>Root</dt>
        <dd>
          <Short value={toHex(tree.root)} what="root" />
        </dd>
      </dl>
    </section>
  )
}

function TakeAlong({ name, bundle }: { name: string; bundle: NonNullable<Proof["bundle"]> }) {
  return (
    <div className="stack tight">
      <div>
        <button type="button" className="button primary" onClick={() => saveFile(name, bundleFile(bundle))}>
          Take it with you
        </button>
      </div>
      <p className="muted">
        One file: the batch, the receipt (C2SP tlog-proof) and the log's key. Anyone can check it offline.
      </p>
    </div>
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
          <g key={toHex(hash)}>
            <path d={`M180 ${y(level)}V${y(level + 1)}M${x} ${y(level)}L180 ${y(level + 1)}`} />
            <circle cx={x} cy={y(level)} r="4" className="given" />
            <text x={x} y={y(level) - 7} textAnchor="middle">
              {toHex(hash).slice(0, 6)}
            </text>
            <circle cx="180" cy={y(level)} r="4" className="made" />
          </g>
        )
      })}
      <circle cx="180" cy={y(path.length)} r="5.5" className="root" />
    </svg>
  )
}
