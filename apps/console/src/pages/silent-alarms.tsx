/** Silent alarms, for their receivers: who used the code for duress where, since when, what proves it, and who deals with it. */
import type { SilentAlarm } from "@holdfast/access/sheet"
import { equalBytes } from "@holdfast/base"
import { fromHex } from "@holdfast/base/text"
import { commitment } from "@holdfast/lock"
import { webCrypto } from "@holdfast/port-web"
import { useEffect, useState } from "react"
import { Link } from "wouter"
import { type Desk, useDesk, useNames, useSiteState } from "../app/desk.ts"
import { useReception } from "../app/silent.tsx"
import { lookAtAlarms } from "../data/look.ts"
import { alarmsOf, isAnswer, nameIn, openAlarms } from "../data/silent-alarms.ts"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { Ask } from "../parts/overlay.tsx"
import { timeWords } from "../words/time.ts"
import { ProofDrawer, type ProofOf, proofOf } from "./proof-drawer.tsx"

/** Asks for the book and acknowledges; false when no book came that shows it. */
async function ask(desk: Desk, acknowledged: readonly SilentAlarm[]): Promise<boolean> {
  const { site, client, session, alarms } = desk
  const key = alarms.key.value
  if (key === null) return false
  const seen = acknowledged.map(({ door, last_ms }) => ({ door, through_ms: last_ms }))
  const since_ms = alarms.told_ms
  const book = await lookAtAlarms(site, client, session, key, seen)
  if (book !== null) alarms.read(book)
  return book !== null && isAnswer(book, since_ms, seen)
}

export function SilentAlarmsPage() {
  const desk = useDesk()
  const reception = useReception()
  const told = useStore(desk.alarms.store)
  useEffect(() => {
    if (reception === "told here") void ask(desk, [])
  }, [desk, reception])
  const alarms = alarmsOf(told)
  const open = openAlarms(alarms)
  const past = alarms.filter((alarm) => !open.includes(alarm))
  const more = Math.max(told.sheet?.more ?? 0, told.book?.more ?? 0)
  if (reception !== "told here") return <NotHere isTold={reception === "told by another key"} />
  return (
    <>
      <div className="page-head">
        <div>
          <h1>Silent alarms</h1>
          <p>Told to receivers alone. Do not call or write to the person: whoever forces them may be reading.</p>
        </div>
      </div>
      {open.length === 0 ? (
        <div className="empty">
          <h2>Nobody calls for help</h2>
          <p>When somebody enters with a code for duress, it is told here within seconds, and nowhere else.</p>
        </div>
      ) : (
        <section className="stack" aria-label="Open">
          {open.map((alarm) => (
            <OpenAlarm key={`${alarm.door} ${alarm.first_ms}`} alarm={alarm} />
          ))}
        </section>
      )}
      {past.length > 0 && <Past alarms={past} />}
      {more > 0 && <p className="muted">{more} more are kept by the keeper.</p>}
    </>
  )
}

function NotHere({ isTold }: { isTold: boolean }) {
  return (
    <>
      <div className="page-head">
        <h1>Silent alarms</h1>
      </div>
      <div className="empty">
        <h2>{isTold ? "Your alarms are sealed to another browser" : "You are no receiver of silent alarms"}</h2>
        <p>
          {isTold ? "Open the console where your receiving key is, or name this browser's key instead. " : ""}
          An administrator names receivers on the <Link href="/account">account page</Link>.
        </p>
      </div>
    </>
  )
}

function OpenAlarm({ alarm }: { alarm: SilentAlarm }) {
  const state = useSiteState()
  const [asking, setAsking] = useState(false)
  const { door, person, entries } = alarm
  const zone = state?.doors.get(door)?.config.zone ?? null
  const where = nameIn(state, door, alarm.doorName)
  const who = person === null ? "Somebody" : nameIn(state, person, alarm.personName)
  return (
    <article className="silent-alarm" aria-label={`${who} at ${where}`}>
      <header>
        <h2>
          {who} used the code for duress at {where}
        </h2>
        <Age of_ms={alarm.last_ms} long />
      </header>
      <p>
        {entries === 1 ? "One entry, heard" : `${entries} entries, the last heard`} {timeWords(alarm.last_ms, zone)}. At
        the door it looked like any other.
      </p>
      <Evidence alarm={alarm} />
      <div className="row">
        <button type="button" className="button primary" onClick={() => setAsking(true)}>
          Acknowledge
        </button>
        <Link href={`/doors/${door}`} className="button">
          The door
        </Link>
      </div>
      {asking && <Acknowledge alarm={alarm} where={where} onClose={() => setAsking(false)} />}
    </article>
  )
}

type Step = "asked" | "sending" | "failed"

function Acknowledge({ alarm, where, onClose }: { alarm: SilentAlarm; where: string; onClose: () => void }) {
  const desk = useDesk()
  const [step, setStep] = useState<Step>("asked")
  const send = async (): Promise<void> => {
    setStep("sending")
    if (await ask(desk, [alarm]).catch(() => false)) onClose()
    else setStep("failed")
  }
  return (
    <Ask title={`You deal with it: ${where}`} onClose={onClose}>
      <p>
        Your sitting signs that you have seen this. The other receivers see that it was you, and when. A further entry
        under duress is told anew.
      </p>
      {step === "failed" && (
        <p role="alert">Not known to be acknowledged: no answer of the keeper shows it. Signing again does no harm.</p>
      )}
      <div className="row">
        <button type="button" className="button primary" disabled={step === "sending"} onClick={() => void send()}>
          {step === "sending" ? "Signing…" : "I deal with it"}
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Leave it open
        </button>
      </div>
    </Ask>
  )
}

type Found =
  | { readonly is: "unasked" }
  | { readonly is: "missing" }
  | { readonly is: "false" }
  | { readonly is: "proved"; readonly of: ProofOf }

const HOUR_MS = 3_600_000

/** Looks for the record in the log, and holds what the keeper opened against its commitment. */
async function find(desk: Desk, { door, first_ms, record }: SilentAlarm): Promise<Found> {
  if (record === null) return { is: "missing" }
  const query = { door, from_ms: Math.max(0, first_ms - HOUR_MS), limit: 500 }
  const answered = await desk.client.ask("activity", { query }, { token: desk.session.token })
  const found = answered.ok ? answered.answer.records.find(({ sequence }) => sequence === record.sequence) : undefined
  if (found === undefined) return { is: "missing" }
  const committed = fromHex(found.commitment)
  const opens = committed !== null && equalBytes(committed, commitment(webCrypto, record.salt, record.detail))
  return opens ? { is: "proved", of: proofOf(found) } : { is: "false" }
}

function Evidence({ alarm }: { alarm: SilentAlarm }) {
  const desk = useDesk()
  const [found, setFound] = useState<Found>({ is: "unasked" })
  const { record } = alarm
  if (record === null)
    return <p className="muted">By the lock's signed state, sealed to the keeper; its record has not arrived yet.</p>
  return (
    <p className="row">
      <span className="muted">By record {record.sequence}, opened by the keeper.</span>
      <button type="button" className="button" onClick={() => void find(desk, alarm).then(setFound)}>
        Check the record
      </button>
      {found.is === "missing" && <span role="status">It was not found in the activity.</span>}
      {found.is === "false" && (
        <span role="status" className="word alarm">
          does not open
        </span>
      )}
      {found.is === "proved" && <ProofDrawer of={found.of} onClose={() => setFound({ is: "unasked" })} />}
    </p>
  )
}

function Past({ alarms }: { alarms: readonly SilentAlarm[] }) {
  const state = useSiteState()
  const name = useNames()
  return (
    <section className="panel stack" aria-label="Acknowledged">
      <h2>Acknowledged</h2>
      <ul className="lines">
        {alarms.map(({ door, doorName, person, personName, entries, first_ms, last_ms, acknowledged }) => (
          <li key={`${door} ${first_ms}`}>
            <span>
              {person === null ? "Somebody" : nameIn(state, person, personName)} at {nameIn(state, door, doorName)}
              {entries > 1 && `, ${entries} times`}
              <small className="muted"> {timeWords(last_ms, state?.doors.get(door)?.config.zone ?? null)}</small>
            </span>
            {acknowledged !== null && (
              <span className="muted">
                {name(acknowledged.by)}, <Age of_ms={acknowledged.at_ms} long />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}
