/** A schedule: hours by weekday in one zone, and days on which it stays closed. */
import type { State } from "@holdfast/access"
import type { ScheduleId } from "@holdfast/base"
import { useState } from "react"
import { Field } from "../parts/field.tsx"
import { rulesWords } from "../words/sentences.ts"
import { daysText, readDays, readRules, type RuleText, ruleText } from "../data/schedule-text.ts"
import { isZone, viewerZone } from "../words/time.ts"
import { DraftAsk } from "./draft-ask.tsx"
import { newId, useDrafting } from "./drafting.ts"

const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const
const DAY_NAMES = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const
const WEEKDAYS = 0b0011111

/** A line of the form keeps its name while others come and go. */
type Line = RuleText & { readonly line: number }
const NEW_LINE: RuleText = { days: WEEKDAYS, from: "08:00", until: "18:00" }
let lines = 0

function lineOf(rule: RuleText): Line {
  lines += 1
  return { ...rule, line: lines }
}

type FormProps = { readonly id: ScheduleId | null; readonly state: State; readonly onClose: () => void }

export function ScheduleForm({ id, state, onClose }: FormProps) {
  const draft = useDrafting()
  const known = id === null ? undefined : state.schedules.get(id)
  const [name, setName] = useState(known?.name ?? "")
  const [zone, setZone] = useState(known?.zone ?? [...state.zones.keys()][0] ?? viewerZone())
  const [rules, setRules] = useState<readonly Line[]>(() => (known?.rules.map(ruleText) ?? [NEW_LINE]).map(lineOf))
  const [closed, setClosed] = useState(daysText(known?.closedDays ?? []))
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
    <DraftAsk title={known === undefined ? "New schedule" : `Change ${known.name}`} onDraft={save} onClose={onClose}>
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
            key={rule.line}
            rule={rule}
            onChange={(part) => change(at, part)}
            onRemove={rules.length > 1 ? () => setRules(rules.filter((_, index) => index !== at)) : null}
          />
        ))}
        <div>
          <button type="button" className="button quiet" onClick={() => setRules([...rules, lineOf(NEW_LINE)])}>
            Another line
          </button>
        </div>
      </fieldset>
      <Field label="Closed days" hint="Dates like 2026-12-24, with commas between.">
        {(field) => <input {...field} type="text" value={closed} onChange={(event) => setClosed(event.target.value)} />}
      </Field>
      <Field label="Time zone" hint="Wall clock of the building, with its own summer time." fault={fault}>
        {(field) => <input {...field} type="text" value={zone} onChange={(event) => setZone(event.target.value)} />}
      </Field>
      {typeof read !== "string" && <p className="sentence">{rulesWords(read)}</p>}
    </DraftAsk>
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
