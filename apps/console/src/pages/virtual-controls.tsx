/** The controls of the virtual panel: each does one act at the door, and none has a state of its own but what a hand still holds. */
import { type ReactNode, useState } from "react"
import type { Act, Dial, Push, Switched, WorldDoor } from "../data/world.ts"

export type ActProps = { readonly door: WorldDoor; readonly act: (what: Act) => void }
type Acting = Pick<ActProps, "act">

export function PushButton({ act, does, children }: Acting & { does: Push; children: ReactNode }) {
  return (
    <button type="button" className="button" onClick={() => act({ act: does })}>
      {children}
    </button>
  )
}

type FlipProps = Acting & {
  readonly name: string
  readonly does: Switched
  readonly on: boolean
  /** Named by what it takes away: on here is off there. */
  readonly takesAway?: boolean
}

export function Flip({ act, name, does, on, takesAway = false }: FlipProps) {
  return (
    <label className="check">
      <input
        type="checkbox"
        role="switch"
        checked={on}
        aria-checked={on}
        onChange={(event) => act({ act: does, on: event.target.checked !== takesAway })}
      />
      {name}
    </label>
  )
}

type Scale = { readonly name: string; readonly unit: string; readonly min: number; readonly max: number }
const PERCENT = { unit: "%", min: 0, max: 100 } as const
const SCALES: Readonly<Record<Dial, Scale>> = {
  battery: { name: "Battery", ...PERCENT },
  misalign: { name: "The frame sags", ...PERCENT },
  moisture: { name: "Moisture in the case", ...PERCENT },
  temperature: { name: "Temperature", unit: "°C", min: -40, max: 60 },
}

/** Sets when it is let go, so that the world hears one act and not a hundred. */
export function Turn({ act, does, value }: Acting & { does: Dial; value: number }) {
  const [held, setHeld] = useState<number | null>(null)
  const { name, unit, min, max } = SCALES[does]
  const shown = held ?? value
  const letGo = (): void => {
    if (held !== null) act({ act: does, value: held })
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
