/** What a person at a virtual door has about them: cards, phones, fingers. */
import { useState } from "react"
import { useStore } from "../data/store.ts"
import type { Act, WorldPort } from "../data/world.ts"
import { PushButton } from "./virtual-controls.tsx"

type WalletProps = {
  readonly world: WorldPort
  readonly onCard: (card: string) => void
  readonly onPhone: (phone: string) => void
}

export function Wallet({ world, onCard, onPhone }: WalletProps) {
  const cards = useStore(world.cards)
  const phones = useStore(world.phones)
  if (cards.length + phones.length === 0)
    return <p className="muted">No card and no phone exists yet. Give somebody one on their page.</p>
  return (
    <ul className="cards" aria-label="Cards and phones in your hand">
      {phones.map(({ phone, label }) => (
        <li key={phone}>
          <button type="button" className="plastic phone" onClick={() => onPhone(phone)}>
            <span className="hidden">Unlock and present </span>
            <strong>{label || `Phone ${phone.slice(-6)}`}</strong>
            <span>phone, unlocked as it is held there</span>
          </button>
        </li>
      ))}
      {cards.map((card) => (
        <li key={card.card}>
          <button type="button" className="plastic" onClick={() => onCard(card.card)}>
            <span className="hidden">Present </span>
            <strong>{card.label || `Card ${card.uid.slice(-6)}`}</strong>
            <span className="mono">{card.uid}</span>
            {card.pin !== null && <span>PIN {card.pin}</span>}
            {card.duress !== null && <span>under duress {card.duress}</span>}
            {!card.personalised && <span>blank</span>}
          </button>
        </li>
      ))}
    </ul>
  )
}

const FINGERS = ["right index", "left index", "right thumb", "a stranger's index"] as const

/** Fingers are known to the virtual matcher by name; a copy matches as well and shows no sign of life. */
export function Fingers({ act }: { act: (what: Act) => void }) {
  const [finger, setFinger] = useState<string>(FINGERS[0])
  return (
    <details>
      <summary>Fingers, and enrolling them</summary>
      <div className="stack">
        <label className="row">
          Finger
          <select value={finger} onChange={(event) => setFinger(event.target.value)}>
            {FINGERS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <div className="row">
          <button type="button" className="button" onClick={() => act({ act: "finger", finger, alive: true })}>
            Lay the finger on
          </button>
          <button type="button" className="button" onClick={() => act({ act: "finger", finger, alive: false })}>
            Lay a copy of it on
          </button>
        </div>
        <ol className="plain">
          <li>
            <PushButton act={act} does="enrolment">
              Press the enrolment button
            </PushButton>
          </li>
          <li>Within 15 s, show the card of somebody whom this door lets enrol. The session lasts 5 minutes.</li>
          <li>
            <button type="button" className="button" onClick={() => act({ act: "enrol finger", finger })}>
              Enrol the finger
            </button>
          </li>
        </ol>
      </div>
    </details>
  )
}
