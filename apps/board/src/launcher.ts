/**
 * The launcher of a real board: verifies an image, runs the very bytes that it verified, watches over it, and goes back.
 *
 * Picture a parent at the first school day: it brings the child there, waits to hear that all is well, and takes it home again
 * if not. The program goes to the new process through a pipe out of the launcher's memory, never by a path, so nobody can
 * exchange a file between check and start (attack 65). The program asks for its image slots by messages and cannot reach them
 * otherwise; it knows nothing of keys. What follows from `image/loader.ts` is decided there; here are only process and clock.
 */
import type { Effect, Input } from "@holdfast/lock"
import { imageVersionText } from "@holdfast/lock/image"
import { type ChildProcess, spawn } from "node:child_process"
import { Loader, type LoaderOptions } from "./image/loader.ts"
import { isSignOfLife } from "./sign-of-life.ts"

export type LauncherOptions = {
  readonly loader: LoaderOptions
  /** How long an image on trial has until it confirms itself. */
  readonly trial_ms: number
  /** How often the program is looked at; one that said nothing for three looks in a row hangs, and is killed. */
  readonly look_ms?: number
  /** A confirmed image that crashes is started again until it crashed so often in a row; then somebody has to come. */
  readonly crashes_max?: number
  /** A run that lasts so long ends the row: its own crash is the first of another. */
  readonly healthy_ms?: number
  /** Arguments of the program. */
  readonly args: readonly string[]
  /** One line for people. */
  say(line: string): void
  /** What the program tells its parent beyond what is the launcher's. */
  tell(message: unknown): void
}

/** How a launcher ended: nothing in the slots may run, the program kept crashing, or it ended by itself. */
export type LauncherEnd = "nothing may run" | "keeps crashing" | "ended"

const CRASHES_MAX = 5
/** So an image that crashes once in a season runs for ever, and one that crashes again and again within the hour does not. */
const HEALTHY_MS = 3_600_000
const LOOK_MS = 20_000
/** More than one, since the machine itself may have slept between two looks. */
const SILENT_LOOKS_MAX = 3

type FromProgram = Extract<Effect, { kind: `image ${string}` }>
const KINDS: readonly string[] = [
  "image write",
  "image check",
  "image try",
  "image confirm",
] satisfies FromProgram["kind"][]

function isForLauncher(message: unknown): message is FromProgram {
  if (typeof message !== "object" || message === null || !("kind" in message)) return false
  return typeof message.kind === "string" && KINDS.includes(message.kind)
}

export class Launcher {
  readonly #options: LauncherOptions
  readonly #loader: Loader
  #child: ChildProcess | null = null
  #stopping = false

  constructor(options: LauncherOptions) {
    this.#options = options
    this.#loader = new Loader(options.loader)
  }

  /** Boots again and again until the program ends by itself, or nothing is left to boot. */
  async run(): Promise<LauncherEnd> {
    const { crashes_max = CRASHES_MAX, healthy_ms = HEALTHY_MS } = this.#options
    for (let crashes = 0; crashes < crashes_max; ) {
      const firmware = this.#loader.boot()
      const started = this.#loader.started
      if (firmware === null || started === null) return "nothing may run"
      this.#options.say(`${imageVersionText(firmware.version)}${started.onTrial ? ", on trial" : ""}`)
      const startedAt_ms = performance.now()
      const code = await this.#runOnce(firmware.payload, started.onTrial)
      const isGood = this.#loader.started?.onTrial === false // Also by what it said while it ran.
      if (this.#stopping || (code === 0 && isGood && !this.#loader.isStaged)) return "ended"
      const wasHealthy = performance.now() - startedAt_ms >= healthy_ms
      if (isGood && !this.#loader.isStaged) crashes = wasHealthy ? 1 : crashes + 1
    }
    return "keeps crashing"
  }

  /** Passes something on to the program. */
  pass(message: unknown): void {
    if (this.#child?.connected === true) this.#child.send(message as object)
  }

  stop(): void {
    this.#stopping = true
    this.#child?.kill("SIGTERM")
  }

  #runOnce(payload: Uint8Array, onTrial: boolean): Promise<number | null> {
    const child = spawn(process.execPath, ["--input-type=commonjs", "-", ...this.#options.args], {
      stdio: ["pipe", "inherit", "inherit", "ipc"],
      serialization: "advanced",
      env: { ...process.env, HOLDFAST_LAUNCHED: onTrial ? "on trial" : "yes" },
    })
    this.#child = child
    const limit = onTrial ? setTimeout(() => child.kill("SIGKILL"), this.#options.trial_ms) : null
    const watch = this.#watch(child)
    child.on("message", (message) => this.#hear(child, message, limit))
    child.stdin?.on("error", () => undefined) // It ended before it read itself: its exit says so.
    child.stdin?.end(payload)
    return new Promise((resolve) => {
      const ended = (code: number | null): void => {
        if (limit !== null) clearTimeout(limit)
        clearInterval(watch)
        resolve(code)
      }
      child.on("error", () => {
        if (child.pid === undefined) ended(1) // It never ran. Else its exit says so, and two must not run at once.
      })
      child.on("exit", ended)
    })
  }

  /** A program that hangs is killed, and what follows is what follows from a crash (attack 135). */
  #watch(child: ChildProcess): NodeJS.Timeout {
    let silent = 0
    child.on("message", () => (silent = 0))
    return setInterval(() => {
      if (++silent < SILENT_LOOKS_MAX || !child.kill("SIGKILL")) return
      this.#options.say("the program hangs: killed")
    }, this.#options.look_ms ?? LOOK_MS)
  }

  #hear(child: ChildProcess, message: unknown, limit: NodeJS.Timeout | null): void {
    if (isSignOfLife(message)) return
    if (!isForLauncher(message)) return this.#options.tell(message)
    if (message.kind === "image confirm" && limit !== null) clearTimeout(limit)
    const answers: readonly Input[] = this.#loader.carry(message)
    for (const answer of answers) if (child.connected) child.send(answer)
    if (message.kind === "image try") child.kill("SIGTERM")
  }
}
