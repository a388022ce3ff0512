/** Adding or configuring a door: its name, what it wants to see, how it behaves, and its place on the plan. */
import type { DoorConfig, DoorPlace, Factors, FailMode } from "@holdfast/access"
import { defaultConfig } from "@holdfast/access/door"
import type { DoorId, ScheduleId } from "@holdfast/base"
import { useState } from "react"
import { useNames, useSiteState } from "../app/desk.ts"
import { Field } from "../parts/field.tsx"
import { Ask } from "../parts/overlay.tsx"
import { factorsWords } from "../words/sentences.ts"
import { isZone, viewerZone } from "../words/time.ts"
import { newId, sealedLabel, useDrafting } from "./drafting.ts"

/** What stands in the fields, as typed. */
export type DoorText = {
  readonly name: string
  readonly grade: string
  readonly application: string
  readonly factors: Factors
  readonly unlock_s: string
  readonly heldOpen_s: string
  readonly failMode: FailMode
  readonly lease_h: string
  readonly zone: string
  readonly floor: string
  readonly x_cm: string
  readonly y_cm: string
  readonly angle_deg: string
}

export type DoorRead =
  | { readonly ok: true; readonly config: DoorConfig<ScheduleId>; readonly place: DoorPlace | null }
  | { readonly ok: false; readonly fault: string }

function whole(text: string, min: number, max: number): number | null {
  const value = Number(text)
  return Number.isInteger(value) && text.trim() !== "" && value >= min && value <= max ? value : null
}

/** Reads the fields. Modes with a schedule are kept as they were: this form writes the one without. */
export function readDoor(text: DoorText, before: DoorConfig<ScheduleId>): DoorRead {
  const grade = whole(text.grade, 1, 4)
  const zoneApplication = whole(text.application, 0, 3)
  const unlock_s = whole(text.unlock_s, 1, 60)
  const heldOpen_s = whole(text.heldOpen_s, 5, 600)
  const lease_h = whole(text.lease_h, 1, 720)
  if (text.name.trim() === "") return { ok: false, fault: "A door needs a name that others recognise." }
  if (grade === null || zoneApplication === null)
    return { ok: false, fault: "Grade is 1 to 4, zone application 0 to 3." }
  if (unlock_s === null) return { ok: false, fault: "The bolt stays drawn for 1 to 60 s." }
  if (heldOpen_s === null) return { ok: false, fault: "A door counts as held open after 5 to 600 s." }
  if (lease_h === null) return { ok: false, fault: "A lease lasts 1 h to 720 h (30 days)." }
  if (!isZone(text.zone)) return { ok: false, fault: "That is no time zone; write it like Europe/Vienna." }
  if (grade > 1 && text.factors === "identifier")
    return { ok: false, fault: "From grade 2 up a card number alone is never enough." }
  const place = readPlace(text)
  if (place === "wrong")
    return { ok: false, fault: "The place on the plan is in whole centimetres; the angle is 0 to 359." }
  const modes = [...before.modes.filter((mode) => mode.schedule !== null), { schedule: null, factors: text.factors }]
  const times = { unlock_ms: unlock_s * 1000, heldOpen_ms: heldOpen_s * 1000, lease_s: lease_h * 3600 }
  return {
    ok: true,
    config: { ...before, grade, zoneApplication, modes, ...times, failMode: text.failMode, zone: text.zone },
    place,
  }
}

function readPlace(text: DoorText): DoorPlace | null | "wrong" {
  if (text.floor.trim() === "") return null
  const x_cm = whole(text.x_cm, -1_000_000, 1_000_000)
  const y_cm = whole(text.y_cm, -1_000_000, 1_000_000)
  const angle_deg = whole(text.angle_deg, 0, 359)
  if (x_cm === null || y_cm === null || angle_deg === null) return "wrong"
  return { floor: text.floor.trim().normalize("NFC"), x_cm, y_cm, angle_deg }
}

export function textOf(name: string, config: DoorConfig<ScheduleId>, place: DoorPlace | null): DoorText {
  return {
    name,
    grade: String(config.grade),
    application: String(config.zoneApplication),
    factors: config.modes.at(-1)?.factors ?? "card",
    unlock_s: String(config.unlock_ms / 1000),
    heldOpen_s: String(config.heldOpen_ms / 1000),
    failMode: config.failMode,
    lease_h: String(Math.round(config.lease_s / 3600)),
    zone: config.zone,
    floor: place?.floor ?? "",
    x_cm: String(place?.x_cm ?? 0),
    y_cm: String(place?.y_cm ?? 0),
    angle_deg: String(place?.angle_deg ?? 0),
  }
}

const FACTORS: readonly Factors[] = ["card", "card and pin", "card or pin", "pin", "identifier"]

type FormProps = { readonly id: DoorId | null; readonly onClose: (door: DoorId | null) => void }

export function DoorForm({ id, onClose }: FormProps) {
  const state = useSiteState()
  const nameOf = useNames()
  const draft = useDrafting()
  const known = id === null ? undefined : state?.doors.get(id)
  const zone = [...(state?.doors.values() ?? [])][0]?.config.zone ?? viewerZone()
  const before: DoorConfig<ScheduleId> = known?.config ?? defaultConfig(zone)
  const firstFloor = [...(state?.plans.keys() ?? [])][0] ?? "Ground floor"
  const placeBefore = known === undefined ? { floor: firstFloor, x_cm: 0, y_cm: 0, angle_deg: 0 } : known.place
  const [text, setText] = useState(() => textOf(id === null ? "" : nameOf(id), before, placeBefore))
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
                value={text.factors}
                onChange={(event) => set({ factors: FACTORS.find((each) => each === event.target.value) ?? "card" })}
              >
                {FACTORS.map((each) => (
                  <option key={each} value={each} disabled={each === "identifier" && text.grade !== "1"}>
                    {factorsWords(each)}
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
