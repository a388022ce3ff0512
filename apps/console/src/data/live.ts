/**
 * What happens now, as it happens: the server's event stream, resumed by the last id whenever it breaks.
 *
 * Whether it is connected, and since when, is a fact of its own that the frame shows: a page that silently stopped listening
 * looks exactly like a quiet building.
 */
import type { Client, LiveEvent } from "@holdfast/contract"
import type { Store } from "./store.ts"

export type Link =
  | { readonly is: "connecting" }
  | { readonly is: "connected"; readonly since_ms: number }
  | { readonly is: "broken"; readonly since_ms: number }

export type LiveHearer = {
  readonly hear: (event: LiveEvent) => void
  /** Something was missed, or this is the first time: read everything anew. */
  readonly beginAgain: () => void
  readonly sessionEnded: () => void
}

const WAIT_MS_MIN = 500
const WAIT_MS_MAX = 8_000

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener("abort", () => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Listens until `signal` ends it. */
export async function follow(
  client: Client,
  token: string,
  link: Store<Link>,
  hearer: LiveHearer,
  signal: AbortSignal,
): Promise<void> {
  let last: string | null = null
  let wait_ms = WAIT_MS_MIN
  while (!signal.aborted) {
    const answered = await client.listen({ token, last_event_id: last, signal })
    if (signal.aborted) return
    if (!answered.ok && (answered.fault === "session-ended" || answered.fault === "no-token"))
      return hearer.sessionEnded()
    if (answered.ok) {
      link.set({ is: "connected", since_ms: Date.now() })
      wait_ms = WAIT_MS_MIN
      if (last === null) hearer.beginAgain()
      try {
        for await (const { id, event } of answered.answer) {
          last = id
          if (event.event === "begin-again") hearer.beginAgain()
          else hearer.hear(event)
        }
      } catch {
        // A connection that breaks in the middle ends the loop above; what follows is the same as for a quiet end.
      }
    }
    if (signal.aborted) return
    link.change((now) => (now.is === "broken" ? now : { is: "broken", since_ms: Date.now() }))
    await wait(wait_ms, signal)
    wait_ms = Math.min(WAIT_MS_MAX, wait_ms * 2)
  }
}
