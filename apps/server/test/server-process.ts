/** The server as the command starts it: a process that is told its settings once. */
import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Settings } from "../src/settings.ts"

const ENTRY = fileURLToPath(new URL("../src/main.ts", import.meta.url))

export type Said = {
  readonly kind: string
  readonly api_port?: number
  readonly mqtt_port?: number
  readonly message?: string
  readonly code?: string
}

export class ServerProcess {
  readonly lines: string[] = []
  readonly #child: ChildProcess
  readonly said: Said

  private constructor(child: ChildProcess, said: Said, lines: string[]) {
    this.#child = child
    this.said = said
    this.lines = lines
  }

  /** Answers when it said "ready" or "failed". */
  static async start(
    settings: Settings | object,
    environment: NodeJS.ProcessEnv = process.env,
  ): Promise<ServerProcess> {
    const child = fork(ENTRY, [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "inherit", "ipc"],
      env: environment,
    })
    const lines: string[] = []
    if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => lines.push(line))
    child.send({ kind: "settings", settings })
    const [said] = (await once(child, "message")) as [Said]
    return new ServerProcess(child, said, lines)
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL")
  }

  /** Answers with the exit code. */
  async stop(): Promise<number | null> {
    await this.#end("SIGTERM")
    return this.#child.exitCode
  }

  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "exit")
    return this.#child.exitCode
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const gone = once(this.#child, "exit")
    this.#child.kill(signal)
    await gone
  }
}
