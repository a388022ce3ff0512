/**
 * Adding or configuring a door: the plain things first, everything else folded under its heading. What the form would change
 * is told below it in the sentences that the draft will have.
 */
import { type Change, type DoorConfig, describe, type State } from "@holdfast/access"
import { defaultConfig } from "@holdfast/access/door"
import { type DoorId, idOf, type ScheduleId } from "@holdfast/base"
import { useEffect, useRef, useState } from "react"
import { useDraftedState, useNames } from "../app/desk.ts"
import { type DoorText, doorText } from "../data/door-text.ts"
import { type DoorFault, readDoor } from "../data/read-door.ts"
import { type Floor, floorsOf, freePlace, UNPLACED_FLOOR } from "../plan/geometry.ts"
import { viewerZone } from "../words/time.ts"
import { Basics, type FormPart, Place } from "./door-form-basics.tsx"
import { Entering, Firmware, Fitted, Orders, Passing } from "./door-form-parts.tsx"
import { DraftAsk } from "./draft-ask.tsx"
import { newId, sealedLabel, useDrafting } from "./drafting.ts"

type FormProps = { readonly id: DoorId | null; readonly onClose: (door: DoorId | null) => void }

function firstFloor(state: State | null): Floor {
  const doors = [...(state?.doors ?? [])].map(([door, { place }]) => ({ door, place }))
  const [floor] = floorsOf(state?.plans ?? new Map(), doors)
  return floor === undefined || floor.name === UNPLACED_FLOOR ? { name: "Ground floor", rooms: [], doors: [] } : floor
}

export function DoorForm({ id, onClose }: FormProps) {
  const state = useDraftedState()
  const nameOf = useNames()
  const draft = useDrafting()
  const form = useRef<HTMLFormElement>(null)
  const known = id === null ? undefined : state?.doors.get(id)
  const zone = [...(state?.doors.values() ?? [])][0]?.config.zone ?? viewerZone()
  const before: DoorConfig<ScheduleId> = known?.config ?? defaultConfig(zone)
  const placeBefore = known === undefined ? freePlace(firstFloor(state)) : known.place
  const [text, setText] = useState(() => doorText(id === null ? "" : nameOf(id), before, placeBefore))
  const [fault, setFault] = useState<DoorFault | null>(null)
  useEffect(() => {
    if (fault !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [fault])
  const save = (): void => {
    const read = readDoor(text, before)
    if (!read.ok) return setFault(read)
    const door = id ?? newId<"DoorId">()
    const name = text.name.trim().normalize("NFC")
    const { commitment, opening } = sealedLabel(door, name)
    const { config, place } = read
    const change = { kind: "door set", door, commitment, config, place } as const
    if (draft([{ change, opening }], `${name} is in the tray; nothing is signed yet.`)) onClose(door)
  }
  const part: FormPart = {
    text,
    set: (changed) => {
      setText((now) => ({ ...now, ...changed }))
      setFault((now) => (now !== null && now.at in changed ? null : now))
    },
    fault,
    door: id,
  }
  return (
    <DraftAsk
      wide
      form={form}
      title={id === null ? "Add a door" : `Configure ${nameOf(id)}`}
      onDraft={save}
      onClose={() => onClose(null)}
    >
      <Basics {...part} />
      <Entering {...part} />
      <Passing {...part} />
      <Orders {...part} />
      <Fitted {...part} />
      <Firmware {...part} />
      <Place {...part} />
      <Difference id={id} text={text} before={before} />
    </DraftAsk>
  )
}

type DifferenceProps = {
  readonly id: DoorId | null
  readonly text: DoorText
  readonly before: DoorConfig<ScheduleId>
}

const UNNAMED = idOf<"DoorId">(new Uint8Array(16))

/** What the draft will say, while it is typed. */
function Difference({ id, text, before }: DifferenceProps) {
  const state = useDraftedState()
  const nameOf = useNames()
  const read = readDoor(text.name.trim() === "" ? { ...text, name: "This door" } : text, before)
  if (state === null) return null
  const door = id ?? UNNAMED
  const commitment = new Uint8Array(32)
  const change: Change | null = read.ok
    ? { kind: "door set", door, commitment, config: read.config, place: read.place }
    : null
  const name = text.name.trim() || "This door"
  const sentences =
    change === null ? [] : describe(change, (object) => (object === door ? name : nameOf(object)), state)
  return (
    <section className="sentence stack tight" aria-label="What the draft will say">
      {read.ok ? (
        sentences.map((sentence) => <span key={sentence}>{sentence}</span>)
      ) : (
        <span>Not readable yet: {read.fault}</span>
      )}
    </section>
  )
}
