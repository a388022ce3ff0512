/**
 * One live connection: carries events from the hub's ring to a response for as long as both last.
 *
 * It writes only while the socket takes bytes, so what waits for a slow reader is at most what the socket buffers. It ends
 * with its session.
 */
import type { ServerResponse } from "node:http"
import type { PersonId } from "@holdfast/base"
import { beginAgain, type Hub } from "./hub.ts"

const KEEP_ALIVE_MS = 15_000

export type ListenerOptions = {
  readonly hub: Hub
  readonly response: ServerResponse
  readonly last_event_id: string | null
  /** Who listens: sheets are told to nobody else. */
  readonly person: PersonId
  /** Whether the session still stands; asked before every event and at every keep-alive. */
  isWelcome(): boolean
}

/** Carries events until the connection closes or its session ends. The head of the response has been written. */
export function listen(options: ListenerOptions): Promise<void> {
  const { hub, response, last_event_id } = options
  const resumed = last_event_id === null ? hub.next : hub.after(last_event_id)
  let next = resumed ?? hub.next
  response.write(": welcome\n\n")
  if (resumed === null) response.write(beginAgain(hub))

  let told = 0
  const pump = () => {
    pumpEvents()
    const sheet = hub.sheetOf(options.person)
    if (sheet === null || sheet.number === told || response.writableNeedDrain || response.writableEnded) return
    if (!options.isWelcome()) return void response.end()
    response.write(`id: ${hub.run}.${next - 1}\ndata: ${sheet.data}\n\n`)
    told = sheet.number
  }
  const pumpEvents = () => {
    while (!response.writableNeedDrain && !response.writableEnded) {
      const frame = hub.at(next)
      if (frame === "not yet") return
      if (!options.isWelcome()) {
        response.end()
        return
      }
      if (frame === "gone") {
        next = hub.next
        response.write(beginAgain(hub))
        continue
      }
      response.write(frame.text)
      next = frame.number + 1
    }
  }
  const keepAlive = () => {
    if (!options.isWelcome()) response.end()
    else if (!response.writableNeedDrain && !response.writableEnded) response.write(": still here\n\n")
  }

  return new Promise((resolve) => {
    const deaf = hub.listen(pump)
    const timer = setInterval(keepAlive, KEEP_ALIVE_MS)
    response.on("drain", pump)
    response.once("close", () => {
      clearInterval(timer)
      deaf()
      resolve()
    })
    pump()
  })
}
