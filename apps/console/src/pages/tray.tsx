/** The drafts tray: what was collected, what it would change at which door, and one signature over all of it. */
import { describe } from "@holdfast/access"
import { useEffect, useState } from "react"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { type Draft, keepOnly, removeDraft, undo } from "../data/drafts.ts"
import { deliver, type Delivered } from "../data/issue.ts"
import { useStore } from "../data/store.ts"
import { submit } from "../data/submit.ts"
import { Ask, Sheet } from "../parts/overlay.tsx"
import { listWords, type Name } from "../words/sentences.ts"
import type { Preview } from "../work/preview.ts"
import { Rehearsal } from "../work/rehearsal.ts"
import { signingFault } from "./sign-in.tsx"

function usePreview(drafts: readonly Draft[]): Preview | null {
  const desk = useDesk()
  const state = useSiteState()
  const [rehearsal, setRehearsal] = useState<Rehearsal | null>(null)
  const [result, setResult] = useState<Preview | null>(null)
  const needed = drafts.length > 0
  useEffect(() => {
    if (!needed) return
    let gone = false
    let started: Rehearsal | null = null
    void Rehearsal.start().then((made) => {
      if (gone) return made.stop()
      started = made
      setRehearsal(made)
    })
    return () => {
      gone = true
      setRehearsal(null)
      started?.stop()
    }
  }, [needed])
  useEffect(() => {
    if (state === null || rehearsal === null || drafts.length === 0) return setResult(null)
    let gone = false
    const changes = drafts.map(({ change }) => change)
    void rehearsal.ask(desk.authority, state, changes).then((made) => {
      if (!gone) setResult(made)
    })
    return () => {
      gone = true
    }
  }, [desk, state, drafts, rehearsal])
  return result
}

function peopleIn(preview: Preview, side: "gain" | "lose"): ReadonlySet<string> {
  return new Set(preview.doors.flatMap((door) => door[side]))
}

function countWords(preview: Preview | null): string {
  if (preview === null) return "working out who gains and who loses…"
  const gain = peopleIn(preview, "gain").size
  const lose = peopleIn(preview, "lose").size
  if (gain + lose === 0) return "nobody gains or loses"
  const gaining = `${gain} ${gain === 1 ? "person gains" : "people gain"}`
  const losing = `${lose} ${lose === 1 ? "person loses" : "people lose"}`
  return [...(gain > 0 ? [gaining] : []), ...(lose > 0 ? [losing] : [])].join(", ")
}

/** Drafts live in this page alone: whoever reloads or closes it is asked first. */
function useLeaveQuestion(asks: boolean): void {
  useEffect(() => {
    if (!asks) return
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault()
    addEventListener("beforeunload", ask)
    return () => removeEventListener("beforeunload", ask)
  }, [asks])
}

export function TrayBar() {
  const desk = useDesk()
  const { drafts, undone } = useStore(desk.tray)
  useLeaveQuestion(drafts.length > 0)
  const [reviewing, setReviewing] = useState(false)
  const [delivered, setDelivered] = useState<readonly Delivered[]>([])
  const preview = usePreview(drafts)
  return (
    <>
      {drafts.length > 0 && (
        <section className="tray" aria-label="Drafts">
          <span>
            <strong>
              {drafts.length} {drafts.length === 1 ? "change" : "changes"}
            </strong>{" "}
            <span className="muted">{countWords(preview)}</span>
          </span>
          <span className="row">
            {undone !== null && (
              <button type="button" className="button quiet" onClick={() => desk.tray.change(undo)}>
                Undo
              </button>
            )}
            <button type="button" className="button primary" onClick={() => setReviewing(true)}>
              Review and sign
            </button>
          </span>
        </section>
      )}
      {drafts.length === 0 && undone !== null && (
        <section className="tray" aria-label="Drafts">
          <span>The tray is empty.</span>
          <button type="button" className="button quiet" onClick={() => desk.tray.change(undo)}>
            Undo
          </button>
        </section>
      )}
      {reviewing && drafts.length > 0 && (
        <Review preview={preview} onClose={() => setReviewing(false)} onDelivered={setDelivered} />
      )}
      {delivered.length > 0 && <Handing delivered={delivered} onClose={() => setDelivered([])} />}
    </>
  )
}

type ReviewProps = {
  readonly preview: Preview | null
  readonly onClose: () => void
  readonly onDelivered: (delivered: readonly Delivered[]) => void
}

type Signing = {
  readonly busy: boolean
  /** Why nothing was changed. */
  readonly fault: string | null
  /** Why a draft was not admitted, by its number. */
  readonly refused: ReadonlyMap<number, string>
  readonly sign: () => Promise<void>
}

/** Signs the tray's drafts: what is admitted leaves the tray, what is not stays with its reason. */
function useSigning({ onClose, onDelivered }: ReviewProps): Signing {
  const desk = useDesk()
  const { drafts } = useStore(desk.tray)
  const [busy, setBusy] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const [refused, setRefused] = useState<ReadonlyMap<number, string>>(new Map())
  const sign = async (): Promise<void> => {
    setBusy(true)
    setFault(null)
    setRefused(new Map())
    try {
      const { site, client, identity, session, authority } = desk
      const sent = await submit(site, client, identity, session, authority, drafts, "person")
      if (!sent.ok) setFault(`Nothing was changed: ${sent.why}`)
      else {
        const no = sent.outcomes.flatMap((each) => (each.admitted ? [] : [each]))
        const yes = sent.outcomes.flatMap((each) => (each.admitted ? [each.draft] : []))
        setRefused(new Map(no.map(({ draft, why }) => [draft.id, why])))
        desk.tray.change((tray) => keepOnly(tray, new Set(no.map(({ draft }) => draft.id))))
        onDelivered(await deliver(site, desk.world, yes, sent.issued))
        desk.said.set(
          yes.length === 1
            ? "1 change is in the log; its receipt verifies."
            : `${yes.length} changes are in the log; the receipts verify.`,
        )
        if (no.length === 0) return onClose()
      }
    } catch (error) {
      setFault(`Nothing was changed. ${signingFault(error)}`)
    }
    setBusy(false)
  }
  return { busy, fault, refused, sign }
}

function Review(props: ReviewProps) {
  const { preview, onClose } = props
  const desk = useDesk()
  const name = useNames()
  const { drafts } = useStore(desk.tray)
  const { busy, fault, refused, sign } = useSigning(props)
  const software = desk.identity.key.kind === "software"
  return (
    <Sheet
      wide
      modal
      onClose={onClose}
      title={
        <>
          <h2>
            Review {drafts.length} {drafts.length === 1 ? "change" : "changes"}
          </h2>
          <span className="muted" role="status">
            {countWords(preview)}
          </span>
        </>
      }
    >
      <ol className="drafts" aria-label="Changes">
        {drafts.map((draft, place) => (
          <DraftItem
            key={draft.id}
            draft={draft}
            place={place}
            misfit={preview?.faults.find((each) => each.place === place)?.says}
            why={refused.get(draft.id)}
          />
        ))}
      </ol>
      <DifferenceTable preview={preview} name={name} />
      {fault !== null && (
        <p className="notice open" role="alert">
          {fault}
        </p>
      )}
      <div className="stack tight">
        <div className="row">
          <button
            type="button"
            className="button primary"
            disabled={busy || drafts.length === 0}
            onClick={() => void sign()}
          >
            {busy ? "Signing…" : software ? "Sign with the key in this browser" : "Sign with your passkey"}
          </button>
          {software && <span className="tag open">software key</span>}
        </div>
        <p className="muted">One signature covers all of it. Nothing has happened until the receipts verify here.</p>
      </div>
    </Sheet>
  )
}

type DraftItemProps = {
  readonly draft: Draft
  readonly place: number
  /** Why it would be refused, and why it was. */
  readonly misfit: string | undefined
  readonly why: string | undefined
}

function DraftItem({ draft, place, misfit, why }: DraftItemProps) {
  const desk = useDesk()
  const state = useSiteState()
  const name = useNames()
  // Each draft is told against the state that the drafts before it would make.
  const folded = useStore(desk.folded)
  const sentences = folded === null ? [] : describe(draft.change, name, folded.before[place] ?? folded.state)
  const remove = (): void =>
    desk.tray.change((tray) => removeDraft(tray, draft.id, (id) => state?.touched.has(id) === true))
  return (
    <li>
      <div className="stack tight">
        {sentences.map((sentence) => (
          <span key={sentence}>{sentence}</span>
        ))}
        {misfit !== undefined && <span className="word open">Would be refused: {misfit}</span>}
        {why !== undefined && (
          <span className="word open" role="alert">
            Not admitted: {why}
            {why === "needs another person" && "; another administrator can make and sign the same change"}
          </span>
        )}
      </div>
      <button type="button" className="button quiet" onClick={remove}>
        Remove
      </button>
    </li>
  )
}

const NAMES_SHOWN = 5

function peopleWords(people: readonly string[], name: Name): string {
  if (people.length <= NAMES_SHOWN) return listWords(people.map(name))
  return `${people.slice(0, NAMES_SHOWN).map(name).join(", ")} and ${people.length - NAMES_SHOWN} more`
}

function DifferenceTable({ preview, name }: { preview: Preview | null; name: Name }) {
  const changed = preview?.doors.filter((door) => door.gain.length + door.lose.length > 0) ?? []
  const still = (preview?.doors.length ?? 0) - changed.length
  return (
    <section className="stack" aria-label="Difference at the doors">
      <h3>At the doors</h3>
      {preview === null && <p className="muted">Compiling the doors that are touched…</p>}
      {preview !== null && changed.length === 0 && <p className="muted">Nobody gains or loses at any door.</p>}
      {changed.length > 0 && (
        <table aria-label="Who gains and who loses">
          <thead>
            <tr>
              <th scope="col">Door</th>
              <th scope="col">Gains</th>
              <th scope="col">Loses</th>
            </tr>
          </thead>
          <tbody>
            {changed.map((door) => (
              <tr key={door.door}>
                <td>{name(door.door)}</td>
                <td>{door.gain.length === 0 ? <span className="muted">–</span> : peopleWords(door.gain, name)}</td>
                <td>{door.lose.length === 0 ? <span className="muted">–</span> : peopleWords(door.lose, name)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {still > 0 && changed.length > 0 && (
        <p className="muted">
          {still} other {still === 1 ? "door gets" : "doors get"} a new policy with the same people.
        </p>
      )}
    </section>
  )
}

/** Secrets that were just issued. A PIN is shown here and never again. */
function Handing({ delivered, onClose }: { delivered: readonly Delivered[]; onClose: () => void }) {
  const state = useSiteState()
  const name = useNames()
  return (
    <Ask title="Hand over" onClose={onClose}>
      <ul className="stack">
        {delivered.map((each) => {
          const person = state?.credentials.get(each.credential)?.person
          const who = person === undefined ? "somebody" : name(person)
          return (
            <li key={each.is === "code" ? each.code : each.credential} className="stack tight">
              {each.is === "pin" && (
                <>
                  <span>PIN for {who}, shown once:</span>
                  <output className="pin" aria-label="PIN">
                    {each.pin}
                  </output>
                  {each.duress !== null && (
                    <>
                      <span>
                        Under duress:{" "}
                        <output className="mono" aria-label="Code for duress">
                          {each.duress}
                        </output>
                      </span>
                      <small className="muted">
                        It opens as the PIN does and marks the entry as forced, and nothing at the door shows it.
                      </small>
                    </>
                  )}
                </>
              )}
              {each.is === "half kept" && (
                <span>This browser keeps {who}'s half for offline PINs. It makes codes and is never shown.</span>
              )}
              {each.is === "code" && (
                <>
                  <span>
                    Offline PIN of {who} for {name(each.asked.door)}, shown once:
                  </span>
                  <output className="pin" aria-label="Offline PIN">
                    {each.code}
                  </output>
                  <small className="muted">The door takes it with # at the end, with or without a network.</small>
                </>
              )}
              {each.is === "card written" && <span>The card for {who} is written.</span>}
              {each.is === "failed" && (
                <span role="alert">
                  The credential for {who} cannot be used yet: {each.why}.
                </span>
              )}
            </li>
          )
        })}
      </ul>
      <div className="row">
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </Ask>
  )
}
