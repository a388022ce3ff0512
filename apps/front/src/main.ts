/**
 * The front as a process of its own. Its parent tells it once what it serves, and answers what it passes on: claims, and
 * boards that ask to be paired.
 */
import type { Answer } from "./answer.ts"
import { type CounterOptions, createCounter } from "./boards.ts"
import { createFront, type SiteFile } from "./serve.ts"
import { readBundle } from "./bundle.ts"
import type { Server } from "node:net"

type Settings = {
  readonly bundle: string
  readonly port: number
  readonly address: string
  readonly origin: string
  readonly site: SiteFile
  readonly counter: Omit<CounterOptions, "pair"> & { readonly port: number; readonly address: string }
}
type FromParent =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "site"; readonly site: SiteFile }
  | { readonly kind: "answered"; readonly id: number; readonly answer: Answer }

const waiting = new Map<number, (answer: Answer) => void>()
let asked = 0
let site: SiteFile | null = null

function say(message: unknown): void {
  process.send?.(message)
}

/** Passes a question on to the parent. */
function ask(kind: "claim" | "pair" | "waiting", body: unknown): Promise<Answer> {
  const id = ++asked
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    say({ kind, id, body })
  })
}

function listen(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve) => {
    server.on("error", (error: NodeJS.ErrnoException) => {
      say({ kind: "failed", code: error.code ?? "", message: error.message })
      process.exit(1)
    })
    server.listen(port, address, () => resolve())
  })
}

async function start(settings: Settings): Promise<void> {
  site = settings.site
  const bundle = await readBundle(settings.bundle)
  const { origin, port, address, counter } = settings
  const front = createFront({
    bundle,
    origin,
    site: () => site ?? settings.site,
    claim: (body) => ask("claim", body),
    waiting: () => ask("waiting", null),
  })
  const boards = createCounter({ ...counter, pair: (body) => ask("pair", body) })
  process.on("SIGTERM", () => {
    boards.close()
    front.close(() => process.exit(0))
    front.closeAllConnections()
  })
  await Promise.all([listen(front, port, address), listen(boards, counter.port, counter.address)])
  say({ kind: "ready" })
}

process.on("message", (message: FromParent) => {
  if (message.kind === "settings") {
    start(message.settings).catch((error: unknown) => {
      say({ kind: "failed", code: "", message: error instanceof Error ? error.message : String(error) })
      process.exit(1)
    })
  } else if (message.kind === "site") site = message.site
  else {
    waiting.get(message.id)?.(message.answer)
    waiting.delete(message.id)
  }
})
process.on("SIGINT", () => undefined) // The parent decides when the group stops.
process.on("disconnect", () => process.exit(0))
