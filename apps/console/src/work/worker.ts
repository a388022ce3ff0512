/** The worker's entry: keeps its own fold of the log that the page verified, and answers one question at a time. */
import { fold, foundSite, type LogEntry, type State } from "@holdfast/access"
import { webCrypto } from "@holdfast/port-web"
import type { Asked, Answer } from "./rehearsal.ts"
import { preview } from "./preview.ts"

let state: State | null = null

function take(entries: readonly LogEntry[]): void {
  const [first, ...rest] = entries
  if (first === undefined) return
  const begun = state === null ? foundSite(first, webCrypto) : fold(state, [first], webCrypto)
  const folded = begun.ok ? fold(begun.state, rest, webCrypto) : begun
  state = folded.ok ? folded.state : null
}

function hear({ data }: MessageEvent<Asked>): void {
  take(data.entries)
  const answer: Answer = {
    id: data.id,
    preview: state === null ? null : preview(state, data.changes, data.now_ms),
  }
  postMessage(answer, { transfer: [] })
}

addEventListener("message", hear)
