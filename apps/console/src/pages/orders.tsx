/**
 * What one may tell this door from here. Each order is one person's signature over a nonce of this very lock; the page says
 * "sent" and no more, for whether it was obeyed the lock says itself.
 */
import { type Act, ACTS } from "@holdfast/access/rules"
import type { DoorId } from "@holdfast/base"
import { useState } from "react"
import { useDesk, useNames } from "../app/desk.ts"
import { isQuiet, order } from "../data/order.ts"
import { Ask } from "../parts/overlay.tsx"

type Offered = { readonly name: string; readonly says: string; readonly value: number }

const HOUR_S = 3_600
const ORDERS: Readonly<Record<Act, Offered>> = {
  unlock: { name: "Unlock once", says: "The bolt is drawn for the door's unlock time, then thrown again.", value: 0 },
  normal: {
    name: "Back to normal",
    says: "Whatever was ordered before ends; credentials and hours decide again.",
    value: 0,
  },
  lockdown: {
    name: "Lock down",
    says: "Only responders come in. Everybody can still leave: the way out is never taken.",
    value: 0,
  },
  evacuation: { name: "Evacuate", says: "The door stands unlocked for everybody until this is ended.", value: 0 },
  office: { name: "Office, 1 h", says: "The door stands unlocked for one hour.", value: HOUR_S },
  service: {
    name: "Service, 1 h",
    says: "Alarms become notes for one hour, while somebody works on the door.",
    value: HOUR_S,
  },
  "threat level": {
    name: "Threat level 2",
    says: "The door asks for more factors, as its configuration says.",
    value: 2,
  },
  locate: { name: "Locate", says: "The reader blinks, so that somebody standing there finds it.", value: 0 },
  reset: {
    name: "Reset the lock",
    says: "Once the button inside the case is pressed, within two minutes: the lock forgets whom it lets in, and stays this site's.",
    value: 0,
  },
  "hand over": {
    name: "Hand over",
    says: "Once the button inside the case is pressed and the log is here: the lock gives up this site and destroys its keys.",
    value: 0,
  },
  replace: {
    name: "Replace the board",
    says: "Once the button inside the case is pressed and the log is here: the board destroys its keys; a new one is paired.",
    value: 0,
  },
}

type Step = { readonly is: "asked" } | { readonly is: "sending" } | { readonly is: "failed"; readonly why: string }

export function Orders({ id, acts }: { id: DoorId; acts: readonly Act[] }) {
  const [asking, setAsking] = useState<Act | null>(null)
  // What its configuration does not name the lock refuses whoever signs it, also what only narrows.
  const offered = ACTS.filter((act) => acts.includes(act))
  return (
    <section className="panel stack" aria-label="Orders">
      <h2>Orders</h2>
      <p className="muted">
        {acts.length === 0
          ? "This lock takes no orders from afar. Which ones it may take, a lockdown for instance, stands under Configure."
          : "Signed by you, for this lock alone, within 30 seconds. The server only carries it."}
      </p>
      <div className="row">
        {offered.map((act) => (
          <button key={act} type="button" className="button" onClick={() => setAsking(act)}>
            {ORDERS[act].name}
          </button>
        ))}
      </div>
      {asking !== null && <OrderAsk id={id} act={asking} onClose={() => setAsking(null)} />}
    </section>
  )
}

function OrderAsk({ id, act, onClose }: { id: DoorId; act: Act; onClose: () => void }) {
  const desk = useDesk()
  const name = useNames()
  const [step, setStep] = useState<Step>({ is: "asked" })
  const { name: what, says, value } = ORDERS[act]
  const send = async (): Promise<void> => {
    setStep({ is: "sending" })
    try {
      const { site, client, identity, session } = desk
      const ordered = await order(site, client, identity, session, id, act, value)
      if (!ordered.ok) return setStep({ is: "failed", why: ordered.why })
      desk.said.set(`Sent to ${name(id)}. What the lock did with it, its next signed state and its record say.`)
      onClose()
    } catch (error) {
      setStep({ is: "failed", why: error instanceof Error ? error.message : "the browser could not sign" })
    }
  }
  return (
    <Ask title={`${what}: ${name(id)}?`} onClose={onClose}>
      <p>{says}</p>
      {!isQuiet(act) && <p className="muted">This may let more in than now, so your own key signs it.</p>}
      {step.is === "failed" && <p role="alert">Not sent: {step.why}. Nothing was changed.</p>}
      <div className="row">
        <button type="button" className="button primary" disabled={step.is === "sending"} onClick={() => void send()}>
          {step.is === "sending" ? "Sending…" : what}
        </button>
        <button type="button" className="button quiet" onClick={onClose}>
          Leave it
        </button>
      </div>
    </Ask>
  )
}
