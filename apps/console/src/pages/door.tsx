/** One door: state with evidence, rules that open it, its lock, its records. */
import { type State } from "@holdfast/access"
import { type DoorId, parseId } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { JournalRecord } from "@holdfast/contract"
import { boardFingerprint } from "@holdfast/lock/pairing"
import { webCrypto } from "@holdfast/port-web"
import { useState } from "react"
import { useDesk, useDraftedState, useNames, useSiteState } from "../app/desk.ts"
import { type BoardKeys, readBoard, readBoardText } from "../data/board-text.ts"
import { useNow } from "../data/clock.ts"
import { useStore } from "../data/store.ts"
import type { WorldPort } from "../data/world.ts"
import { Age } from "../parts/age.tsx"
import { DraftTag } from "../parts/draft-tag.tsx"
import { Field } from "../parts/field.tsx"
import { Ask } from "../parts/overlay.tsx"
import { Short } from "../parts/short.tsx"
import { lookOf } from "../plan/door-look.ts"
import { grantWords } from "../words/sentences.ts"
import { DoorConfiguration } from "./door-configuration.tsx"
import { DoorForm } from "./door-form.tsx"
import { DiagnosisPanel } from "./diagnosis.tsx"
import { DoorFacts } from "./door-panel.tsx"
import { useDoorRecords } from "./door-records.ts"
import { useDrafting } from "./drafting.ts"
import { SymbolAlone } from "./live.tsx"
import { LockWord } from "./lock-word.tsx"
import { Orders } from "./orders.tsx"
import { ProposedBoard } from "./proposed-board.tsx"
import { ProofDrawer, type ProofOf, proofOf } from "./proof-drawer.tsx"
import { RecordRows } from "./record-rows.tsx"
import { VirtualDoor } from "./virtual-door.tsx"
import { WaitingBoards } from "./waiting-boards.tsx"

const RECORDS = 50

export function DoorPage({ id: text }: { id: string }) {
  const desk = useDesk()
  const state = useSiteState()
  const name = useNames()
  const now_ms = useNow()
  const heard = useStore(desk.doors).get(text)
  const { drafts } = useStore(desk.tray)
  const [asking, setAsking] = useState<"configure" | "remove" | null>(null)
  const [proof, setProof] = useState<ProofOf | null>(null)
  const id = parseId<"DoorId">(text)
  const door = id === null ? undefined : state?.doors.get(id)
  if (state === null) return <h1>Reading…</h1>
  if (id === null || door === undefined) {
    const drafted = drafts.some(({ change }) => change.kind === "door set" && change.door === id)
    return drafted ? (
      <>
        <h1>{name(text)}</h1>
        <div className="empty">
          <h2>This door is a draft</h2>
          <p>Review and sign the tray below. Then pair a board with the door.</p>
        </div>
      </>
    ) : (
      <h1>No such door is in the authority log</h1>
    )
  }
  const look = heard === undefined ? null : lookOf(heard, now_ms)
  return (
    <>
      <div className="page-head">
        <div className="row wide">
          {look !== null && <SymbolAlone look={look} failMode={door.config.failMode} />}
          <div>
            <h1>{name(id)}</h1>
            {door.lock === null ? (
              <p className="word unknown">No lock paired</p>
            ) : (
              look !== null && (
                <p className="row">
                  <span className={`word ${look.tone}`}>{look.word}</span>
                  {look.heardAt_ms !== null && <Age of_ms={look.heardAt_ms} long />}
                </p>
              )
            )}
          </div>
        </div>
        <div className="row">
          <button type="button" className="button" onClick={() => setAsking("configure")}>
            Configure
          </button>
          <button type="button" className="button quiet" onClick={() => setAsking("remove")}>
            Remove…
          </button>
        </div>
      </div>
      <div className="columns">
        <div className="stack wide">
          {door.lock === null && <Lock id={id} state={state} />}
          {heard !== undefined && door.lock !== null && (
            <section className="panel stack" aria-label="State and evidence">
              <h2>State and evidence</h2>
              <DoorFacts door={heard} onProof={setProof} />
              <LockWord door={heard} />
            </section>
          )}
          <DoorConfiguration id={id} door={door} state={state} />
          {door.lock !== null && <Orders id={id} acts={door.config.remoteActs} />}
          <WhoMayOpen id={id} state={state} />
          <DiagnosisPanel id={id} />
          {door.lock !== null && <Lock id={id} state={state} />}
        </div>
        {desk.world !== null && door.lock !== null && (
          <div className="panel">
            <VirtualDoor world={desk.world} id={id} />
          </div>
        )}
      </div>
      <DoorRecords id={id} onProof={(record) => setProof(proofOf(record))} />
      {asking === "configure" && <DoorForm id={id} onClose={() => setAsking(null)} />}
      {asking === "remove" && <RemoveAsk id={id} onClose={() => setAsking(null)} />}
      {proof !== null && <ProofDrawer of={proof} onClose={() => setProof(null)} />}
    </>
  )
}

function WhoMayOpen({ id, state }: { id: DoorId; state: State }) {
  const name = useNames()
  const grants = [...(state.doors.get(id)?.grants ?? [])]
  return (
    <section className="panel stack" aria-label="Who may open it">
      <h2>Who may open it</h2>
      {grants.length === 0 && <p className="muted">Nobody. Add a rule to a group.</p>}
      <ul className="lines">
        {grants.map((grant) => {
          const found = state.grants.get(grant)
          if (found === undefined) return null
          const people = state.groups.get(found.group)?.members.size ?? 0
          return (
            <li key={grant}>
              <span>{grantWords({ ...found, doors: [id] }, state, name)}.</span>
              <span className="muted">
                {people} {people === 1 ? "person" : "people"}
              </span>
            </li>
          )
        })}
      </ul>
    </section>
  )
}

/** The lock that is paired with the door, or pairing one: a virtual board of the example, or keys that a board printed. */
function Lock({ id, state }: { id: DoorId; state: State }) {
  const desk = useDesk()
  const draft = useDrafting()
  const [fault, setFault] = useState<string | null>(null)
  const [fingerprint, setFingerprint] = useState<string | null>(null)
  const lock = state.doors.get(id)?.lock ?? null
  const proposed = state.doors.get(id)?.proposed
  const drafted = useDraftedState()?.doors.get(id)?.lock ?? null
  const pair = (board: BoardKeys | null): void => {
    if (board === null) return setFault("That is not what a board prints: journal_key, hpke_key and serial, as JSON.")
    const { journalKey, hpkeKey, serial } = board
    setFault(null)
    setFingerprint(board.fingerprint)
    draft(
      [{ change: { kind: "lock pair", door: id, journalKey, hpkeKey, serial } }],
      "Pairing is in the tray. Compare the fingerprint, then sign.",
    )
  }
  const attach = async (world: WorldPort): Promise<void> => {
    const { failMode, body, battery } = state.doors.get(id)?.config ?? { failMode: "secure" }
    const actuator = body?.actuator ?? "motor"
    const made = await world.newBoard(id, {
      fail_mode: failMode,
      actuator,
      ...(battery === undefined ? {} : { battery }),
    })
    if (made.ok) pair(readBoard(made.answer))
    else setFault(made.detail)
  }
  return (
    <section className="panel stack" aria-label="Lock">
      <h2>Lock</h2>
      {lock === null && drafted === null && (
        <p className="muted">No lock is paired, so nothing at this door opens or is recorded yet.</p>
      )}
      {lock !== null && (
        <dl className="facts">
          <dt>Serial</dt>
          <dd>{lock.serial}</dd>
          <dt>Journal key</dt>
          <dd>
            <Short value={toHex(lock.journalKey)} what="journal key" />
          </dd>
        </dl>
      )}
      {proposed !== undefined && (
        <ProposedBoard
          id={id}
          board={proposed}
          onConfirm={() => pair({ ...proposed, fingerprint: boardFingerprint(proposed.journalKey, webCrypto) })}
        />
      )}
      {lock === null && drafted !== null && (
        <p>
          {drafted.serial} <DraftTag />
        </p>
      )}
      {lock === null && drafted === null && (
        <PairForm
          isProposed={proposed !== undefined}
          world={desk.world}
          boards={desk.site.boards}
          onAttach={attach}
          onKeys={pair}
        />
      )}
      {fingerprint !== null && proposed === undefined && (
        <p className="notice">
          <strong>The board must show this fingerprint</strong>
          <code>{fingerprint}</code>
        </p>
      )}
      {fault !== null && <p role="alert">{fault}</p>}
    </section>
  )
}

type PairFormProps = {
  /** A board waits to be confirmed already; another one would be the exception. */
  readonly isProposed: boolean
  readonly world: WorldPort | null
  readonly boards: string | null
  readonly onAttach: (world: WorldPort) => Promise<void>
  readonly onKeys: (board: BoardKeys | null) => void
}

function PairForm({ isProposed, world, boards, onAttach, onKeys }: PairFormProps) {
  const [text, setText] = useState("")
  return (
    <>
      {world === null ? (
        <p>
          To try it without hardware, run <code>npm run board</code> on the machine that runs Holdfast, then reload this
          page.
        </p>
      ) : (
        <div>
          <button
            type="button"
            className={isProposed ? "button" : "button primary"}
            onClick={() => void onAttach(world)}
          >
            Attach a virtual board
          </button>
        </div>
      )}
      <WaitingBoards link={boards} onPair={onKeys} />
      <details>
        <summary>Enter the keys of a board</summary>
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault()
            onKeys(readBoardText(text))
          }}
        >
          <Field label="What the board printed" hint="JSON with journal_key, hpke_key, serial and fingerprint.">
            {(field) => <textarea {...field} rows={4} value={text} onChange={(event) => setText(event.target.value)} />}
          </Field>
          <div>
            <button type="submit" className="button">
              Put into the tray
            </button>
          </div>
        </form>
      </details>
    </>
  )
}

function DoorRecords({ id, onProof }: { id: DoorId; onProof: (record: JournalRecord) => void }) {
  const { records, reading } = useDoorRecords(id, RECORDS)
  return (
    <section className="stack" aria-label="Records of this door">
      <h2>Records</h2>
      {reading === "reading" && <p role="status">Reading…</p>}
      {typeof reading !== "string" && <p role="alert">The records could not be read: {reading.fault}.</p>}
      {records.length === 0 && reading === "read" && <p className="muted">This door has signed nothing yet.</p>}
      {records.length > 0 && (
        <RecordRows records={records} showWho showDoor={false} label="Records of this door" onProof={onProof} />
      )}
    </section>
  )
}

function RemoveAsk({ id, onClose }: { id: DoorId; onClose: () => void }) {
  const name = useNames()
  const draft = useDrafting()
  return (
    <Ask title={`Remove ${name(id)}?`} onClose={onClose}>
      <p>
        The door leaves every rule, and its lock gets no further policy or lease: when the lease it holds ends, it opens
        for nobody. Its history stays.
      </p>
      <div className="row">
        <button
          type="button"
          className="button"
          onClick={() => {
            draft([{ change: { kind: "door remove", door: id } }], "Removing the door is in the tray.")
            onClose()
          }}
        >
          Put into the tray
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Keep
        </button>
      </div>
    </Ask>
  )
}
