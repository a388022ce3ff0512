/**
 * The first minute with virtual hardware, in one line above the plan: what to do, ticked off as it is done. It is there until
 * somebody puts it away, and never where the doors are real.
 */
import { type ReactNode, useEffect } from "react"
import { useDesk } from "../app/desk.ts"
import { Store, useStore } from "../data/store.ts"
import { Icon } from "../parts/icons.tsx"
import { SealMark } from "../parts/seal.tsx"

const PUT_AWAY = "holdfast.first-steps"
const shown = new Store(localStorage.getItem(PUT_AWAY) === null)

/** The steps in their order; what was done once stays done when the page is loaded anew. */
const STEPS = ["choose", "present", "prove", "revoke"] as const
type StepName = (typeof STEPS)[number]

const DONE = "holdfast.first-steps.done"
const done = new Store<ReadonlySet<string>>(new Set(localStorage.getItem(DONE)?.split(" ")))

function note(step: StepName): void {
  if (done.get().has(step)) return
  done.change((now) => new Set([...now, step]))
  localStorage.setItem(DONE, [...done.get()].join(" "))
}

export const noteProof = (): void => note("prove")

export function FirstSteps({ doorIsOpen }: { doorIsOpen: boolean }) {
  const desk = useDesk()
  const recent = useStore(desk.recent)
  const isPaired = [...useStore(desk.doors).values()].some(({ paired }) => paired)
  const isShown = useStore(shown)
  const isDone = useStore(done)
  useEffect(() => {
    if (doorIsOpen) note("choose")
    if (recent.some(({ kind }) => kind === "admitted" || kind === "refused")) note("present")
    if (recent.some(({ kind, result }) => kind === "refused" && result === "revoked")) note("revoke")
  }, [doorIsOpen, recent])
  if (desk.world === null || !isPaired || !isShown) return null
  return (
    <section className="first-steps" aria-label="First steps">
      <ol>
        <Step done={isDone.has("choose")}>Choose a door</Step>
        <Step done={isDone.has("present")}>Present a card there</Step>
        <Step done={isDone.has("prove")}>
          Open the seal <SealMark kind="logged" /> of its record
        </Step>
        <Step done={isDone.has("revoke")}>Revoke that person under People, and present the card again</Step>
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
