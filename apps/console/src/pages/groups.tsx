/** Groups and schedules: who belongs together, what they may open, and when. Rules read as sentences. */
import type { Group, Schedule, State } from "@holdfast/access"
import type { DoorId, GrantId, GroupId, ScheduleId } from "@holdfast/base"
import { useState } from "react"
import { Link } from "wouter"
import { useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { DraftTag } from "../parts/draft-tag.tsx"
import { Field } from "../parts/field.tsx"
import { closedWords, grantWords, rulesWords } from "../words/sentences.ts"
import { DraftAsk } from "./draft-ask.tsx"
import { newId, useDrafting } from "./drafting.ts"
import { ScheduleForm } from "./schedule-form.tsx"

type Asking =
  | { readonly is: "group" }
  | { readonly is: "grant"; readonly group: GroupId }
  | { readonly is: "schedule"; readonly schedule: ScheduleId | null }

export function GroupsPage() {
  const state = useDraftedState()
  const [asking, setAsking] = useState<Asking | null>(null)
  const close = (): void => setAsking(null)
  if (state === null) return <h1>Reading…</h1>
  return (
    <>
      <div className="page-head">
        <h1>Groups & schedules</h1>
        <div className="row">
          <button type="button" className="button" onClick={() => setAsking({ is: "schedule", schedule: null })}>
            New schedule
          </button>
          <button type="button" className="button primary" onClick={() => setAsking({ is: "group" })}>
            New group
          </button>
        </div>
      </div>
      {state.groups.size === 0 && (
        <div className="empty">
          <h2>There is no group yet</h2>
          <p>A group says who belongs together; a rule says which doors they may open and when. Start with a group.</p>
        </div>
      )}
      <ul className="stack" aria-label="Groups">
        {[...state.groups].map(([id, group]) => (
          <li key={id}>
            <GroupPanel id={id} group={group} state={state} onGrant={() => setAsking({ is: "grant", group: id })} />
          </li>
        ))}
      </ul>
      <Schedules state={state} onEdit={(schedule) => setAsking({ is: "schedule", schedule })} />
      {asking?.is === "group" && <NewGroup onClose={close} />}
      {asking?.is === "grant" && <NewGrant group={asking.group} state={state} onClose={close} />}
      {asking?.is === "schedule" && <ScheduleForm id={asking.schedule} state={state} onClose={close} />}
    </>
  )
}

const MEMBERS_SHOWN = 8

type GroupPanelProps = {
  readonly id: GroupId
  readonly group: Group
  readonly state: State
  readonly onGrant: () => void
}

function GroupPanel({ id, group, state, onGrant }: GroupPanelProps) {
  const name = useNames()
  const draft = useDrafting()
  const proved = useSiteState()
  const members = [...group.members.keys()]
  const remove = (grant: GrantId): void => {
    draft([{ change: { kind: "grant remove", grant } }], "Removing the rule is in the tray.")
  }
  return (
    <section className="panel stack" id={id} aria-label={group.name}>
      <div className="row apart">
        <h2 className="row">
          {group.name} {proved?.groups.has(id) !== true && <DraftTag />}
        </h2>
        <button type="button" className="button" onClick={onGrant}>
          Add a rule
        </button>
      </div>
      <ul className="lines">
        {group.grants.size === 0 && <li className="muted">May open nothing yet.</li>}
        {[...group.grants].map((grant) => {
          const found = state.grants.get(grant)
          if (found === undefined) return null
          return (
            <li key={grant}>
              <span>{grantWords(found, state, name)}.</span>
              {proved?.grants.has(grant) === true ? (
                <button type="button" className="button quiet" onClick={() => remove(grant)}>
                  Remove
                </button>
              ) : (
                <DraftTag />
              )}
            </li>
          )
        })}
      </ul>
      <details>
        <summary>
          {members.length} {members.length === 1 ? "person" : "people"}
        </summary>
        <MemberList members={members} />
      </details>
    </section>
  )
}

function MemberList({ members }: { members: readonly string[] }) {
  const name = useNames()
  const [all, setAll] = useState(false)
  const shown = all ? members : members.slice(0, MEMBERS_SHOWN)
  return (
    <ul className="chips">
      {shown.map((person) => (
        <li key={person}>
          <Link href={`/people/${person}`}>{name(person)}</Link>
        </li>
      ))}
      {shown.length < members.length && (
        <li>
          <button type="button" className="button quiet" onClick={() => setAll(true)}>
            and {members.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  )
}

function Schedules({ state, onEdit }: { state: State; onEdit: (id: ScheduleId) => void }) {
  const proved = useSiteState()
  const uses = (id: ScheduleId): number => [...state.grants.values()].filter((grant) => grant.schedule === id).length
  const line = (schedule: Schedule): string => `${rulesWords(schedule.rules)}, ${schedule.zone}`
  return (
    <section className="panel stack" aria-label="Schedules">
      <h2>Schedules</h2>
      {state.schedules.size === 0 && (
        <p className="muted">None yet. A rule without a schedule holds at any time of any day.</p>
      )}
      <ul className="lines">
        {[...state.schedules].map(([id, schedule]) => (
          <li key={id}>
            <span>
              <strong>{schedule.name}</strong>: {line(schedule)}
              {closedWords(schedule)}
              {proved?.schedules.has(id) !== true && <DraftTag />}
              <span className="muted">
                {" "}
                in {uses(id)} {uses(id) === 1 ? "rule" : "rules"}
              </span>
            </span>
            <button type="button" className="button quiet" onClick={() => onEdit(id)}>
              Change
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

function NewGroup({ onClose }: { onClose: () => void }) {
  const draft = useDrafting()
  const [name, setName] = useState("")
  const [fault, setFault] = useState<string | null>(null)
  const save = (): void => {
    const text = name.trim().normalize("NFC")
    if (text === "") return setFault("A group needs a name.")
    const change = { kind: "group set", group: newId<"GroupId">(), name: text } as const
    if (draft([{ change }], `${text} is in the tray; nothing is signed yet.`)) onClose()
  }
  return (
    <DraftAsk title="New group" onDraft={save} onClose={onClose}>
      <Field label="Name" hint="Stands in the log in plain text." fault={fault}>
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
    </DraftAsk>
  )
}

function NewGrant({ group, state, onClose }: { group: GroupId; state: State; onClose: () => void }) {
  const name = useNames()
  const draft = useDrafting()
  const [doors, setDoors] = useState<ReadonlySet<DoorId>>(new Set())
  const [schedule, setSchedule] = useState("")
  const [fault, setFault] = useState<string | null>(null)
  const toggle = (door: DoorId, on: boolean): void => {
    const next = new Set(doors)
    if (on) next.add(door)
    else next.delete(door)
    setDoors(next)
  }
  const scheduleId = [...state.schedules.keys()].find((id) => id === schedule) ?? null
  const grant = { group, doors: [...doors], schedule: scheduleId }
  const save = (): void => {
    if (doors.size === 0) return setFault("Choose at least one door.")
    const change = { kind: "grant set", grant: newId<"GrantId">(), ...grant } as const
    if (draft([{ change }], "The rule is in the tray; nothing is signed yet.")) onClose()
  }
  return (
    <DraftAsk title={`What may ${name(group)} open?`} onDraft={save} onClose={onClose}>
      <fieldset className="stack tight choices">
        <legend>Doors</legend>
        {[...state.doors.keys()].map((door) => (
          <label key={door} className="check">
            <input type="checkbox" checked={doors.has(door)} onChange={(event) => toggle(door, event.target.checked)} />
            {name(door)}
          </label>
        ))}
      </fieldset>
      <Field label="When" fault={fault}>
        {(field) => (
          <select {...field} value={schedule} onChange={(event) => setSchedule(event.target.value)}>
            <option value="">At any time</option>
            {[...state.schedules].map(([id, each]) => (
              <option key={id} value={id}>
                {each.name}: {rulesWords(each.rules)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {doors.size > 0 && <p className="sentence">{grantWords(grant, state, name)}.</p>}
    </DraftAsk>
  )
}
