/**
 * The server as a process. It alone reads the environment and hears signals.
 *
 * A parent tells it its settings once and hears "ready" or "failed"; without a parent the environment says the same.
 */
import { enableCompileCache } from "node:module"
import { readFileSync } from "node:fs"
import { codeOf } from "./error-code.ts"
import { lineLog, messageOf } from "./log.ts"
import type { Running } from "./server.ts"
import { readSettings, type Settings, settingsFromEnvironment } from "./settings.ts"

enableCompileCache() // Counts only for what is loaded from here on; half of a start is compiling.
const { startServer } = await import("./server.ts")
const log = lineLog((line) => process.stdout.write(`${line}\n`), Date.now)
let running: Running | null = null
let isStopping = false

async function start(settings: Settings): Promise<void> {
  running = await startServer(settings, log)
  const { api_port, mqtt_port } = running
  log("info", "ready", { api_port, mqtt_port, node: process.version })
  process.send?.({ kind: "ready", api_port, mqtt_port })
  if (isStopping) await stop()
}

async function stop(): Promise<void> {
  if (isStopping && running === null) return
  isStopping = true
  const stopped = running
  running = null
  await stopped?.stop()
  log("info", "stopped")
  process.exit(0)
}

function failed(error: unknown): void {
  log("fault", "cannot start", { error: messageOf(error), code: codeOf(error) })
  const said = { kind: "failed", code: codeOf(error), message: error instanceof Error ? error.message : String(error) }
  if (process.send === undefined) process.exit(1)
  process.send(said, () => process.exit(1))
}

// The parent decides when the group stops; a server that runs alone has nobody else to ask.
process.on("SIGINT", () => void (process.send === undefined && stop()))
process.on("SIGTERM", () => void stop())
process.on("disconnect", () => void stop())

/** Settings that cannot be read fail like anything else that fails at the start. */
async function begin(settings: () => Settings): Promise<void> {
  await start(settings())
}

if (process.send === undefined) {
  begin(() => settingsFromEnvironment(process.env, (path) => readFileSync(path, "utf8"))).catch(failed)
} else {
  process.once("message", (message: { readonly kind?: unknown; readonly settings?: unknown }) => {
    if (message.kind === "settings") begin(() => readSettings(message.settings)).catch(failed)
  })
}
