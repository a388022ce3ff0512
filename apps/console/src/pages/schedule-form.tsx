/** A schedule: hours by weekday in one zone, and days on which it stays closed. */
import type { State, WeekRule } from "@holdfast/access"
import type { ScheduleId } from "@holdfast/base"
import { useState } from "react"
import { Field } from "../parts/field.tsx"
import { Ask } from "../parts/overlay.tsx"
import { rulesWords } from "../words/sentences.ts"
import { isZone, minuteWords, readMinute, viewerZone } from "../words/time.ts"
import { newId, useDrafting } from "./drafting.ts"

type RuleText = { readonly days: number; readonly from: string; readonly until: string }

const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const
const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const
const DAY_MS = 86_400_000
const WEEKDAYS = 0b0011111

function textOf(rule: WeekRule): RuleText {
  return { days: rule.days, from: minuteWords(rule.from_min), until: minuteWords(rule.until_min) }
}

/** The rules that the texts say, or the first thing that is wrong with them. */
export function readRules(texts: readonly RuleText[]): WeekRule[] | string {
  const rules: WeekRule[] = []
  for (const { days, from, until } of texts) {
    const from_min = readMinute(from)
    const until_min = readMinute(until)
    if (days === 0) return "Choose at least one day in each line."
    if (from_min === null || until_min === null) return "Write times like 08:00; the end of the day is 24:00."
    if (from_min >= until_min) return "A line ends after it begins. For a night, write two lines."
    rules.push({ days, from_min, until_min })
  }
  return rules.length === 0 ? "A schedule needs at least one line." : rules
}

/** "2026-12-24, 2026-12-25" as civil days since 1970-01-01, ascending, or null. */
export function readDays(text: string): number[] | null {
  const days = new Set<number>()
  for (const word of text.split(/[\s,;]+/).filter((each) => each !== "")) {
    const at = /^\d{4}-\d{2}-\d{2}$/.test(word) ? Date.parse(`${word}T00:00:00Z`) : Number.NaN
    if (Number.isNaN(at) || at < 0) return null
    days.add(at / DAY_MS)
  }
  return [...days].sort((a, b) => a - b)
}

type FormProps = { readonly id: ScheduleId | null; readonly state: State; readonly onClose: () => void }

export function ScheduleForm({ id, state, onClose }: FormProps) {
  const draft = useDrafting()
  const known = id === null ? undefined : state.schedules.get(id)
  const [name, setName] = useState(known?.name ?? "")
  const [zone, setZone] = useState(known?.zone ?? [...state.zones.keys()][0] ?? viewerZone())
  const [rules, setRules] = useState<readonly RuleText[]>(
    known?.rules.map(textOf) ?? [{ days: WEEKDAYS, from: "08:00", until: "18:00" }],
  )
  const [closed, setClosed] = useState(
    known?.closedDays.map((day) => new Date(day * DAY_MS).toISOString().slice(0, 10)).join(", ") ?? "",
  )
  const [fault, setFault] = useState<string | null>(null)
  const change = (at: number, part: Partial<RuleText>): void =>
    setRules(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)))
  const save = (): void => {
    const read = readRules(rules)
    const closedDays = readDays(closed)
    if (name.trim() === "") return setFault("A schedule needs a name.")
    if (!isZone(zone)) return setFault("That is no time zone; write it like Europe/Vienna.")
    if (typeof read === "string") return setFault(read)
    if (closedDays === null) return setFault("Write closed days like 2026-12-24, with commas between.")
    const schedule = id ?? newId<"ScheduleId">()
    const said = name.trim().normalize("NFC")
    const set = { kind: "schedule set", schedule, name: said, zone, rules: read, closedDays } as const
    if (draft([{ change: set }], `${said} is in the tray; nothing is signed yet.`)) onClose()
  }
  const read = readRules(rules)
  return (
    <Ask title={known === undefined ? "New schedule" : `Change ${known.name}`} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <Field label="Name" hint="Office hours, Night shift">
          {(field) => (
            <input
              {...field}
              type="text"
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <fieldset className="stack tight">
          <legend>Open</legend>
          {rules.map((rule, at) => (
            <RuleLine
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name.
              key={at}
              rule={rule}
              onChange={(part) => change(at, part)}
              onRemove={rules.length > 1 ? () => setRules(rules.filter((_, index) => index !== at)) : null}
            />
          ))}
          <div>
            <button
              type="button"
              className="button quiet"
              onClick={() => setRules([...rules, { days: WEEKDAYS, from: "08:00", until: "18:00" }])}
            >
              Another line
            </button>
          </div>
        </fieldset>
        <Field label="Closed days" hint="Dates like 2026-12-24, with commas between.">
          {(field) => (
            <input {...field} type="text" value={closed} onChange={(event) => setClosed(event.target.value)} />
          )}
        </Field>
        <Field label="Time zone" hint="Wall clock of the building, with its own summer time." fault={fault}>
          {(field) => <input {...field} type="text" value={zone} onChange={(event) => setZone(event.target.value)} />}
        </Field>
        {typeof read !== "string" && <p className="sentence">{rulesWords(read)}</p>}
        <div className="row">
          <button type="submit" className="button primary">
            Put into the tray
          </button>
          <button type="button" className="button quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Ask>
  )
}

type LineProps = {
  readonly rule: RuleText
  readonly onChange: (part: Partial<RuleText>) => void
  readonly onRemove: (() => void) | null
}

function RuleLine({ rule, onChange, onRemove }: LineProps) {
  return (
    <div className="rule-line">
      <div className="days" role="group" aria-label="Days">
        {DAYS.map((day, bit) => (
          <label key={day} title={DAY_NAMES[bit]}>
            <input
              type="checkbox"
              aria-label={DAY_NAMES[bit]}
              checked={(rule.days & (1 << bit)) !== 0}
              onChange={() => onChange({ days: rule.days ^ (1 << bit) })}
            />
            <span aria-hidden="true">{day}</span>
          </label>
        ))}
      </div>
      <div className="row">
        <input
          type="text"
          inputMode="numeric"
          aria-label="From"
          value={rule.from}
          onChange={(event) => onChange({ from: event.target.value })}
        />
        to
        <input
          type="text"
          inputMode="numeric"
          aria-label="Until"
          value={rule.until}
          onChange={(event) => onChange({ until: event.target.value })}
        />
        {onRemove !== null && (
          <button type="button" className="button quiet" onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
    </div>
  )
}
