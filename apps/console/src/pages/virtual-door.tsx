/** The virtual door: reader, keypad, wallet, handle, leaf. It drives the world, never the server. */
import { useEffect, useState } from "react"
import { useStore } from "../data/store.ts"
import type { Act, ReaderSide, Signal, WorldDoor, WorldPort } from "../data/world.ts"
import { AtTheCase } from "./virtual-case.tsx"
import { type ActProps, PushButton } from "./virtual-controls.tsx"
import { Fingers, Wallet } from "./virtual-wallet.tsx"

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
  const [side, setSide] = useState<ReaderSide>("outside")
  const [fault, setFault] = useState<string | null>(null)
  useEffect(() => {
    void world.readCards()
    void world.readPhones()
  }, [world])
  if (door === undefined) return <p className="muted">No virtual board is attached to this door.</p>
  const act = (what: Act): void => {
    void world.act(id, what).then((answered) => setFault(answered.ok ? null : answered.detail))
  }
  return (
    <section className="virtual" aria-label="At the door">
      <div className="row apart">
        <h3>At the door</h3>
        <span className="tag brass">virtual hardware</span>
      </div>
      <div className={`reader ${door.power ? door.signal : "dark"}`} role="status" aria-label="Reader's light">
        <span className="lamp" />
        {door.power ? SIGNALS[door.signal] : "No power"}
      </div>
      <Lamps door={door} />
      <Side side={side} onChange={setSide} />
      <div className="at-door">
        <Keypad onKey={(key) => act({ act: "key", key })} />
        <Wallet
          world={world}
          onCard={(card) => act(side === "inside" ? { act: "present", card, reader: "out" } : { act: "present", card })}
          onPhone={(phone) => act({ act: "phone", phone })}
        />
      </div>
      <TheDoor door={door} act={act} />
      <Fingers act={act} />
      <AtTheCase door={door} act={act} />
      {fault !== null && <p role="alert">{fault}</p>}
    </section>
  )
}

function Keypad({ onKey }: { onKey: (key: string) => void }) {
  return (
    <div className="keypad" role="group" aria-label="Keypad">
      {KEYS.map((key) => (
        <button key={key} type="button" className="button" aria-label={KEY_SAYS[key] ?? key} onClick={() => onKey(key)}>
          {KEY_NAMES[key] ?? key}
        </button>
      ))}
      <small className="muted" aria-hidden="true">
        * clears, # enters
      </small>
    </div>
  )
}

/** What lamps and buzzer say to whoever stands there. */
function Lamps({ door }: { door: WorldDoor }) {
  return (
    <>
      {door.mode !== null && door.mode !== "normal" && (
        <p className="word open" role="status">
          The lamp beside the door says: {door.mode}
        </p>
      )}
      {door.way_out !== null && door.way_out !== "ready" && (
        <p className="word open" role="status">
          {door.way_out === "counting" ? "The way out is counting down" : "The way out is free"}
        </p>
      )}
      {door.alarm && (
        <p className="word alarm" role="status">
          The buzzer sounds
        </p>
      )}
    </>
  )
}

const SIDES: readonly (readonly [ReaderSide, string])[] = [
  ["outside", "I stand outside"],
  ["inside", "I stand inside, and leave"],
]

/** A second reader inside counts who leaves, where the door wants to know. */
function Side({ side, onChange }: { side: ReaderSide; onChange: (side: ReaderSide) => void }) {
  return (
    <fieldset className="row">
      <legend className="hidden">At which reader</legend>
      {SIDES.map(([value, says]) => (
        <label key={value} className="check">
          <input type="radio" name="reader-side" checked={side === value} onChange={() => onChange(value)} />
          {says}
        </label>
      ))}
    </fieldset>
  )
}

function TheDoor({ door, act }: ActProps) {
  const isShut = door.door_position === "closed"
  return (
    <div className="row" role="group" aria-label="The door itself">
      <PushButton act={act} does="exit">
        Request to exit
      </PushButton>
      <PushButton act={act} does={isShut ? "open" : "close"}>
        {isShut ? "Push the door open" : "Close the door"}
      </PushButton>
      <PushButton act={act} does="bar">
        Push the exit bar
      </PushButton>
      <PushButton act={act} does="mechanical key">
        Turn the mechanical key
      </PushButton>
      <PushButton act={act} does="relock">
        Relock by hand
      </PushButton>
    </div>
  )
}
