/**
 * A process that this one starts, listens to and stops.
 *
 * Children are detached, since Ctrl-C reaches a whole group and the order of stopping matters: locks first, the keeper last.
 * What a child says on its channel is an event of its own shape; what it prints goes to its log file. A child that ends
 * unasked is told to the owner, who decides; whatever it had started itself ends with it, so that two never do one work.
 */
import { type ChildProcess, fork } from "node:child_process"
import { createInterface } from "node:readline"
import { LogFile } from "./log-file.ts"

const STOP_MS_MAX = 15_000

/** A child ended, or said that it cannot start. The message is a line for a person. */
export class ChildError extends Error {
  override readonly name: string = "ChildError"
}

/** It said itself why it cannot start: starting it again would say the same. */
export class CannotStartError extends ChildError {
  override readonly name = "CannotStartError"
}

/** What every child may say; each has more words of its own. */
export type Said = { readonly kind: string } & Readonly<Record<string, unknown>>

function isSaid(message: unknown): message is Said {
  return typeof message === "object" && message !== null && "kind" in message && typeof message.kind === "string"
}

export type ChildOptions = {
  readonly name: string
  readonly entry: string
  readonly words?: readonly string[]
  readonly log: string
  readonly environment?: Readonly<Record<string, string>>
  /** Words other than "ready" and "failed". */
  heard(said: Said): void
  /** It ended unasked after it was ready; `how` is what it printed last, or its exit code or signal. */
  ended(how: string): void
}

export class Child {
  readonly name: string
  readonly #process: ChildProcess
  readonly #log: LogFile
  readonly #ready: Promise<Said>
  readonly #gone: Promise<void>
  #asked = false
  #last = ""

  constructor(options: ChildOptions) {
    this.name = options.name
    this.#log = new LogFile(options.log)
    this.#process = fork(options.entry, options.words ?? [], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
      env: { ...process.env, ...options.environment },
    })
    for (const stream of [this.#process.stdout, this.#process.stderr])
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => this.#note(line))
    this.#gone = new Promise((resolve) => this.#process.once("exit", () => resolve()))
    let wasReady = false
    this.#ready = new Promise((resolve, reject) => {
      this.#process.on("message", (message) => {
        if (!isSaid(message)) return
        if (message.kind === "ready") {
          wasReady = true
          resolve(message)
        }
        if (message.kind === "failed") reject(this.#failure(message))
        if (message.kind !== "ready" && message.kind !== "failed") options.heard(message)
      })
      this.#process.once("exit", (code, signal) => {
        this.#endGroup()
        const how = this.#last === "" ? (signal ?? `code ${code}`) : this.#last
        reject(new ChildError(`${options.name} ended: ${how}`))
        if (!this.#asked && wasReady) options.ended(how)
      })
    })
    this.#ready.catch(() => undefined) // Whoever awaits it hears of it; nobody else has to.
  }

  #failure(message: Said): CannotStartError {
    const words = message["message"]
    return new CannotStartError(typeof words === "string" ? words : `${this.name} failed`)
  }

  /** A launcher that was killed leaves its program, which may hang: it is in the group that the child led. */
  #endGroup(): void {
    const { pid } = this.#process
    try {
      if (pid !== undefined) process.kill(-pid, "SIGKILL")
    } catch {
      // Nobody is left, as nearly always.
    }
  }

  #note(line: string): void {
    this.#last = line.slice(0, 500)
    this.#log.write(line, new Date())
  }

  /** What the child said when it was ready; fails with a {@link ChildError} when it never will be. */
  ready(): Promise<Said> {
    return this.#ready
  }

  tell(message: unknown): void {
    if (this.#process.connected) this.#process.send(message as never)
  }

  /** Asks the child to end and waits; after 15 s it is killed. */
  async stop(): Promise<void> {
    this.#asked = true
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill("SIGTERM")
    const hard = setTimeout(() => this.#process.kill("SIGKILL"), STOP_MS_MAX)
    await this.#gone
    clearTimeout(hard)
  }
}
