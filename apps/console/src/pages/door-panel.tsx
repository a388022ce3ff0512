/**
 * A door beside the plan: what is known of it and by what evidence; and with an example building, the virtual door itself.
 *
 * The two halves never mix. Above is what the door proved; below is the world, which only a person standing there would see.
 */
import type { DoorId } from "@holdfast/base"
import type { Door } from "@holdfast/contract"
import { useEffect } from "react"
import { Link } from "wouter"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { recordName } from "../data/openings.ts"
import { useStore } from "../data/store.ts"
import { Age, Until } from "../parts/age.tsx"
import { Sheet } from "../parts/overlay.tsx"
import { Seal, SealButton } from "../parts/seal.tsx"
import { lookOf } from "../plan/door-look.ts"
import { sealOf } from "../words/evidence.ts"
import { recordWords } from "../words/records.ts"
import { modesWords } from "../words/sentences.ts"
import { useDoorRecords } from "./door-records.ts"
import { LockWord } from "./lock-word.tsx"
import { type ProofOf, proofOf } from "./proof-drawer.tsx"
import { What, Who } from "./record-rows.tsx"
import { VirtualDoor } from "./virtual-door.tsx"

type PanelProps = { readonly id: DoorId; readonly onClose: () => void; readonly onProof: (of: ProofOf) => void }

export function DoorPanel({ id, onClose, onProof }: PanelProps) {
  const desk = useDesk()
  const state = useSiteState()
  const door = useStore(desk.doors).get(id)
  const now_ms = useNow()
  const name = useNames()
  const { config, lock } = state?.doors.get(id) ?? {}
  const look = door === undefined ? null : lookOf(door, now_ms)
  return (
    <Sheet
      onClose={onClose}
      title={
        <>
          <h2>{name(id)}</h2>
          {lock === null ? (
            <span className="word unknown">No lock paired</span>
          ) : (
            look !== null && (
              <span className="row">
                <span className={`word ${look.tone}`}>{look.word}</span>
                {look.heardAt_ms !== null && <Age of_ms={look.heardAt_ms} long />}
              </span>
            )
          )}
        </>
      }
    >
      {lock === null && (
        <p>
          Nothing at this door opens or is recorded yet. <Link href={`/doors/${id}`}>Pair a board</Link>
        </p>
      )}
      {door !== undefined && lock !== null && <DoorFacts door={door} onProof={onProof} />}
      <Latest id={id} onProof={onProof} />
      {door !== undefined && <LockWord door={door} />}
      {config !== undefined && (
        <p>
          Grade {config.grade}; opens with {modesWords(config, state)}; fail-{config.failMode}.{" "}
          <Link href={`/doors/${id}`}>Configure</Link>
        </p>
      )}
      {desk.world !== null && lock !== null && <VirtualDoor world={desk.world} id={id} />}
    </Sheet>
  )
}

const LATEST = 3

/** The last that its lock recorded: what one does below arrives here, with its proof. */
function Latest({ id, onProof }: { id: DoorId; onProof: (of: ProofOf) => void }) {
  const desk = useDesk()
  const records = useDoorRecords(id, LATEST).records.slice(0, LATEST)
  useEffect(() => desk.openings.need(records))
  if (records.length === 0) return null
  return (
    <section className="latest" aria-label="Latest records of this door">
      <h3 className="caption">Latest records</h3>
      <ul className="lines beside">
        {records.map((record) => (
          <li key={recordName(record)}>
            <span className="row">
              <What record={record} />
              <Who record={record} />
            </span>
            <span className="row">
              <Age of_ms={record.at_ms} />
              <SealButton kind="logged" about={recordWords(record)} onOpen={() => onProof(proofOf(record))} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const POSITIONS = { closed: "Closed", open: "Open", unknown: "Unknown" } as const

/** Bolt, door, policy and lease, each with its age and seal. */
export function DoorFacts({ door, onProof }: { door: Door; onProof: (of: ProofOf) => void }) {
  const bolt = door.bolt.is.replaceAll("-", " ")
  const facts = [
    { what: "Bolt", is: bolt.charAt(0).toUpperCase() + bolt.slice(1), fact: door.bolt },
    { what: "Door", is: POSITIONS[door.position.is], fact: door.position },
  ]
  return (
    <dl className="facts evidence">
      {facts.map(({ what, is, fact }) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd className="row">
            {is}
            <Age of_ms={fact.since_ms} never="age not known" />
            {fact.evidence.by === "record" ? (
              <SealButton
                kind="logged"
                about={`${what}: ${is}`}
                onOpen={() => fact.evidence.by === "record" && onProof(proofOf(fact.evidence))}
              />
            ) : (
              <Seal kind={sealOf(fact.evidence)} />
            )}
          </dd>
        </div>
      ))}
      <div>
        <dt>Link</dt>
        <dd className="row">
          {door.link.up ? "Up" : "Down"}
          <Age of_ms={door.link.since_ms} never="" />
          <span className="muted">
            heard <Age of_ms={door.last_heard_at_ms} long />
          </span>
        </dd>
      </div>
      <div>
        <dt>Policy</dt>
        <dd>
          <PolicyState door={door} />
        </dd>
      </div>
      <div>
        <dt>Lease</dt>
        <dd>{door.lease_ends_at_ms === null ? "none yet" : <LeaseEnd at_ms={door.lease_ends_at_ms} />}</dd>
      </div>
    </dl>
  )
}

export function LeaseEnd({ at_ms }: { at_ms: number }) {
  const now_ms = useNow()
  return (
    <>
      {at_ms > now_ms ? "ends " : "ended "}
      <Until at_ms={at_ms} />
      {at_ms <= now_ms && <span className="word unknown"> opens for nobody</span>}
    </>
  )
}

/** Issued and applied, and whether they are the same. */
export function PolicyState({ door }: { door: Door }) {
  const { issued, applied } = door
  if (issued === null) return <span className="muted">none issued yet</span>
  const same =
    applied !== null && applied.version.epoch === issued.version.epoch && applied.version.size >= issued.version.size
  const version = `${issued.version.epoch}.${issued.version.size}`
  if (same)
    return (
      <span className="row">
        {version} issued and applied <Seal kind={sealOf(applied.evidence)} />
      </span>
    )
  return (
    <span className="word open">
      {version} issued, not applied;{" "}
      {applied === null ? "none applied" : `${applied.version.epoch}.${applied.version.size} in force`}
    </span>
  )
}
