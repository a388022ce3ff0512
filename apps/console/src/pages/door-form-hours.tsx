/** When the door wants something else or stands unlocked, what it wants at each threat level, and who may enrol there. */
import type { Office } from "@holdfast/access/door"
import type { DoorId, PersonId } from "@holdfast/base"
import { useState } from "react"
import { useDraftedState, useNames } from "../app/desk.ts"
import type { HoursText } from "../data/door-text.ts"
import { factorsFault, LEVELS_MAX } from "../data/read-door.ts"
import { FactorsField } from "../parts/factors-field.tsx"
import { rulesWords } from "../words/sentences.ts"
import { faultAt, type FormPart, TextField } from "./door-form-basics.tsx"

const OFFICE: readonly (readonly [Office | "", string])[] = [
  ["", "stays locked"],
  ["by schedule", "stands unlocked"],
  ["after first entry", "stands unlocked once somebody has come in"],
]

export function Hours({ text, set, fault }: FormPart) {
  const state = useDraftedState()
  const wrong = faultAt(fault, "hours")
  const schedules = [...(state?.schedules ?? [])]
  const put = (hours: readonly HoursText[]): void => set({ hours })
  const change = (at: number, part: Partial<HoursText>): void =>
    put(text.hours.map((each, place) => (place === at ? { ...each, ...part } : each)))
  return (
    <fieldset className="stack tight">
      <legend>In these hours</legend>
      <small className="muted">
        The first line whose schedule is open counts; outside all of them, what stands above.
      </small>
      {text.hours.map((line, at) => (
        // Lines have no name of their own; the first that matches counts, so their place is what they are.
        <div key={at} className="hours-line" role="group" aria-label={`Hours, line ${at + 1}`}>
          <select
            aria-label="During"
            aria-invalid={wrong !== null && line.schedule === ""}
            value={line.schedule}
            onChange={(event) =>
              change(at, { schedule: schedules.find(([id]) => id === event.target.value)?.[0] ?? "" })
            }
          >
            <option value="">during…</option>
            {schedules.map(([id, each]) => (
              <option key={id} value={id}>
                {each.name}: {rulesWords(each.rules)}
              </option>
            ))}
          </select>
          <select
            aria-label="The door"
            value={line.office}
            onChange={(event) =>
              change(at, { office: OFFICE.find(([word]) => word === event.target.value)?.[0] ?? "" })
            }
          >
            {OFFICE.map(([word, says]) => (
              <option key={word} value={word}>
                {says}
              </option>
            ))}
          </select>
          <FactorsField
            label="and wants"
            value={line.factors}
            grade={Number(text.grade)}
            invalid={wrong !== null && factorsFault(line.factors, Number(text.grade)) !== null}
            onChange={(factors) => change(at, { factors })}
          />
          <button
            type="button"
            className="button quiet"
            onClick={() => put(text.hours.filter((_, place) => place !== at))}
          >
            Remove
          </button>
        </div>
      ))}
      {wrong !== null && <p role="alert">{wrong}</p>}
      <div>
        {schedules.length === 0 ? (
          <p className="muted">There is no schedule yet; make one under Groups & schedules.</p>
        ) : (
          <button
            type="button"
            className="button quiet"
            onClick={() => put([...text.hours, { schedule: "", factors: text.factors, office: "" }])}
          >
            Another line of hours
          </button>
        )}
      </div>
    </fieldset>
  )
}

export function ThreatLevels({ text, set, fault }: FormPart) {
  const wrong = faultAt(fault, "threat")
  return (
    <fieldset className="stack tight">
      <legend>At a raised threat level</legend>
      <small className="muted">
        What the door wants to see then, beside what the hour wants; a higher level wants what the last one does.
      </small>
      {text.threat.map((factors, at) => (
        <div key={at} className="row">
          <span>Level {at + 1}</span>
          <FactorsField
            label={`Level ${at + 1}`}
            value={factors}
            grade={Number(text.grade)}
            invalid={wrong !== null}
            onChange={(changed) => set({ threat: text.threat.map((each, place) => (place === at ? changed : each)) })}
          />
        </div>
      ))}
      {wrong !== null && <p role="alert">{wrong}</p>}
      <div className="row">
        {text.threat.length < LEVELS_MAX && (
          <button
            type="button"
            className="button quiet"
            onClick={() => set({ threat: [...text.threat, "card and pin"] })}
          >
            Another level
          </button>
        )}
        {text.threat.length > 0 && (
          <button type="button" className="button quiet" onClick={() => set({ threat: text.threat.slice(0, -1) })}>
            Remove the last level
          </button>
        )}
      </div>
    </fieldset>
  )
}

/** What is found elsewhere narrows this door only if it is said here; nothing but asking for more can come of it. */
export function Heeding(part: FormPart) {
  const { text, set, fault, door } = part
  const state = useDraftedState()
  const name = useNames()
  // A door that is heeded may have been removed since: it is shown as long as the form is open, so that it can be taken out.
  const [before] = useState(text.heeded)
  const others = [...new Set([...(state?.doors.keys() ?? []), ...before])].filter((each) => each !== door)
  const wrong = faultAt(fault, "heeded")
  const toggle = (other: DoorId, on: boolean): void =>
    set({ heeded: on ? [...text.heeded, other] : text.heeded.filter((each) => each !== other) })
  return (
    <fieldset className="stack tight choices">
      <legend>When something grave is found at another door</legend>
      <TextField
        {...part}
        label="This door is at threat level 1 for"
        hint="minutes, 1 to 60, at most; empty: never. What stood unlocked is locked; the way out stays free."
        part="narrowed_min"
      />
      {text.narrowed_min !== "" && (
        <>
          <small className="muted">Because of these doors; none ticked: of any.</small>
          {others.map((other) => (
            <label key={other} className="check">
              <input
                type="checkbox"
                checked={text.heeded.includes(other)}
                onChange={(event) => toggle(other, event.target.checked)}
              />
              <span>
                {name(other)}
                {state !== null && !state.doors.has(other) && <small className="muted"> is no door any more</small>}
              </span>
            </label>
          ))}
        </>
      )}
      {wrong !== null && <p role="alert">{wrong}</p>}
    </fieldset>
  )
}

/** Only who may come in here can open a session: they show their own factors for it. */
export function Enrollers({ text, set, fault, door }: FormPart) {
  const state = useDraftedState()
  const name = useNames()
  const grants = [...((door === null ? undefined : state?.doors.get(door))?.grants ?? [])]
  const people = new Set<PersonId>(text.enrollers)
  for (const grant of grants) {
    const group = state?.grants.get(grant)?.group
    for (const person of (group === undefined ? undefined : state?.groups.get(group))?.members.keys() ?? [])
      people.add(person)
  }
  const wrong = faultAt(fault, "enrollers")
  const toggle = (person: PersonId, on: boolean): void =>
    set({ enrollers: on ? [...text.enrollers, person] : text.enrollers.filter((each) => each !== person) })
  return (
    <fieldset className="stack tight choices">
      <legend>Who may open enrolment at the reader</legend>
      <small className="muted">
        They press the button, show their own factors, and have five minutes to enrol fingers and cards.
      </small>
      {people.size === 0 && <p className="muted">Nobody may open this door yet; give a group a rule first.</p>}
      {[...people].map((person) => (
        <label key={person} className="check">
          <input
            type="checkbox"
            checked={text.enrollers.includes(person)}
            onChange={(event) => toggle(person, event.target.checked)}
          />
          {name(person)}
        </label>
      ))}
      {wrong !== null && <p role="alert">{wrong}</p>}
    </fieldset>
  )
}
