/** One person: what they carry, where they belong, what they may open, and how far a revocation has come. */
import { type State } from "@holdfast/access"
import { type CredentialId, type GroupId, parseId, type PersonId } from "@holdfast/base"
import { useEffect, useState } from "react"
import { useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { halvesKept, hasHalf } from "../data/offline-codes.ts"
import { useStore } from "../data/store.ts"
import { DraftTag } from "../parts/draft-tag.tsx"
import { grantWords } from "../words/sentences.ts"
import { AddCredential } from "./add-credential.tsx"
import { useDrafting } from "./drafting.ts"
import { OfflineCode } from "./offline-code.tsx"
import { Revocation, RevokeAsk } from "./revocation.tsx"

const NAMES = {
  card: "Card",
  pin: "PIN",
  phone: "Phone",
  "owner half": "Offline PINs: the half that makes codes",
  "site half": "Offline PINs: the half of the site",
} as const

export function PersonPage({ id: text }: { id: string }) {
  const proved = useSiteState()
  const state = useDraftedState()
  const name = useNames()
  const draft = useDrafting()
  const [asking, setAsking] = useState<"credential" | "revoke" | null>(null)
  const id = parseId<"PersonId">(text)
  const person = id === null ? undefined : proved?.people.get(id)
  const isDraft = id !== null && person === undefined && state?.people.has(id) === true
  if (id === null || state === null || (person === undefined && !isDraft))
    return <h1>{state === null ? "Reading…" : "Nobody by this id is in the authority log"}</h1>
  const standing = person?.standing ?? "good"
  return (
    <>
      <div className="page-head">
        <div className="row">
          <h1>{name(id)}</h1>
          {isDraft && <DraftTag says="draft: not signed yet" />}
          {standing !== "good" && <span className="tag">{standing}</span>}
        </div>
        {person !== undefined && (
          <div className="row">
            {standing === "good" ? (
              <button type="button" className="button" onClick={() => setAsking("revoke")}>
                Revoke…
              </button>
            ) : (
              <button
                type="button"
                className="button"
                onClick={() =>
                  draft([{ change: { kind: "person restore", person: id } }], "Letting in again is in the tray.")
                }
              >
                Let in again
              </button>
            )}
          </div>
        )}
      </div>
      {standing !== "good" && <Revocation person={id} />}
      <Credentials id={id} state={state} onAdd={() => setAsking("credential")} />
      <Groups id={id} state={state} />
      <Rights id={id} state={state} />
      {asking === "credential" && <AddCredential person={id} onClose={() => setAsking(null)} />}
      {asking === "revoke" && <RevokeAsk person={id} onClose={() => setAsking(null)} />}
    </>
  )
}

function Credentials({ id, state, onAdd }: { id: PersonId; state: State; onAdd: () => void }) {
  const proved = useSiteState()
  const draft = useDrafting()
  const held = [...(state.people.get(id)?.credentials ?? [])]
  const [making, setMaking] = useState<CredentialId | null>(null)
  return (
    <section className="panel stack" aria-label="Credentials">
      <div className="row apart">
        <h2>Credentials</h2>
        <button type="button" className="button" onClick={onAdd}>
          Add a credential
        </button>
      </div>
      {held.length === 0 && <p className="muted">Nothing to present at a door yet.</p>}
      <ul className="lines">
        {held.map((credential) => {
          const found = state.credentials.get(credential)
          if (found === undefined) return null
          return (
            <li key={credential}>
              <span>
                {NAMES[found.what]} <code className="muted">{credential.slice(0, 8)}</code>
                {found.denied && <span className="tag">denied</span>}
              </span>
              {proved?.credentials.has(credential) === true ? (
                <span className="row">
                  {found.what === "owner half" && (
                    <MakeCode credential={credential} onMake={() => setMaking(credential)} />
                  )}
                  <button
                    type="button"
                    className="button quiet"
                    onClick={() =>
                      draft([{ change: { kind: "credential remove", credential } }], "Taking it away is in the tray.")
                    }
                  >
                    Take away
                  </button>
                </span>
              ) : (
                <DraftTag />
              )}
            </li>
          )
        })}
      </ul>
      {making !== null && <OfflineCode person={id} credential={making} state={state} onClose={() => setMaking(null)} />}
    </section>
  )
}

/** Only the browser that keeps the half can make a code of it. */
function MakeCode({ credential, onMake }: { credential: CredentialId; onMake: () => void }) {
  const [isHere, setHere] = useState<boolean | null>(null)
  const kept = useStore(halvesKept)
  useEffect(() => {
    let gone = false
    void hasHalf(credential).then((has) => {
      if (!gone) setHere(has)
    })
    return () => {
      gone = true
    }
  }, [credential, kept])
  if (isHere === null) return null
  if (!isHere) return <span className="muted">kept in another browser</span>
  return (
    <button type="button" className="button" onClick={onMake}>
      Make a code
    </button>
  )
}

function Groups({ id, state }: { id: PersonId; state: State }) {
  const name = useNames()
  const proved = useSiteState()
  const draft = useDrafting()
  const [chosen, setChosen] = useState("")
  const groups = [...(state.people.get(id)?.groups ?? [])]
  const others = [...state.groups.keys()].filter((group) => !groups.includes(group))
  const join = (group: GroupId): void => {
    draft(
      [{ change: { kind: "member add", group, person: id, from: null, until: null } }],
      `Joining ${name(group)} is in the tray.`,
    )
    setChosen("")
  }
  return (
    <section className="panel stack" aria-label="Groups">
      <h2>Groups</h2>
      {groups.length === 0 && <p className="muted">In no group, so there is nothing this person may open.</p>}
      <ul className="lines">
        {groups.map((group) => (
          <li key={group}>
            <span>
              {name(group)} {proved?.people.get(id)?.groups.has(group) !== true && <DraftTag />}
            </span>
            <button
              type="button"
              className="button quiet"
              onClick={() =>
                draft(
                  [{ change: { kind: "member remove", group, person: id } }],
                  `Leaving ${name(group)} is in the tray.`,
                )
              }
            >
              Take out
            </button>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <div className="row">
          <select aria-label="Group to join" value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value="">Put into a group…</option>
            {others.map((group) => (
              <option key={group} value={group}>
                {name(group)}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="button"
            disabled={chosen === ""}
            onClick={() => {
              const group = others.find((each) => each === chosen)
              if (group !== undefined) join(group)
            }}
          >
            Put in
          </button>
        </div>
      )}
    </section>
  )
}

/** What a person may open, as sentences, each from one rule of one of their groups. */
function Rights({ id, state }: { id: PersonId; state: State }) {
  const name = useNames()
  const mayOpen = useSiteState()?.people.get(id)?.standing !== "revoked"
  const grants = [...(state.people.get(id)?.groups ?? [])].flatMap((group) =>
    [...(state.groups.get(group)?.grants ?? [])].map((grant) => ({ grant, found: state.grants.get(grant) })),
  )
  return (
    <section className="panel stack" aria-label="May open">
      <h2>{mayOpen ? "May open" : "Would open, if let in again"}</h2>
      {grants.length === 0 && <p className="muted">No door.</p>}
      <ul className="lines">
        {grants.map(({ grant, found }) =>
          found === undefined ? null : <li key={grant}>{grantWords(found, state, name)}.</li>,
        )}
      </ul>
    </section>
  )
}
