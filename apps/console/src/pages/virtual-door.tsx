/** The virtual door: keypad, cards, button, leaf, bolt, plug and cable. It drives the world, never the server. */
import { useEffect, useState } from "react"
import { useStore } from "../data/store.ts"
import {
  type Act,
  SHAKES,
  type Signal,
  type Switched,
  WIRE_STATES,
  type WorldCard,
  type WorldDoor,
  type WorldPort,
} from "../data/world.ts"

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "enter"] as const
const KEY_NAMES: Readonly<Record<string, string>> = { clear: "*", enter: "#" }
const KEY_SAYS: Readonly<Record<string, string>> = { clear: "Clear", enter: "Enter" }
const SIGNALS: Readonly<Record<Signal, string>> = {
  granted: "Granted",
  denied: "Denied",
  busy: "Wait",
  idle: "Ready",
}

export function VirtualDoor({ world, id }: { world: WorldPort; id: string }) {
  const door = useStore(world.doors).get(id)
  const cards = useStore(world.cards)
  const [fault, setFault] = useState<string | null>(null)
  useEffect(() => void world.readCards(), [world])
  if (door === undefined) return <p className="muted">No virtual board is attached to this door.</p>
  const act = (what: Act): void => {
    void world.act(id, what).then((answered) => setFault(answered.ok ? null : answered.detail))
  }
  const dark = !door.power
  return (
    <section className="virtual" aria-label="At the door">
      <div className="row apart">
        <h3>At the door</h3>
        <span className="tag brass">virtual hardware</span>
      </div>
      <div className={`reader ${dark ? "dark" : door.signal}`} role="status" aria-label="Reader's light">
        <span className="lamp" />
        {dark ? "No power" : SIGNALS[door.signal]}
      </div>
      <div className="at-door">
        <div className="keypad" role="group" aria-label="Keypad">
          {KEYS.map((key) => (
            <button
              key={key}
              type="button"
              className="button"
              aria-label={KEY_SAYS[key] ?? key}
              onClick={() => act({ act: "key", key })}
            >
              {KEY_NAMES[key] ?? key}
            </button>
          ))}
        </div>
        <Cards cards={cards} onPresent={(card) => act({ act: "present", card })} />
      </div>
      <div className="row" role="group" aria-label="The door itself">
        <button type="button" className="button" onClick={() => act({ act: "exit" })}>
          Request to exit
        </button>
        {door.door_position === "closed" ? (
          <button type="button" className="button" onClick={() => act({ act: "open" })}>
            Push the door open
          </button>
        ) : (
          <button type="button" className="button" onClick={() => act({ act: "close" })}>
            Close the door
          </button>
        )}
        {door.forced ? (
          <button type="button" className="button" onClick={() => act({ act: "mend" })}>
            Mend the jamb
          </button>
        ) : (
          <button type="button" className="button" onClick={() => act({ act: "force" })}>
            Force it
          </button>
        )}
      </div>
      {door.mode !== null && door.mode !== "normal" && (
        <p className="word open" role="status">
          The lamp beside the door says: {door.mode}
        </p>
      )}
      {door.alarm && (
        <p className="word alarm" role="status">
          The buzzer sounds
        </p>
      )}
      <WhatGoesWrong door={door} act={act} />
      <Diagnosis world={world} id={id} />
      {fault !== null && <p role="alert">{fault}</p>}
    </section>
  )
}

/** What a locksmith reads off the lock with his own eyes and tools. */
function Diagnosis({ world, id }: { world: WorldPort; id: string }) {
  const [text, setText] = useState<string | null>(null)
  const read = (): void => {
    void world.diagnose(id).then((answered) => setText(answered.ok ? answered.answer.text : answered.detail))
  }
  return (
    <div className="stack tight">
      <div>
        <button type="button" className="button" onClick={read}>
          Diagnose the lock
        </button>
      </div>
      {text !== null && (
        <pre className="diagnosis mono" aria-label="Field diagnosis">
          {text}
        </pre>
      )}
    </div>
  )
}

type ActProps = { readonly door: WorldDoor; readonly act: (what: Act) => void }

/** What people, weather and thieves do to a door, by what they reach. */
function WhatGoesWrong({ door, act }: ActProps) {
  const flip = (which: Switched) => (on: boolean) => act({ act: which, on })
  return (
    <>
      <fieldset className="stack tight">
        <legend>Power and network</legend>
        <Switch name="Pull the power" on={!door.power} onChange={(on) => act({ act: "power", on: !on })} />
        <Switch name="Cut the network" on={!door.linked} onChange={(on) => act({ act: "link", on: !on })} />
      </fieldset>
      <fieldset className="stack tight">
        <legend>Bolt and frame</legend>
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
      </fieldset>
      <details>
        <summary>Building, keys and fingers</summary>
        <fieldset className="stack tight">
          <legend className="hidden">Building, keys and fingers</legend>
          <Switch name="Fire alarm" on={door.fire} onChange={flip("fire")} />
          <Switch name="The partner of the pair stands open" on={door.partner_open} onChange={flip("partner")} />
          <div className="row">
            <button type="button" className="button" onClick={() => act({ act: "bar" })}>
              Push the exit bar
            </button>
            <button type="button" className="button" onClick={() => act({ act: "relock" })}>
              Relock by hand
            </button>
            <button type="button" className="button" onClick={() => act({ act: "mechanical key" })}>
              Turn the mechanical key
            </button>
            <button
              type="button"
              className="button"
              onClick={() => act({ act: "finger", finger: "right index", alive: true })}
            >
              Lay a finger on
            </button>
          </div>
        </fieldset>
      </details>
      <details>
        <summary>Supply</summary>
        <fieldset className="stack tight">
          <legend className="hidden">Supply</legend>
          {door.battery !== null && (
            <Slider
              name="Battery"
              unit="%"
              min={0}
              max={100}
              value={door.battery}
              onSet={(value) => act({ act: "battery", value })}
            />
          )}
          <Switch name="Mains" on={door.mains} onChange={flip("mains")} />
          <Switch name="Feed the contact at the front" on={door.external} onChange={flip("external")} />
          <button type="button" className="button" onClick={() => act({ act: "dips" })}>
            Dip the supply again and again
          </button>
        </fieldset>
      </details>
      <details>
        <summary>Attack it</summary>
        <fieldset className="stack tight">
          <legend className="hidden">Attack it</legend>
          <div className="row">
            {SHAKES.map((what) => (
              <button key={what} type="button" className="button" onClick={() => act({ act: "shake", what })}>
                {what.charAt(0).toUpperCase() + what.slice(1)}
              </button>
            ))}
          </div>
          <Switch name="Open the lock's case" on={door.cover} onChange={flip("cover")} />
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
        </fieldset>
      </details>
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

function Cards({ cards, onPresent }: { cards: readonly WorldCard[]; onPresent: (card: string) => void }) {
  if (cards.length === 0) return <p className="muted">No card exists yet. Give somebody a card on their page.</p>
  return (
    <ul className="cards" aria-label="Cards in your hand">
      {cards.map((card) => {
        const name = card.label || `Card ${card.uid.slice(-6)}`
        return (
          <li key={card.card}>
            <button type="button" className="plastic" onClick={() => onPresent(card.card)}>
              <span className="hidden">Present </span>
              <strong>{name}</strong>
              <span className="mono">{card.uid}</span>
              {card.pin !== null && <span>PIN {card.pin}</span>}
              {card.duress !== null && <span>under duress {card.duress}</span>}
              {!card.personalised && <span>blank</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
