/** Making an offline PIN with the half in this browser: for which door, which kind, from when and how long. */
import type { OfflineCodeChange, State } from "@holdfast/access"
import { pinAlone } from "@holdfast/access/factors"
import type { CredentialId, DoorId, PersonId } from "@holdfast/base"
import { DURATIONS_S, endOf, type OfflineType } from "@holdfast/lock/offline"
import { useState } from "react"
import { useNames } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { newRecipient } from "../data/issue.ts"
import { startOf, takeSequence } from "../data/offline-codes.ts"
import { Field } from "../parts/field.tsx"
import { type Option, Options } from "../parts/options.tsx"
import { modesWords } from "../words/sentences.ts"
import { timeWords } from "../words/time.ts"
import { DraftAsk } from "./draft-ask.tsx"
import { useDrafting } from "./drafting.ts"

const TYPES: readonly Option<OfflineType>[] = [
  { word: "one-time", title: "Once", says: "Opens once, within 24 h of the hour in which it begins." },
  {
    word: "timed",
    title: "For a while",
    says: "Opens as often as wanted for so long; first entered within 24 h of its beginning.",
  },
  { word: "momentary", title: "Now", says: "Opens once within ten minutes at most." },
  {
    word: "erase",
    title: "End the others",
    says: "Entered at the door, it ends every code that began up to then; it opens nothing more.",
  },
]
const HOURS_AHEAD = [0, 1, 2, 4, 8, 12, 24, 48] as const
const HOUR_MS = 3_600_000
/** A lock follows the codes of so many people. */
const OWNERS_MAX = 4

/** The doors that a group of this person may open. */
function doorsOf(state: State, person: PersonId): readonly DoorId[] {
  const groups = [...(state.people.get(person)?.groups ?? [])]
  const grants = groups.flatMap((group) => [...(state.groups.get(group)?.grants ?? [])])
  return [...new Set(grants.flatMap((grant) => state.grants.get(grant)?.doors ?? []))]
}

/** Why a code would open nothing here, or null. */
function uselessAt(state: State, door: DoorId): string | null {
  const found = state.doors.get(door)
  if (found === undefined) return null
  if (!found.config.modes.some(({ factors }) => pinAlone(factors)))
    return `A code alone opens nothing here: the door wants ${modesWords(found.config, state)}.`
  const owners = [...state.people.values()].filter(
    ({ credentials, groups }) =>
      [...credentials].some((id) => state.credentials.get(id)?.what === "owner half") &&
      [...groups].some((group) =>
        [...(state.groups.get(group)?.grants ?? [])].some((grant) => found.grants.has(grant)),
      ),
  )
  return owners.length > OWNERS_MAX
    ? `${owners.length} people have offline PINs at this door, and a lock follows ${OWNERS_MAX}: it may not know this code.`
    : null
}

type CodeProps = {
  readonly person: PersonId
  readonly credential: CredentialId
  readonly state: State
  readonly onClose: () => void
}

export function OfflineCode({ person, credential, state, onClose }: CodeProps) {
  const name = useNames()
  const draft = useDrafting()
  const now_ms = useNow()
  const doors = doorsOf(state, person)
  const [door, setDoor] = useState<DoorId | "">(doors[0] ?? "")
  const [type, setType] = useState<OfflineType>("one-time")
  const [duration, setDuration] = useState(1)
  const [ahead_h, setAhead] = useState(0)
  const [fault, setFault] = useState<string | null>(null)
  const start = startOf(type, now_ms + (type === "momentary" ? 0 : ahead_h * HOUR_MS))
  const length = type === "timed" ? duration : 0
  const ends_ms = endOf({ type, epoch: 0, start, duration: length, sequence: 0 }) * 1_000
  const zone = door === "" ? null : (state.doors.get(door)?.config.zone ?? null)
  const useless = door === "" ? null : uselessAt(state, door)
  const save = async (): Promise<void> => {
    if (door === "") return setFault("Choose a door.")
    const slot = { credential, door, type, start, duration: length }
    const recipient = await newRecipient().catch(() => null)
    if (recipient === null) return setFault("The browser could not make a key for this.")
    const sequence = takeSequence(slot)
    if (sequence === null)
      return setFault("All codes of this kind that begin then were made. Let it begin an hour later.")
    const change: OfflineCodeChange = { kind: "offline code", ...slot, sequence, recipient }
    if (draft([{ change, issue: { to: "this page" } }], "A code is in the tray; it is shown once you have signed."))
      onClose()
  }
  return (
    <DraftAsk title={`An offline PIN of ${name(person)}`} onDraft={() => void save()} onClose={onClose}>
      <Field
        label="Door"
        hint={
          useless === null ? (
            "It opens as this person may open, and counts as their PIN."
          ) : (
            <span className="word open">{useless}</span>
          )
        }
        fault={fault}
      >
        {(field) => (
          <select
            {...field}
            value={door}
            onChange={(event) => setDoor(doors.find((each) => each === event.target.value) ?? "")}
          >
            {doors.length === 0 && <option value="">may open no door</option>}
            {doors.map((each) => (
              <option key={each} value={each}>
                {name(each)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Options legend="It opens" value={type} options={TYPES} onChange={setType} />
      {type !== "momentary" && (
        <div className="two">
          <Field label="Begins">
            {(field) => (
              <select {...field} value={ahead_h} onChange={(event) => setAhead(Number(event.target.value))}>
                {HOURS_AHEAD.map((hours) => (
                  <option key={hours} value={hours}>
                    {hours === 0 ? "this hour" : `in ${hours} h`}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {type === "timed" && (
            <Field label="Lasts">
              {(field) => (
                <select {...field} value={duration} onChange={(event) => setDuration(Number(event.target.value))}>
                  {DURATIONS_S.map((length_s, at) => (
                    <option key={length_s} value={at}>
                      {length_s < 86_400 ? `${length_s / 3_600} h` : `${length_s / 86_400} d`}
                    </option>
                  ))}
                </select>
              )}
            </Field>
          )}
        </div>
      )}
      {type !== "erase" && <p className="sentence">It can be entered until {timeWords(ends_ms, zone)}.</p>}
    </DraftAsk>
  )
}
