/** What people, weather and thieves do to a virtual lock and to the wires that end at it, by what they reach. */
import type { ReactNode } from "react"
import { SHAKES, WIRE_STATES } from "../data/world.ts"
import { type ActProps, Flip, PushButton, Turn } from "./virtual-controls.tsx"

/** Headings in the order in which one meets them: what fails, what the building says, what a thief tries, what a locksmith does. */
export function AtTheCase({ door, act }: ActProps) {
  return (
    <>
      <fieldset className="stack tight">
        <legend>Power and network</legend>
        <Flip name="Pull the power" act={act} does="power" on={!door.power} takesAway />
        <Flip name="Cut the network" act={act} does="link" on={!door.linked} takesAway />
      </fieldset>
      <Folded name="Supply">
        <Supply door={door} act={act} />
      </Folded>
      <Folded name="Bolt, frame and weather">
        <Flip name="Jam the bolt" act={act} does="jam" on={door.obstacle === "jam"} />
        <Flip name="Stop the bolt half way" act={act} does="short" on={door.obstacle === "short throw"} />
        <Turn act={act} does="misalign" value={door.misaligned} />
        <Turn act={act} does="temperature" value={door.temperature_c} />
        <Turn act={act} does="moisture" value={door.moisture} />
      </Folded>
      <Folded name="What the building says">
        <Flip name="Fire alarm" act={act} does="fire" on={door.fire} />
        <Flip name="The partner of the pair stands open" act={act} does="partner" on={door.partner_open} />
      </Folded>
      <Folded name="Attack it">
        <Attacks door={door} act={act} />
      </Folded>
      <Folded name="Inside the case">
        <Flip name="Open the lock's case" act={act} does="cover" on={door.cover} />
        <div>
          <PushButton act={act} does="service">
            Press the service button
          </PushButton>
        </div>
        <p className="muted">
          The button confirms an order that somebody signed: reset, hand over, replace. Without one it does nothing.
        </p>
      </Folded>
    </>
  )
}

function Folded({ name, children }: { name: string; children: ReactNode }) {
  return (
    <details>
      <summary>{name}</summary>
      <fieldset className="stack tight">
        <legend className="hidden">{name}</legend>
        {children}
      </fieldset>
    </details>
  )
}

function Supply({ door, act }: ActProps) {
  return (
    <>
      {door.battery === null ? (
        <div>
          <button type="button" className="button" onClick={() => act({ act: "battery", value: 100 })}>
            Fit full cells
          </button>
        </div>
      ) : (
        <>
          <Turn act={act} does="battery" value={door.battery} />
          <Flip name="Corrode its contacts" act={act} does="corrode" on={door.corroded} />
        </>
      )}
      <Flip name="Mains" act={act} does="mains" on={door.mains} />
      <Flip name="Feed the contact at the front" act={act} does="external" on={door.external} />
      <div>
        <PushButton act={act} does="dips">
          Dip the supply again and again
        </PushButton>
      </div>
    </>
  )
}

function Attacks({ door, act }: ActProps) {
  return (
    <>
      <div className="row">
        <PushButton act={act} does={door.forced ? "mend" : "force"}>
          {door.forced ? "Mend the jamb" : "Force it"}
        </PushButton>
        {SHAKES.map((what) => (
          <button key={what} type="button" className="button" onClick={() => act({ act: "shake", what })}>
            {what.charAt(0).toUpperCase() + what.slice(1)}
          </button>
        ))}
      </div>
      <Flip name="Jam its radio" act={act} does="jam radio" on={door.jammed} />
      <Flip name="Hold a magnet to the contact" act={act} does="magnet" on={door.magnet} />
      <label className="row">
        The wire is
        <select
          value={door.line}
          onChange={(event) => {
            const is = WIRE_STATES.find((each) => each === event.target.value)
            if (is !== undefined) act({ act: "line", is })
          }}
        >
          {WIRE_STATES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </label>
    </>
  )
}
