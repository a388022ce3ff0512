/**
 * The front as a process of its own. Its parent tells it once what it serves, and answers the claims it passes on.
 */
import { createFront, type ClaimAnswer, type SiteFile } from "./serve.ts"
import { readBundle } from "./bundle.ts"

type Settings = {
  readonly bundle: string
  readonly port: number
  readonly address: string
  readonly origin: string
  readonly site: SiteFile
}
type FromParent =
  | { readonly kind: "settings"; readonly settings: Settings }
  | { readonly kind: "site"; readonly site: SiteFile }
  | { readonly kind: "claimed"; readonly id: number; readonly answer: ClaimAnswer }

const waiting = new Map<number, (answer: ClaimAnswer) => void>()
let claims = 0
let site: SiteFile | null = null

function say(message: unknown): void {
  process.send?.(message)
}

function claim(body: unknown): Promise<ClaimAnswer> {
  const id = ++claims
  return new Promise((resolve) => {
    waiting.set(id, resolve)
    say({ kind: "claim", id, body })
  })
}

async function start(settings: Settings): Promise<void> {
  site = settings.site
  const bundle = await readBundle(settings.bundle)
  const server = createFront({ bundle, origin: settings.origin, site: () => site ?? settings.site, claim })
  server.on("error", (error: NodeJS.ErrnoException) => {
    say({ kind: "failed", code: error.code ?? "", message: error.message })
    process.exit(1)
  })
  server.listen(settings.port, settings.address, () => say({ kind: "ready" }))
  process.on("SIGTERM", () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
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
