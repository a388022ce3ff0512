/** Who is told of silent alarms: everybody may read it, an administrator's own key names them. */
import type { State } from "@holdfast/access"
import type { PersonId } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { useState } from "react"
import { useDesk, useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { useStore } from "../data/store.ts"
import { Link } from "wouter"
import { DraftTag } from "../parts/draft-tag.tsx"
import { Short } from "../parts/short.tsx"
import { useDrafting } from "./drafting.ts"

const KEY_SIZE = 65

/** The key in the text; null for text that is none. */
export function readKey(text: string): Uint8Array | null {
  const bytes = fromHex(text.trim().toLowerCase())
  return bytes !== null && bytes.length === KEY_SIZE && bytes[0] === 4 ? bytes : null
}

/** Those who have a key of their own here: nobody else can sign in and be told. */
function candidates(state: State | null): PersonId[] {
  const people = new Set<PersonId>()
  for (const { person, parent, revoked } of state?.delegations.values() ?? [])
    if (parent === null && !revoked && state?.people.get(person)?.standing === "good") people.add(person)
  return [...people]
}

export function Receivers() {
  const desk = useDesk()
  const state = useSiteState()
  const drafted = useDraftedState()
  const name = useNames()
  const draft = useDrafting()
  const receivers = [...(drafted?.receivers ?? [])]
  const remove = (person: PersonId): void => {
    draft([{ change: { kind: "receiver remove", person } }], `${name(person)} would no longer be told.`)
  }
  return (
    <section className="panel stack" aria-label="Receivers of silent alarms">
      <h2>Who is told of silent alarms</h2>
      <p className="muted">
        Whoever enters with a code for duress calls for help unseen. Only these people are told, each by a key of their
        own, and nobody is told of their own call.
      </p>
      {receivers.length < 2 && (
        <div className="notice open">
          <strong>{receivers.length === 0 ? "Nobody is told." : "Only one person is told."}</strong>{" "}
          {receivers.length === 0
            ? "A call for help would be kept by the keeper and heard by no one."
            : "Were that person forced, nobody would hear of it."}
        </div>
      )}
      <ul className="lines">
        {receivers.map(([person, key]) => (
          <li key={person}>
            <span>
              {name(person)} {person === desk.identity.person && <span className="muted">(you)</span>}{" "}
              {state?.receivers.has(person) !== true && <DraftTag />}
            </span>
            <span className="row">
              <Short value={toHex(key)} what="receiving key" />
              <button type="button" className="button quiet" onClick={() => remove(person)}>
                Tell no more
              </button>
            </span>
          </li>
        ))}
      </ul>
      <OwnKey />
      <NameReceiver />
      {state?.receivers.has(desk.identity.person) === true && (
        <p>
          <Link href="/silent">Silent alarms</Link>
        </p>
      )}
    </section>
  )
}

/** The key of this browser: made here, kept here, and named by an administrator. */
function OwnKey() {
  const desk = useDesk()
  const state = useDraftedState()
  const draft = useDrafting()
  const key = useStore(desk.alarms.key)
  const { person } = desk.identity
  const isNamed = key !== null && toHex(state?.receivers.get(person) ?? new Uint8Array()) === toHex(key.publicKey)
  if (key === null)
    return (
      <div className="row">
        <button type="button" className="button" onClick={() => void desk.alarms.makeKey()}>
          Make a receiving key in this browser
        </button>
      </div>
    )
  const change = { kind: "receiver set", person, key: key.publicKey } as const
  return (
    <div className="row">
      <span>This browser's receiving key</span>
      <Short value={toHex(key.publicKey)} what="this browser's receiving key" />
      {!isNamed && (
        <button
          type="button"
          className="button"
          onClick={() => void draft([{ change }], "You would be told in this browser.")}
        >
          Tell me here
        </button>
      )}
    </div>
  )
}

function NameReceiver() {
  const desk = useDesk()
  const state = useSiteState()
  const name = useNames()
  const draft = useDrafting()
  const [person, setPerson] = useState("")
  const [text, setText] = useState("")
  const key = readKey(text)
  const others = candidates(state).filter((each) => each !== desk.identity.person)
  const found = others.find((each) => each === person)
  if (others.length === 0) return null
  return (
    <form
      className="row"
      aria-label="Name somebody else"
      onSubmit={(event) => {
        event.preventDefault()
        if (found === undefined || key === null) return
        if (draft([{ change: { kind: "receiver set", person: found, key } }], `${name(found)} would be told.`))
          setText("")
      }}
    >
      <select aria-label="Person to tell" value={person} onChange={(event) => setPerson(event.target.value)}>
        <option value="">Somebody else…</option>
        {others.map((each) => (
          <option key={each} value={each}>
            {name(each)}
          </option>
        ))}
      </select>
      <input
        aria-label="Their receiving key"
        placeholder="Their receiving key"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className="button" disabled={found === undefined || key === null}>
        Tell them
      </button>
    </form>
  )
}
