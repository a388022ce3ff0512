/**
 * Revoking somebody, and how far it has come. It reads NOT revoked until the keeper's receipt verifies in this browser; then
 * each door says for itself, and a door that is out of reach ends by its lease.
 */
import type { PersonId } from "@holdfast/base"
import type { Revocation as Answer } from "@holdfast/contract"
import { useEffect, useState } from "react"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { submit } from "../data/submit.ts"
import { useStore } from "../data/store.ts"
import { Until } from "../parts/age.tsx"
import { Ask } from "../parts/overlay.tsx"
import { Seal } from "../parts/seal.tsx"
import { type SealKind, sealOf } from "../words/evidence.ts"

type Step = { readonly is: "asked" } | { readonly is: "sending" } | { readonly is: "failed"; readonly why: string }

/**
 * Revoking only narrows, so the session's key suffices: one press, no passkey, and it is on its way. Only for somebody who is
 * told of silent alarms it takes a person's own key.
 */
export function RevokeAsk({ person, onClose }: { person: PersonId; onClose: () => void }) {
  const desk = useDesk()
  const name = useNames()
  const by = useSiteState()?.receivers.has(person) === true ? "person" : "session"
  const [step, setStep] = useState<Step>({ is: "asked" })
  const revoke = async (): Promise<void> => {
    setStep({ is: "sending" })
    const drafts = [{ id: 0, change: { kind: "person revoke", person } as const, opening: null, issue: null }]
    try {
      const { site, client, identity, session, authority } = desk
      const sent = await submit(site, client, identity, session, authority, drafts, by)
      const first = sent.ok ? sent.outcomes[0] : undefined
      if (first?.admitted === true) {
        desk.said.set(`${name(person)} is revoked in the authority log; the receipt verifies.`)
        return onClose()
      }
      setStep({ is: "failed", why: sent.ok ? (first?.admitted === false ? first.why : "no answer") : sent.why })
    } catch (error) {
      setStep({ is: "failed", why: error instanceof Error ? error.message : "the browser could not sign" })
    }
  }
  return (
    <Ask title={`Revoke ${name(person)}?`} onClose={onClose}>
      <p>
        Every card, PIN and phone of {name(person)} stops opening every door, and nothing that they sign counts any
        more. You can let them in again later.
      </p>
      <p className="word open" role="status">
        {step.is === "sending" ? "NOT revoked: waiting for the keeper's receipt" : "NOT revoked"}
      </p>
      {step.is === "failed" && <p role="alert">Not revoked: {step.why}. Nothing was changed; you can try again.</p>}
      <div className="row">
        <button type="button" className="button primary" disabled={step.is === "sending"} onClick={() => void revoke()}>
          Revoke now
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Keep
        </button>
      </div>
    </Ask>
  )
}

const POLL_MS = 2_000

type DoorRow = Answer["doors"][number]

/** What a door is to a revocation: its lock signed that it refuses, the server says so, it had nobody to refuse, or not yet. */
type Standing = "signed" | "told" | "not named" | "to come"

const STANDING_WORDS: Readonly<Record<Exclude<Standing, "to come">, string>> = {
  signed: "refuses",
  told: "refuses, not signed yet",
  "not named": "not on its list",
}

/** Only what the lock signed and this browser checked counts as more than hearsay; a door to come shows what it said last. */
function sealOfRow(row: DoorRow, standing: Standing): SealKind {
  if (standing === "to come") return sealOf(row.evidence)
  return standing === "signed" ? "signed" : "reported"
}

/** "4 locks have signed that they refuse, checked in this browser. 8 do not have this person on the list, as the server says." */
function summaryWords(standings: readonly Standing[]): string {
  const count = (wanted: Standing): number => standings.filter((each) => each === wanted).length
  const signed = count("signed")
  const told = count("told")
  const unnamed = count("not named")
  const left = count("to come")
  return [
    `${signed} ${signed === 1 ? "lock has" : "locks have"} signed that they refuse, checked in this browser.`,
    ...(told > 0 ? [`${told} ${told === 1 ? "refuses" : "refuse"}, as the server says.`] : []),
    ...(unnamed > 0
      ? [`${unnamed} ${unnamed === 1 ? "does" : "do"} not have this person on the list, as the server says.`]
      : []),
    ...(left > 0 ? [`${left} to come, at the latest as the lease ends.`] : []),
  ].join(" ")
}

/** Each door's state of a revocation, read again while doors are still open to it. */
export function Revocation({ person }: { person: PersonId }) {
  const desk = useDesk()
  const state = useSiteState()
  const doors = useStore(desk.doors)
  const [answer, setAnswer] = useState<Answer | null>(null)
  const done = answer?.doors.every((door) => door.done) === true
  useEffect(() => {
    let gone = false
    const read = (): void => {
      const { token } = desk.session
      void desk.client.ask("revocation", { params: { person } }, { token }).then((answered) => {
        if (!gone && answered.ok) setAnswer(answered.answer)
      })
    }
    read()
    const timer = done ? null : setInterval(read, POLL_MS)
    return () => {
      gone = true
      if (timer !== null) clearInterval(timer)
    }
  }, [desk, person, done])
  // The log proves it, not the server's answer: the folded state says revoked or it does not. A denial is no revocation.
  const proved = state?.people.get(person)?.standing === "revoked"
  /** "signed" only when a beat that this browser checked tells a policy after the revocation. */
  const standingOf = (row: DoorRow): Standing => {
    if (!row.done) return "to come"
    const index = answer?.statement?.index ?? null
    const door = doors.get(row.door)
    const version = door === undefined ? null : (desk.beats.stateOf(state, door)?.version ?? null)
    if (version !== null && index !== null && version.size > index) return "signed"
    return row.applied !== null && index !== null && row.applied.size > index ? "told" : "not named"
  }
  const rows = answer?.doors.map((row) => ({ row, standing: standingOf(row) })) ?? []
  return (
    <section className="panel stack" aria-label="Revocation">
      <div className="row apart">
        <h2>{proved ? "Revoked" : "NOT revoked"}</h2>
        {proved && <span className="word secure">receipt verified in this browser</span>}
      </div>
      {answer !== null && rows.length === 0 && <p className="muted">No paired door had this person in its policy.</p>}
      {rows.length > 0 && (
        <>
          <p>{summaryWords(rows.map(({ standing }) => standing))}</p>
          <table aria-label="Doors and the revocation">
            <thead>
              <tr>
                <th scope="col">Door</th>
                <th scope="col">State</th>
                <th scope="col">At the latest</th>
                <th scope="col">Evidence</th>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ row, standing }) => (
                <RevocationRow
                  key={row.door}
                  row={row}
                  standing={standing}
                  isUp={doors.get(row.door)?.link.up !== false}
                />
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}

function RevocationRow({ row, standing, isUp }: { row: DoorRow; standing: Standing; isUp: boolean }) {
  const name = useNames()
  return (
    <tr>
      <td>{name(row.door)}</td>
      <td>
        {standing === "to come" ? (
          <span className="word open">not yet{isUp ? "" : ", out of reach"}</span>
        ) : (
          <span className={standing === "signed" ? "word secure" : "word unknown"}>{STANDING_WORDS[standing]}</span>
        )}
      </td>
      <td>
        <Latest row={row} />
      </td>
      <td>
        <Seal kind={sealOfRow(row, standing)} />
      </td>
    </tr>
  )
}

/** When the door opens for the person no more, whatever happens. */
function Latest({ row }: { row: DoorRow }) {
  if (row.done) return "done"
  return row.lease_ends_at_ms === null ? "no lease held" : <Until at_ms={row.lease_ends_at_ms} />
}
