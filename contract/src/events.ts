/**
 * Reading a stream of server-sent events: WHATWG HTML, section 9.2.6, as far as our server speaks it.
 *
 * Lines end in LF, an empty line ends an event, `id:` and `data:` are read, a line that begins with a colon keeps the
 * connection alive and says nothing. Not read: `retry:`, `event:` (the data says its own kind), CR line ends.
 */
import type { LiveEvent } from "./live.ts"

/** An event larger than this is not ours. */
const EVENT_LENGTH_MAX = 4 * 1024 * 1024

/** An event, and the id with which a listener that was cut off comes back. */
export type Heard = { readonly id: string; readonly event: LiveEvent }

/** The event that a block of lines spells, or null for a comment or anything that is no event of ours. */
export function readEvent(block: string): Heard | null {
  let id: string | null = null
  let data = ""
  for (const line of block.split("\n")) {
    if (line.startsWith("id: ")) id = line.slice(4)
    if (line.startsWith("data: ")) data += line.slice(6)
  }
  if (id === null || data === "") return null
  try {
    return { id, event: JSON.parse(data) as LiveEvent }
  } catch {
    return null
  }
}

/**
 * The events of a response body, one by one, until it ends or grows beyond an event's bound.
 *
 * The body is locked at once and not with the first event that somebody asks for: Node ends a body that nobody reads when its
 * response is collected as garbage.
 */
export function readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<Heard, void> {
  return eventsOf(body.getReader())
}

async function* eventsOf(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Heard, void> {
  const decoder = new TextDecoder()
  let text = ""
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done || text.length > EVENT_LENGTH_MAX) return
      text += decoder.decode(value, { stream: true })
      const blocks = text.split("\n\n")
      text = blocks.pop() ?? ""
      for (const block of blocks) {
        const heard = readEvent(block)
        if (heard !== null) yield heard
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
