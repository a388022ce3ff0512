/** Live: the floor plan with every door's state, its age and its evidence; a door's panel beside it. */
import type { DoorId } from "@holdfast/base"
import { useState } from "react"
import { Link } from "wouter"
import { useAuthority, useDesk, useNames, useSiteState } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { SealMark } from "../parts/seal.tsx"
import { type DoorLook, lookOf } from "../plan/door-look.ts"
import { DoorSymbol } from "../plan/door-symbol.tsx"
import { FloorPlan, HatchPattern } from "../plan/floor-plan.tsx"
import { type Floor, floorsOf } from "../plan/geometry.ts"
import { agoWords } from "../words/age.ts"
import { sealOf, SEAL_WORDS } from "../words/evidence.ts"
import { DoorPanel } from "./door-panel.tsx"
import { FirstSteps } from "./first-steps.tsx"
import { Legend } from "./legend.tsx"
import { LookNow } from "./look-now.tsx"
import { NarrowedNow } from "./narrowed.tsx"
import { ProofDrawer, type ProofOf, proofOf } from "./proof-drawer.tsx"
import { ProposedBoards } from "./proposed-board.tsx"
import { RecordRows } from "./record-rows.tsx"
import type { Door } from "@holdfast/contract"

const LATEST_MAX = 8

export function LivePage() {
  const desk = useDesk()
  const state = useSiteState()
  const doors = useStore(desk.doors)
  const recent = useStore(desk.recent)
  const now_ms = useNow()
  const name = useNames()
  const [floorName, setFloorName] = useState<string | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [proof, setProof] = useState<ProofOf | null>(null)
  if (state === null) return <Opening />
  if (state.doors.size === 0) return <NoDoors />
  const placed = [...state.doors].map(([door, { place }]) => ({ door, place }))
  const floors = floorsOf(state.plans, placed)
  const floor = floors.find((each) => each.name === floorName) ?? floors[0]
  if (floor === undefined) return <NoDoors />
  const looks = new Map([...doors].map(([id, door]) => [id, lookOf(door, now_ms)]))
  for (const id of state.doors.keys()) if (!looks.has(id)) looks.set(id, NEVER)
  const failModes = new Map([...state.doors].map(([id, door]) => [id as string, door.config.failMode]))
  return (
    <>
      <div className="page-head">
        <h1>{floor.name}</h1>
        <Floors floors={floors} at={floor.name} looks={looks} onChoose={setFloorName} />
      </div>
      <ProposedBoards state={state} />
      <LookNow onProof={(record) => setProof(proofOf(record))} />
      <NarrowedNow />
      <FirstSteps doorIsOpen={chosen !== null} />
      <div className="sheet-of-paper not-phone">
        <FloorPlan
          floor={floor}
          looks={looks}
          failModes={failModes}
          name={name}
          chosen={chosen}
          onChoose={(door) => setChosen((now) => (now === door ? null : door))}
        />
        <TitleBlock floor={floor} looks={looks} />
      </div>
      <DoorCards floor={floor} looks={looks} onChoose={setChosen} />
      <Legend />
      <section className="stack" aria-label="Latest records">
        <div className="row apart">
          <h2>Latest</h2>
          <Link href="/activity">All activity</Link>
        </div>
        {recent.length === 0 ? (
          <p className="muted">
            Nothing has happened since this page was opened. What a door records arrives here, each record with its
            proof.
          </p>
        ) : (
          <RecordRows
            records={recent.slice(0, LATEST_MAX)}
            showWho
            label="Latest records"
            onProof={(record) => setProof(proofOf(record))}
          />
        )}
      </section>
      {chosen !== null && (
        <DoorPanel key={chosen} id={chosen as DoorId} onClose={() => setChosen(null)} onProof={setProof} />
      )}
      {proof !== null && <ProofDrawer of={proof} onClose={() => setProof(null)} />}
    </>
  )
}

const NEVER: DoorLook = {
  tone: "unknown",
  word: "Never heard",
  bolt: "unknown",
  leaf: "unknown",
  held: false,
  forced: false,
  heard: false,
  leaseEnded: false,
  heardAt_ms: null,
}

function Opening() {
  const authority = useAuthority()
  return (
    <>
      <h1>Live</h1>
      {authority.is === "broken" ? (
        <div className="notice alarm" role="alert">
          <strong>The authority log does not verify: {authority.fault}</strong>
          <span>Nothing is shown that rests on it. Do not act on what the server says; check the keeper.</span>
        </div>
      ) : (
        <p role="status">Reading and verifying the authority log…</p>
      )}
    </>
  )
}

function NoDoors() {
  return (
    <>
      <h1>Live</h1>
      <div className="empty">
        <h2>There is no door yet</h2>
        <p>
          Add the first door with its place on the plan, then pair a board with it. It appears here once you have
          signed.
        </p>
        <Link className="button primary" href="/doors?add">
          Add a door
        </Link>
      </div>
    </>
  )
}

type FloorsProps = {
  readonly floors: readonly Floor[]
  readonly at: string
  readonly looks: ReadonlyMap<string, DoorLook>
  readonly onChoose: (name: string) => void
}

function Floors({ floors, at, looks, onChoose }: FloorsProps) {
  if (floors.length < 2) return null
  return (
    <nav className="floors" aria-label="Floors">
      {floors.map((floor) => {
        const loud = floor.doors.some(({ door }) => looks.get(door)?.tone === "alarm")
        return (
          <button
            key={floor.name}
            type="button"
            className={floor.name === at ? "button pressed" : "button"}
            aria-pressed={floor.name === at}
            onClick={() => onChoose(floor.name)}
          >
            {floor.name} {loud && <span className="word alarm">alarm</span>}
          </button>
        )
      })}
    </nav>
  )
}

/** The corner of an architect's sheet: what it shows, how much of it is known, and how proved. */
function TitleBlock({ floor, looks }: { floor: Floor; looks: ReadonlyMap<string, DoorLook> }) {
  const desk = useDesk()
  const authority = useAuthority()
  const now_ms = useNow()
  const here = floor.doors.map(({ door }) => looks.get(door)).filter((look) => look !== undefined)
  const count = (tone: DoorLook["tone"]): number => here.filter((look) => look.tone === tone).length
  return (
    <div className="title-block">
      <div>
        <span className="caption">Floor</span>
        <strong>{floor.name}</strong>
      </div>
      <div>
        <span className="caption">Doors</span>
        <strong>
          {count("secure")} locked, {count("open")} open, {count("unknown")} unknown
          {count("alarm") > 0 && `, ${count("alarm")} in alarm`}
        </strong>
      </div>
      <div>
        <span className="caption">Heard</span>
        <strong>
          {here.filter((look) => look.heard).length} of {here.length} now
        </strong>
      </div>
      <div>
        <span className="caption">Log</span>
        <strong>
          {authority.is === "verified"
            ? `${authority.checkpoint.size} entries, verified ${agoWords(now_ms - authority.verifiedAt_ms)}`
            : "not verified"}
        </strong>
      </div>
      <div>
        <span className="caption">Site</span>
        <strong className="mono" title={desk.site.id}>
          {desk.site.id.slice(0, 8)}
        </strong>
      </div>
    </div>
  )
}

const URGENCY: Readonly<Record<DoorLook["tone"], number>> = { alarm: 0, open: 1, unknown: 2, secure: 3 }

/** The phone's plan: doors by urgency. */
function DoorCards({
  floor,
  looks,
  onChoose,
}: {
  floor: Floor
  looks: ReadonlyMap<string, DoorLook>
  onChoose: (door: string) => void
}) {
  const desk = useDesk()
  const doors = useStore(desk.doors)
  const state = useSiteState()
  const name = useNames()
  const sorted = floor.doors
    .flatMap(({ door }) => {
      const look = looks.get(door)
      return look === undefined ? [] : [{ door, look }]
    })
    .sort((a, b) => URGENCY[a.look.tone] - URGENCY[b.look.tone])
  return (
    <ul className="door-cards only-phone" aria-label={`Doors of ${floor.name}`}>
      {sorted.map(({ door, look }) => (
        <li key={door}>
          <button type="button" className={`door-card ${look.tone}`} onClick={() => onChoose(door)}>
            <SymbolAlone look={look} failMode={state?.doors.get(door)?.config.failMode ?? "secure"} />
            <span className="stack tight">
              <strong>{name(door)}</strong>
              <span className={`word ${look.tone}`}>{look.word}</span>
            </span>
            <span className="stack tight">
              <Age of_ms={look.heardAt_ms} />
              <DoorSeal door={doors.get(door)} />
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function DoorSeal({ door }: { door: Door | undefined }) {
  if (door === undefined) return null
  const kind = sealOf(door.bolt.evidence)
  return (
    <span title={SEAL_WORDS[kind]}>
      <SealMark kind={kind} />
    </span>
  )
}

export function SymbolAlone({ look, failMode }: { look: DoorLook; failMode: "secure" | "safe" }) {
  return (
    <svg className="symbol drawing-part" viewBox="-76 -40 152 100" aria-hidden="true">
      <defs>
        <HatchPattern />
      </defs>
      <DoorSymbol look={look} failMode={failMode} />
    </svg>
  )
}
