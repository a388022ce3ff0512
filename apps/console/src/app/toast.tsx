/** One line at the bottom about what just happened. It leaves by itself and is read aloud. */
import { useEffect } from "react"
import { useStore } from "../data/store.ts"
import { useDesk } from "./desk.ts"

const SHOWN_MS = 7_000

export function Toast() {
  const { said } = useDesk()
  const text = useStore(said)
  useEffect(() => {
    if (text === null) return
    const timer = setTimeout(() => said.set(null), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [text, said])
  return (
    <div role="status" aria-live="polite">
      {text !== null && (
        <div className="toast">
          <span>{text}</span>
          <button type="button" className="button" onClick={() => said.set(null)}>
            Dismiss
          </button>
        </div>
      )}
    </div>
  )
}
