/**
 * The first minute with virtual hardware, in one line above the plan: what to do, ticked off as it is done. It is there until
 * somebody puts it away, and never where the doors are real.
 */
import type { ReactNode } from "react"
import { useDesk } from "../app/desk.ts"
import { Store, useStore } from "../data/store.ts"
import { Icon } from "../parts/icons.tsx"
import { SealMark } from "../parts/seal.tsx"

const PUT_AWAY = "holdfast.first-steps"
const shown = new Store(localStorage.getItem(PUT_AWAY) === null)
/** Whether a proof was opened since the page was loaded. */
const proved = new Store(false)

export const noteProof = (): void => proved.set(true)

export function FirstSteps({ doorIsOpen }: { doorIsOpen: boolean }) {
  const desk = useDesk()
  const decided = useStore(desk.recent).some(({ kind }) => kind === "admitted" || kind === "refused")
  const isPaired = [...useStore(desk.doors).values()].some(({ paired }) => paired)
  const checked = useStore(proved)
  const isShown = useStore(shown)
  if (desk.world === null || !isPaired || !isShown) return null
  return (
    <section className="first-steps" aria-label="First steps">
      <ol>
        <Step done={doorIsOpen || decided}>Choose a door</Step>
        <Step done={decided}>Present a card there</Step>
        <Step done={checked}>
          Open the seal <SealMark kind="logged" /> of its record
        </Step>
        <Step done={false}>Revoke that person under People, and present the card again</Step>
      </ol>
      <button
        type="button"
        className="button quiet square"
        aria-label="Put the first steps away"
        onClick={() => {
          localStorage.setItem(PUT_AWAY, "away")
          shown.set(false)
        }}
      >
        <Icon name="close" />
      </button>
    </section>
  )
}

function Step({ done, children }: { done: boolean; children: ReactNode }) {
  return (
    <li className={done ? "done" : undefined}>
      <span>
        {children}
        {done && <span className="hidden"> (done)</span>}
      </span>
    </li>
  )
}
