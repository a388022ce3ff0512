/** What people, weather and thieves do to a virtual lock and to the wires that end at it, by what they reach. */
import { type ReactNode, useState } from "react"
import { type Act, SHAKES, type Switched, WIRE_STATES, type WorldDoor } from "../data/world.ts"

type ActProps = { readonly door: WorldDoor; readonly act: (what: Act) => void }

/** Headings in the order in which one meets them: what fails, what the building says, what a thief tries, what a locksmith does. */
export function AtTheCase({ door, act }: ActProps) {
  const flip = (which: Switched) => (on: boolean) => act({ act: which, on })
  return (
    <>
      <fieldset className="stack tight">
        <legend>Power and network</legend>
        <Switch name="Pull the power" on={!door.power} onChange={(on) => act({ act: "power", on: !on })} />
        <Switch name="Cut the network" on={!door.linked} onChange={(on) => act({ act: "link", on: !on })} />
      </fieldset>
      <Folded name="Supply">
        <Supply door={door} act={act} />
      </Folded>
      <Folded name="Bolt, frame and weather">
        <Switch name="Jam the bolt" on={door.obstacle === "jam"} onChange={flip("jam")} />
        <Switch name="Stop the bolt half way" on={door.obstacle === "short throw"} onChange={flip("short")} />
        <Slider
          name="The frame sags"
          unit="%"
          min={0}
          max={100}
          value={door.misaligned}
          onSet={(value) => act({ act: "misalign", value })}
        />
        <Slider
          name="Temperature"
          unit="°C"
          min={-40}
          max={60}
          value={door.temperature_c}
          onSet={(value) => act({ act: "temperature", value })}
        />
        <Slider
          name="Moisture in the case"
          unit="%"
          min={0}
          max={100}
          value={door.moisture}
          onSet={(value) => act({ act: "moisture", value })}
        />
      </Folded>
      <Folded name="What the building says">
        <Switch name="Fire alarm" on={door.fire} onChange={flip("fire")} />
        <Switch name="The partner of the pair stands open" on={door.partner_open} onChange={flip("partner")} />
      </Folded>
      <Folded name="Attack it">
        <Attacks door={door} act={act} />
      </Folded>
      <Folded name="Inside the case">
        <Switch name="Open the lock's case" on={door.cover} onChange={flip("cover")} />
        <div>
          <button type="button" className="button" onClick={() => act({ act: "service" })}>
            Press the service button
          </button>
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
  const flip = (which: Switched) => (on: boolean) => act({ act: which, on })
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
          <Slider
            name="Battery"
            unit="%"
            min={0}
            max={100}
            value={door.battery}
            onSet={(value) => act({ act: "battery", value })}
          />
          <Switch name="Corrode its contacts" on={door.corroded} onChange={flip("corrode")} />
        </>
      )}
      <Switch name="Mains" on={door.mains} onChange={flip("mains")} />
      <Switch name="Feed the contact at the front" on={door.external} onChange={flip("external")} />
      <div>
        <button type="button" className="button" onClick={() => act({ act: "dips" })}>
          Dip the supply again and again
        </button>
      </div>
    </>
  )
}

function Attacks({ door, act }: ActProps) {
  const flip = (which: Switched) => (on: boolean) => act({ act: which, on })
  return (
    <>
      <div className="row">
        <button type="button" className="button" onClick={() => act({ act: door.forced ? "mend" : "force" })}>
          {door.forced ? "Mend the jamb" : "Force it"}
        </button>
        {SHAKES.map((what) => (
          <button key={what} type="button" className="button" onClick={() => act({ act: "shake", what })}>
            {what.charAt(0).toUpperCase() + what.slice(1)}
          </button>
        ))}
      </div>
      <Switch name="Jam its radio" on={door.jammed} onChange={flip("jam radio")} />
      <Switch name="Hold a magnet to the contact" on={door.magnet} onChange={flip("magnet")} />
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

type SliderProps = {
  readonly name: string
  readonly unit: string
  readonly min: number
  readonly max: number
  readonly value: number
  readonly onSet: (value: number) => void
}

/** Sets when it is let go, so that the world hears one act and not a hundred. */
function Slider({ name, unit, min, max, value, onSet }: SliderProps) {
  const [held, setHeld] = useState<number | null>(null)
  const shown = held ?? value
  const letGo = (): void => {
    if (held !== null) onSet(held)
    setHeld(null)
  }
  return (
    <label className="slider">
      <span>
        {name} <span className="muted">{`${shown} ${unit}`}</span>
      </span>
      <input
        type="range"
        min={min}
        max={max}
        value={shown}
        onChange={(event) => setHeld(event.target.valueAsNumber)}
        onPointerUp={letGo}
        onKeyUp={letGo}
        onBlur={letGo}
      />
    </label>
  )
}

type SwitchProps = { readonly name: string; readonly on: boolean; readonly onChange: (on: boolean) => void }

function Switch({ name, on, onChange }: SwitchProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={(event) => onChange(event.target.checked)}
      />
      {name}
    </label>
  )
}
