/** What the front's listeners share: JSON in, JSON and problems out, each body at most as long as its listener allows. */
import type { IncomingMessage, ServerResponse } from "node:http"

/** An answer of whoever a question was passed on to. */
export type Answer = { readonly status: number; readonly body: unknown }

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.statusCode = status
  response.setHeader("Content-Type", status >= 400 ? "application/problem+json" : "application/json")
  response.setHeader("Cache-Control", "no-store")
  response.end(JSON.stringify(body))
}

export function problem(response: ServerResponse, status: number, slug: string, title: string): void {
  sendJson(response, status, { type: `urn:holdfast:${slug}`, title, status })
}

/** The request's body as JSON; null when it is too long or no JSON. */
export async function readJson(request: IncomingMessage, bytes_max: number): Promise<unknown> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request) {
    const chunk = Buffer.from(part)
    size += chunk.length
    if (size > bytes_max) return null
    parts.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"))
  } catch {
    return null
  }
}
