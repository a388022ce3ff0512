/** People: everybody the authority log knows, as many as there are; names are asked for only where one looks. */
import type { Person } from "@holdfast/access"
import type { PersonId } from "@holdfast/base"
import { useEffect, useState } from "react"
import { Link, useLocation } from "wouter"
import { useDesk, useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { shortId } from "../data/labels.ts"
import { useStore } from "../data/store.ts"
import { DraftTag } from "../parts/draft-tag.tsx"
import { Field } from "../parts/field.tsx"
import { WindowList } from "../parts/window-list.tsx"
import { DraftAsk } from "./draft-ask.tsx"
import { newId, sealedLabel, useDrafting } from "./drafting.ts"

type Row = { readonly id: PersonId; readonly person: Person; readonly name: string; readonly isDraft: boolean }

const ROW_PX = 56
const NAME_LENGTH_MAX = 200

/** Up to this many people all names are looked at together, so that the list stands in the order of names. */
const LOOK_AT_ALL_MAX = 500

export function PeoplePage() {
  const desk = useDesk()
  const proved = useSiteState()
  const state = useDraftedState()
  const labels = useStore(desk.labels.store)
  const [wanted, setWanted] = useState("")
  const [adding, setAdding] = useState(false)
  const search = wanted.trim().toLowerCase()
  const ids = [...(proved?.people.keys() ?? [])]
  const few = ids.length <= LOOK_AT_ALL_MAX
  useEffect(() => {
    if (few || search !== "") desk.labels.need(ids)
  })
  const rows: Row[] = [...(state?.people ?? [])].map(([id, person]) => {
    const label = labels.get(id)
    const name = label?.is === "known" ? label.text : shortId(id)
    return { id, person, name, isDraft: proved?.people.has(id) !== true }
  })
  const found = search === "" ? rows : rows.filter((row) => row.name.toLowerCase().includes(search))
  const named = rows.filter((row) => labels.has(row.id)).length
  if (proved === null) return <h1>Reading…</h1>
  // By name once all names are there; until then in the order of the log, or rows would jump while one scrolls.
  const sorted = named < rows.length ? found : [...found].sort((a, b) => a.name.localeCompare(b.name, "en"))
  return (
    <>
      <div className="page-head">
        <div>
          <h1>People</h1>
          <p>
            {proved.people.size} in the authority log
            {named < rows.length && `, ${named} names looked at`}
          </p>
        </div>
        <div className="row">
          <input
            type="search"
            aria-label="Search people by name"
            placeholder="Search by name"
            value={wanted}
            onChange={(event) => setWanted(event.target.value)}
          />
          <button type="button" className="button primary" onClick={() => setAdding(true)}>
            Add a person
          </button>
        </div>
      </div>
      {rows.length === 0 ? (
        <div className="empty">
          <h2>Nobody can open a door yet</h2>
          <p>Add a person, give them a card or a PIN, and put them into a group that may open doors.</p>
          <button type="button" className="button primary" onClick={() => setAdding(true)}>
            Add a person
          </button>
        </div>
      ) : (
        <WindowList
          items={sorted}
          row_px={ROW_PX}
          label="People"
          keyOf={(row) => row.id}
          onShown={(shown) => desk.labels.need(shown.filter((row) => !row.isDraft).map((row) => row.id))}
        >
          {(row) => <PersonRow row={row} />}
        </WindowList>
      )}
      {sorted.length === 0 && rows.length > 0 && <p>Nobody by that name.</p>}
      {adding && <AddPerson onClose={() => setAdding(false)} />}
    </>
  )
}

function PersonRow({ row }: { row: Row }) {
  const state = useDraftedState()
  const { person } = row
  const groups = [...person.groups].map((id) => state?.groups.get(id)?.name ?? "")
  const count = person.credentials.size
  return (
    <Link href={`/people/${row.id}`} className="person-row">
      <strong>{row.name}</strong>
      <span className="muted">{groups.join(", ") || "in no group"}</span>
      <span className="muted not-phone">
        {count} {count === 1 ? "credential" : "credentials"}
      </span>
      {row.isDraft && <DraftTag />}
      {!row.isDraft && (person.standing === "good" ? <span /> : <span className="tag">{person.standing}</span>)}
    </Link>
  )
}

function AddPerson({ onClose }: { onClose: () => void }) {
  const state = useDraftedState()
  const draft = useDrafting()
  const [, go] = useLocation()
  const [name, setName] = useState("")
  const [group, setGroup] = useState("")
  const [fault, setFault] = useState<string | null>(null)
  const add = (): void => {
    const text = name.trim().normalize("NFC")
    if (text === "") return setFault("A person needs a name that others recognise.")
    const person = newId<"PersonId">()
    const { commitment, opening } = sealedLabel(person, text)
    const member = [...(state?.groups.keys() ?? [])].find((id) => id === group)
    const done = draft(
      [
        { change: { kind: "person add", person, commitment }, opening },
        ...(member === undefined
          ? []
          : [{ change: { kind: "member add", group: member, person, from: null, until: null } } as const]),
      ],
      `${text} is in the tray; nothing is signed yet.`,
    )
    if (!done) return
    onClose()
    go(`/people/${person}`)
  }
  return (
    <DraftAsk title="Add a person" onDraft={add} onClose={onClose}>
      <Field label="Name" hint="Sealed: it never stands in the log." fault={fault}>
        {(field) => (
          <input
            {...field}
            type="text"
            autoComplete="off"
            maxLength={NAME_LENGTH_MAX}
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <GroupField value={group} onChange={setGroup} />
    </DraftAsk>
  )
}

function GroupField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const state = useDraftedState()
  const name = useNames()
  return (
    <Field label="Group" hint="What the group may open, this person may open.">
      {(field) => (
        <select {...field} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">None yet</option>
          {[...(state?.groups.keys() ?? [])].map((id) => (
            <option key={id} value={id}>
              {name(id)}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}
