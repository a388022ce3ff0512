/** Adding or configuring a door: its name, what it wants to see, how it behaves, and its place on the plan. */
import { type DoorConfig, type Factors, suitsGrade } from "@holdfast/access"
import { defaultConfig } from "@holdfast/access/door"
import type { DoorId, ScheduleId } from "@holdfast/base"
import { useState } from "react"
import { useDraftedState, useNames } from "../app/desk.ts"
import { type DoorText, doorText, readDoor } from "../data/door-text.ts"
import { Field } from "../parts/field.tsx"
import { Ask } from "../parts/overlay.tsx"
import { factorsWords } from "../words/sentences.ts"
import { viewerZone } from "../words/time.ts"
import { newId, sealedLabel, useDrafting } from "./drafting.ts"

/** What is offered; the form keeps whatever else a door wants. */
const FACTORS: readonly Factors[] = [
  "card",
  "card and pin",
  "card or pin",
  "pin",
  [{ kinds: ["phone"], ordered: false }],
  [{ kinds: ["card", "biometric"], ordered: false }],
  [{ kinds: ["biometric", "pin"], ordered: true }],
  [{ kinds: ["card", "pin", "biometric"], ordered: false }],
  "identifier",
]

type FormProps = { readonly id: DoorId | null; readonly onClose: (door: DoorId | null) => void }

export function DoorForm({ id, onClose }: FormProps) {
  const state = useDraftedState()
  const nameOf = useNames()
  const draft = useDrafting()
  const known = id === null ? undefined : state?.doors.get(id)
  const zone = [...(state?.doors.values() ?? [])][0]?.config.zone ?? viewerZone()
  const before: DoorConfig<ScheduleId> = known?.config ?? defaultConfig(zone)
  const firstFloor = [...(state?.plans.keys() ?? [])][0] ?? "Ground floor"
  const placeBefore = known === undefined ? { floor: firstFloor, x_cm: 0, y_cm: 0, angle_deg: 0 } : known.place
  const [text, setText] = useState(() => doorText(id === null ? "" : nameOf(id), before, placeBefore))
  const [fault, setFault] = useState<string | null>(null)
  const set = (part: Partial<DoorText>): void => setText((now) => ({ ...now, ...part }))
  const save = (): void => {
    const read = readDoor(text, before)
    if (!read.ok) return setFault(read.fault)
    const door = id ?? newId<"DoorId">()
    const name = text.name.trim().normalize("NFC")
    const { commitment, opening } = sealedLabel(door, name)
    const { config, place } = read
    const change = { kind: "door set", door, commitment, config, place } as const
    if (draft([{ change, opening }], `${name} is in the tray; nothing is signed yet.`)) onClose(door)
  }
  const offered = new Map([...FACTORS, text.factors].map((each) => [factorsWords(each), each]))
  return (
    <Ask title={id === null ? "Add a door" : `Configure ${nameOf(id)}`} onClose={() => onClose(null)}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault()
          save()
        }}
      >
        <TextField label="Name" hint="Sealed, like people's names." part="name" text={text} set={set} />
        <div className="two">
          <Field label="Opens with">
            {(field) => (
              <select
                {...field}
                value={factorsWords(text.factors)}
                onChange={(event) => set({ factors: offered.get(event.target.value) ?? "card" })}
              >
                {[...offered].map(([words, each]) => (
                  <option key={words} disabled={!suitsGrade(each, Number(text.grade))}>
                    {words}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <TextField label="Grade" hint="1 to 4" part="grade" text={text} set={set} />
          <TextField label="Unlock time" hint="seconds" part="unlock_s" text={text} set={set} />
          <TextField label="Held open after" hint="seconds" part="heldOpen_s" text={text} set={set} />
          <Field label="Without power" hint="Free egress either way.">
            {(field) => (
              <select
                {...field}
                value={text.failMode}
                onChange={(event) => set({ failMode: event.target.value === "safe" ? "safe" : "secure" })}
              >
                <option value="secure">stays locked (fail-secure)</option>
                <option value="safe">unlocks (fail-safe)</option>
              </select>
            )}
          </Field>
          <TextField
            label="Lease"
            hint="hours: revocation bound and outage tolerance"
            part="lease_h"
            text={text}
            set={set}
          />
        </div>
        <details>
          <summary>Place on the plan, time zone, card zone</summary>
          <div className="two">
            <TextField label="Floor" part="floor" text={text} set={set} />
            <TextField label="Angle" hint="degrees; 0: reader above" part="angle_deg" text={text} set={set} />
            <TextField label="From the left" hint="cm" part="x_cm" text={text} set={set} />
            <TextField label="From the top" hint="cm" part="y_cm" text={text} set={set} />
            <TextField label="Time zone" part="zone" text={text} set={set} />
            <TextField
              label="Zone application"
              hint="0 to 3, which keys cards use here"
              part="application"
              text={text}
              set={set}
            />
          </div>
        </details>
        {fault !== null && <p role="alert">{fault}</p>}
        <div className="row">
          <button type="submit" className="button primary">
            Put into the tray
          </button>
          <button type="button" className="button quiet" onClick={() => onClose(null)}>
            Cancel
          </button>
        </div>
      </form>
    </Ask>
  )
}

type Written = Exclude<keyof DoorText, "factors" | "failMode">
type TextFieldProps = {
  readonly label: string
  readonly hint?: string
  readonly part: Written
  readonly text: DoorText
  readonly set: (part: Partial<DoorText>) => void
}

function TextField({ label, hint, part, text, set }: TextFieldProps) {
  return (
    <Field label={label} hint={hint}>
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
