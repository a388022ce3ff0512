/**
 * What a door wants to see, chosen from the usual or put together: one to four ways, each of one to three kinds, in one order
 * where that is wanted.
 */
import type { FactorKind, Factors, Way } from "@holdfast/access"
import { suitsGrade, waysOf } from "@holdfast/access/factors"
import { useState } from "react"
import { factorsWords, KIND_WORDS } from "../words/sentences.ts"

const USUAL: readonly Factors[] = [
  "card",
  "card and pin",
  "card or pin",
  "pin",
  [{ kinds: ["phone"], ordered: false }],
  [
    { kinds: ["card"], ordered: false },
    { kinds: ["phone"], ordered: false },
  ],
  [{ kinds: ["card", "biometric"], ordered: false }],
  "identifier",
]
const OTHER = "other"
const WAYS_MAX = 4
const KINDS_MAX = 3
const KINDS: readonly FactorKind[] = ["card", "pin", "phone", "biometric", "identifier"]

type FactorsProps = {
  readonly label: string
  readonly value: Factors
  readonly grade: number
  readonly invalid?: boolean
  readonly onChange: (factors: Factors) => void
}

/** A way with each kind once, in the order of their numbers where their own does not count. */
function tidied({ kinds, ordered }: Way): Way {
  const once = KINDS.filter((kind) => kinds.includes(kind))
  return ordered && once.length > 1 ? { kinds: [...new Set(kinds)], ordered } : { kinds: once, ordered: false }
}

export function FactorsField({ label, value, grade, invalid = false, onChange }: FactorsProps) {
  const [isOpened, setOpened] = useState(false)
  const at = USUAL.findIndex((each) => factorsWords(each) === factorsWords(value))
  const isPutTogether = isOpened || at < 0
  return (
    <div className="stack tight">
      <select
        aria-label={label}
        aria-invalid={invalid}
        value={isPutTogether ? OTHER : at}
        onChange={(event) => {
          const usual = USUAL[Number(event.target.value)]
          setOpened(usual === undefined)
          if (usual !== undefined) onChange(usual)
        }}
      >
        {USUAL.map((each, place) => (
          <option key={factorsWords(each)} value={place} disabled={!suitsGrade(each, grade)}>
            {factorsWords(each)}
          </option>
        ))}
        <option value={OTHER}>put together…</option>
      </select>
      {isPutTogether && <Ways label={label} ways={waysOf(value)} onChange={onChange} />}
    </div>
  )
}

type WaysProps = { readonly label: string; readonly ways: readonly Way[]; readonly onChange: (ways: Factors) => void }

function Ways({ label, ways, onChange }: WaysProps) {
  const put = (place: number, way: Way): void => onChange(ways.map((each, at) => (at === place ? tidied(way) : each)))
  return (
    <div className="stack tight ways">
      {ways.map((way, place) => (
        // A way has no name of its own; its place among the ways is what it is.
        <div key={place} className="row" role="group" aria-label={`${label}, way ${place + 1}`}>
          {place > 0 && <span className="muted">or</span>}
          <Kinds way={way} onChange={(changed) => put(place, changed)} />
          {ways.length > 1 && (
            <button
              type="button"
              className="button quiet"
              onClick={() => onChange(ways.filter((_, at) => at !== place))}
            >
              Remove
            </button>
          )}
        </div>
      ))}
      <div className="row">
        <span className="muted">{factorsWords(ways)}</span>
        {ways.length < WAYS_MAX && (
          <button
            type="button"
            className="button quiet"
            onClick={() => onChange([...ways, { kinds: ["card"], ordered: false }])}
          >
            Or another way
          </button>
        )}
      </div>
    </div>
  )
}

const PLACES = ["First", "Second", "Third"] as const

function Kinds({ way, onChange }: { way: Way; onChange: (way: Way) => void }) {
  const { kinds, ordered } = way
  const shown = PLACES.slice(0, Math.min(KINDS_MAX, kinds.length + 1))
  const set = (place: number, word: string): void => {
    const kind = KINDS.find((each) => each === word)
    const next = kinds.filter((_, at) => at !== place)
    if (kind !== undefined) next.splice(place, 0, kind)
    if (next.length > 0) onChange({ kinds: next, ordered })
  }
  return (
    <>
      {shown.map((name, place) => (
        <select
          key={name}
          aria-label={`${name} factor`}
          value={kinds[place] ?? ""}
          onChange={(event) => set(place, event.target.value)}
        >
          {(place > 0 || kinds.length > 1) && <option value="">–</option>}
          {KINDS.map((kind) => (
            <option key={kind} value={kind} disabled={kinds.includes(kind) && kinds[place] !== kind}>
              {KIND_WORDS[kind]}
            </option>
          ))}
        </select>
      ))}
      {kinds.length > 1 && (
        <label className="check">
          <input
            type="checkbox"
            checked={ordered}
            onChange={(event) => onChange({ kinds, ordered: event.target.checked })}
          />
          in this order
        </label>
      )}
    </>
  )
}
