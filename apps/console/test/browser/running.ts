/**
 * A whole building for a browser test: the real command in its own process on a fresh data directory, and its first link.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const ENTRY = fileURLToPath(new URL("../../../holdfast/src/main.ts", import.meta.url))

const LONE_BOARD = fileURLToPath(new URL("../../../board/src/alone-main.ts", import.meta.url))

/** The building did not come up; the message is what it printed. */
export class NotRunningError extends Error {
  override readonly name = "NotRunningError"
}

export class RunningBuilding {
  readonly directory: string
  readonly lines: string[] = []
  #process: ChildProcess | null = null

  private constructor(directory: string) {
    this.directory = directory
  }

  static async start(...words: readonly string[]): Promise<RunningBuilding> {
    const parent = await mkdtemp(join(tmpdir(), "holdfast-story-"))
    const building = new RunningBuilding(join(parent, "data"))
    await building.start("--port", "0", "--mqtt-port", "0", ...words)
    return building
  }

  /** Starts the command and waits until it says how to stop it. */
  async start(...words: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, [ENTRY, "--data", this.directory, ...words], {
      stdio: ["ignore", "pipe", "pipe"],
    })
    this.#process = child
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          this.lines.push(line)
          if (line.includes("Ctrl-C stops it")) resolve()
        })
      child.once("exit", (code) => reject(new NotRunningError(`exit code ${code}: ${this.lines.join("\n")}`)))
    })
  }

  /** Gives an order to the running command, as `npm run WORD` does; what it printed. */
  async order(word: string, ...flags: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [ENTRY, word, "--data", this.directory, ...flags], {
      stdio: ["ignore", "pipe", "inherit"],
    })
    let out = ""
    child.stdout.on("data", (part: Buffer) => {
      out += part.toString()
    })
    const [code] = (await once(child, "close")) as [number | null]
    if (code !== 0) throw new NotRunningError(`${word}: exit code ${code}: ${out}`)
    return out
  }

  /** The newest link that was printed. */
  get link(): string {
    const link = this.lines.map((line) => line.trim()).findLast((line) => line.includes("/claim#"))
    if (link === undefined) throw new NotRunningError(`no link was printed: ${this.lines.join("\n")}`)
    return link
  }

  get origin(): string {
    return new URL(this.link).origin
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** Stops it as Ctrl-C would; the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#process
    if (child === null || child.exitCode !== null) return child?.exitCode ?? null
    child.kill("SIGINT")
    const [code] = (await once(child, "exit")) as [number | null]
    return code
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(join(this.directory, ".."), { recursive: true, force: true })
  }
}

/** A board in a process and a directory of its own, as `npm run board -- --site LINK` starts it; the test is at its door. */
export class LoneBoard {
  readonly #directory = mkdtempSync(join(tmpdir(), "holdfast-board-"))
  readonly #process: ChildProcess
  readonly #lines: string[] = []
  #heard: () => void = () => undefined

  constructor(link: string) {
    const words = ["--site", link, "--directory", join(this.#directory, "board")]
    this.#process = spawn(process.execPath, [LONE_BOARD, ...words], { stdio: ["pipe", "pipe", "inherit"] })
    if (this.#process.stdout !== null)
      createInterface({ input: this.#process.stdout }).on("line", (line) => {
        this.#lines.push(line)
        this.#heard()
      })
  }

  /** What the group of `pattern` stands for in a line that it prints, now or later. */
  says(pattern: RegExp): Promise<string> {
    return new Promise((resolve) => {
      this.#heard = () => {
        const found = this.#lines.map((line) => pattern.exec(line)?.[1]).find((text) => text !== undefined)
        if (found !== undefined) resolve(found)
      }
      this.#heard()
    })
  }

  type(line: string): void {
    this.#process.stdin?.write(`${line}\n`)
  }

  async remove(): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill("SIGINT")
      await once(this.#process, "exit")
    }
    rmSync(this.#directory, { recursive: true, force: true })
  }
}
