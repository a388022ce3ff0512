/** The door form's first fields and its place, and the small fields that every part of the form is made of. */
import type { DoorId } from "@holdfast/base"
import { type ReactNode, useEffect, useRef } from "react"
import type { DoorText } from "../data/door-text.ts"
import type { DoorFault } from "../data/read-door.ts"
import { FactorsField } from "../parts/factors-field.tsx"
import { Field } from "../parts/field.tsx"

export type FormPart = {
  readonly text: DoorText
  readonly set: (part: Partial<DoorText>) => void
  readonly fault: DoorFault | null
  /** Null: a new door. */
  readonly door: DoorId | null
}

type Named<Value> = { readonly [Name in keyof DoorText]: DoorText[Name] extends Value ? Name : never }[keyof DoorText]
/** Fields that hold what was typed. */
type Typed = Exclude<{ [Name in keyof DoorText]: string extends DoorText[Name] ? Name : never }[keyof DoorText], never>
type Ticked = Named<boolean>

export function faultAt(fault: DoorFault | null, at: keyof DoorText): string | null {
  return fault?.at === at ? fault.fault : null
}

type TypedProps = FormPart & { readonly label: string; readonly hint?: string; readonly part: Typed }

export function TextField({ label, hint, part, text, set, fault }: TypedProps) {
  return (
    <Field label={label} hint={hint} fault={faultAt(fault, part)}>
      {(field) => (
        <input
          {...field}
          type="text"
          maxLength={200}
          value={text[part]}
          onChange={(event) => set({ [part]: event.target.value })}
        />
      )}
    </Field>
  )
}

type TickProps = FormPart & { readonly label: string; readonly hint: string; readonly part: Ticked }

export function Tick({ label, hint, part, text, set, fault }: TickProps) {
  const wrong = faultAt(fault, part)
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={text[part]}
        aria-invalid={wrong !== null}
        onChange={(event) => set({ [part]: event.target.checked })}
      />
      <span>
        {label}
        <br />
        <small className={wrong === null ? "muted" : undefined} role={wrong === null ? undefined : "alert"}>
          {wrong ?? hint}
        </small>
      </span>
    </label>
  )
}

type ChoiceProps<Word extends string> = {
  readonly label: string
  readonly hint?: string
  readonly fault?: string | null
  readonly value: Word
  readonly words: readonly (readonly [word: Word, says: string])[]
  readonly onChange: (word: Word) => void
}

export function Choice<Word extends string>({ label, hint, fault = null, value, words, onChange }: ChoiceProps<Word>) {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(field) => (
        <select
          {...field}
          value={value}
          onChange={(event) => {
            const found = words.find(([word]) => word === event.target.value)
            if (found !== undefined) onChange(found[0])
          }}
        >
          {words.map(([word, says]) => (
            <option key={word} value={word}>
              {says}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

type FoldProps = {
  readonly title: string
  readonly says: string
  /** Fields inside: a fault in one of them unfolds it. */
  readonly holds: readonly (keyof DoorText)[]
  readonly fault: DoorFault | null
  readonly children: ReactNode
}

export function Fold({ title, says, holds, fault, children }: FoldProps) {
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (details.current !== null && fault !== null && holds.includes(fault.at)) details.current.open = true
  })
  return (
    <details ref={details} className="fold">
      <summary>
        {title} <span className="muted">{says}</span>
      </summary>
      <div className="stack">{children}</div>
    </details>
  )
}

const WITHOUT_POWER = [
  ["secure", "stays locked (fail-secure)"],
  ["safe", "unlocks (fail-safe)"],
] as const

export function Basics(part: FormPart) {
  const { text, set, fault } = part
  return (
    <>
      <TextField {...part} label="Name" hint="Sealed, like people's names." part="name" />
      <div className="two">
        <div className="field">
          <span>Opens with</span>
          <FactorsField
            label="Opens with"
            value={text.factors}
            grade={Number(text.grade)}
            invalid={faultAt(fault, "factors") !== null}
            onChange={(factors) => set({ factors })}
          />
          <small role={faultAt(fault, "factors") === null ? undefined : "alert"}>
            {faultAt(fault, "factors") ?? "Outside the hours that are set below."}
          </small>
        </div>
        <TextField {...part} label="Grade" hint="1 to 4, after EN 60839-11-1" part="grade" />
        <TextField {...part} label="Unlock time" hint="seconds that the bolt stays drawn" part="unlock_s" />
        <TextField {...part} label="Held open after" hint="seconds until the door complains" part="heldOpen_s" />
        <Choice
          label="Without power"
          hint="Free egress either way."
          fault={faultAt(fault, "failMode")}
          value={text.failMode}
          words={WITHOUT_POWER}
          onChange={(failMode) => set({ failMode })}
        />
        <TextField
          {...part}
          label="Lease"
          hint="hours that it goes on without the site; then it opens for nobody"
          part="lease_h"
        />
      </div>
    </>
  )
}

const PLACE = ["floor", "angle_deg", "x_cm", "y_cm", "zone", "application"] as const

export function Place(part: FormPart) {
  const { text, fault } = part
  const says = text.floor === "" ? "not on a plan" : text.floor
  return (
    <Fold title="Place, clock and card zone" says={`${says}; ${text.zone}`} holds={PLACE} fault={fault}>
      <div className="two">
        <TextField {...part} label="Floor" part="floor" />
        <TextField {...part} label="Angle" hint="degrees; 0: reader above" part="angle_deg" />
        <TextField {...part} label="From the left" hint="cm" part="x_cm" />
        <TextField {...part} label="From the top" hint="cm" part="y_cm" />
        <TextField {...part} label="Time zone" hint="for the times shown at this door" part="zone" />
        <TextField {...part} label="Zone application" hint="0 to 3, which keys cards use here" part="application" />
      </div>
    </Fold>
  )
}
