/**
 * The real command in its own process, for the benches that measure what a person sees. It stops as Ctrl-C would.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const START = fileURLToPath(new URL("../../apps/holdfast/src/main.ts", import.meta.url))

/** The building did not come up; the message is what it printed. */
export class BuildingError extends Error {
  override readonly name = "BuildingError"
}

/** A data directory of its own, removed by {@link Building.remove}. */
export class Building {
  readonly #folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"))
  #process: ChildProcess | null = null
  #said = ""

  /** Starts the command; answers once it has printed the console's address. */
  async start(...words: readonly string[]): Promise<void> {
    this.#said = ""
    const child = spawn(process.execPath, [START, "--data", join(this.#folder, "data"), ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (part: Buffer) => {
          this.#said += part.toString()
          if (this.#said.includes("Ctrl-C stops it")) resolve()
        })
      child.once("exit", (code) => reject(new BuildingError(`exit code ${code}: ${this.#said}`)))
    })
  }

  /** Starts a building that was not there, on any free ports. */
  startNew(): Promise<void> {
    return this.start("--port", "0", "--mqtt-port", "0")
  }

  #find(pattern: RegExp): string {
    const [, found] = pattern.exec(this.#said) ?? []
    if (found === undefined) throw new BuildingError(`${pattern} was not printed: ${this.#said}`)
    return found
  }

  get link(): string {
    return this.#find(/(http:\/\/localhost:\d+\/claim#\S+)/)
  }

  get origin(): string {
    return this.#find(/Console\s+(\S+)/)
  }

  async stop(): Promise<void> {
    const child = this.#process
    if (child === null || child.exitCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGINT")
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
