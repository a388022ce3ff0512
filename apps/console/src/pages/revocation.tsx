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
import { sealOf } from "../words/evidence.ts"

type Step = { readonly is: "asked" } | { readonly is: "sending" } | { readonly is: "failed"; readonly why: string }

/** Revoking only narrows, so the session's key suffices: one press, no passkey, and it is on its way. */
export function RevokeAsk({ person, onClose }: { person: PersonId; onClose: () => void }) {
  const desk = useDesk()
  const name = useNames()
  const [step, setStep] = useState<Step>({ is: "asked" })
  const revoke = async (): Promise<void> => {
    setStep({ is: "sending" })
    const drafts = [{ id: 0, change: { kind: "person revoke", person } as const, opening: null, issue: null }]
    try {
      const { site, client, identity, session, authority } = desk
      const sent = await submit(site, client, identity, session, authority, drafts, "session")
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

/** Each door's state of a revocation, read again while doors are still open to it. */
export function Revocation({ person }: { person: PersonId }) {
  const desk = useDesk()
  const state = useSiteState()
  const doors = useStore(desk.doors)
  const name = useNames()
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
  const left = answer?.doors.filter((door) => !door.done) ?? []
  /** Whether the lock itself signed that a policy after the revocation is in force. */
  const isSigned = (id: string): boolean => {
    const door = doors.get(id)
    const version = door === undefined ? null : (desk.beats.stateOf(state, door)?.version ?? null)
    return version !== null && answer?.statement != null && version.size > answer.statement.index
  }
  const signed = answer?.doors.filter((row) => row.done && isSigned(row.door)).length ?? 0
  return (
    <section className="panel stack" aria-label="Revocation">
      <div className="row apart">
        <h2>{proved ? "Revoked" : "NOT revoked"}</h2>
        {proved && <span className="word secure">receipt verified in this browser</span>}
      </div>
      {answer !== null && answer.doors.length === 0 && (
        <p className="muted">No paired door had this person in its policy.</p>
      )}
      {answer !== null && answer.doors.length > 0 && (
        <>
          <p>
            {answer.doors.length - left.length} of {answer.doors.length} doors have confirmed it; {signed}{" "}
            {signed === 1 ? "lock has" : "locks have"} signed so, checked in this browser.
            {left.length > 0 && " The others end at the latest with their lease."}
          </p>
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
              {answer.doors.map((row) => (
                <tr key={row.door}>
                  <td>{name(row.door)}</td>
                  <td>
                    {row.done && isSigned(row.door) ? (
                      <span className="word secure">refuses</span>
                    ) : row.done ? (
                      <span className="word unknown">refuses, by the server's account</span>
                    ) : (
                      <span className="word open">
                        not yet{doors.get(row.door)?.link.up === false ? ", out of reach" : ""}
                      </span>
                    )}
                  </td>
                  <td>
                    {row.done ? (
                      "done"
                    ) : row.lease_ends_at_ms === null ? (
                      "no lease held"
                    ) : (
                      <Until at_ms={row.lease_ends_at_ms} />
                    )}
                  </td>
                  <td>
                    <Seal kind={row.done && isSigned(row.door) ? "signed" : sealOf(row.evidence)} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}
