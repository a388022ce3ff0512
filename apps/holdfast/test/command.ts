/**
 * `npm start`'s command in its own process, as a person at a terminal has it: lines, signals, exit codes, and what is left.
 *
 * Each building may be started, stopped and killed as often as a test likes; {@link Command.remove} ends whatever is left.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const START = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const AUDIT = fileURLToPath(new URL("../../auditor/src/main.ts", import.meta.url))
export const STANDS = "Ctrl-C stops it"

/** The command did not do what the test waits for; the message is what it printed. */
export class CommandError extends Error {
  override readonly name = "CommandError"
}

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

/** Runs one of our programs to its end. */
export async function runToEnd(program: string, words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "pipe"] })
  let [out, err] = ["", ""]
  child.stdout.on("data", (part: Buffer) => {
    out += part.toString()
  })
  child.stderr.on("data", (part: Buffer) => {
    err += part.toString()
  })
  const [code] = (await once(child, "close")) as [number | null]
  return { code, out, err }
}

export const start = (...words: readonly string[]): Promise<Ended> => runToEnd(START, words)
export const audit = (directory: string): Promise<Ended> => runToEnd(AUDIT, [directory])

/** A new folder, with a data directory of this name to be in it. */
export function freshPlace(name: string): string {
  return join(mkdtempSync(join(tmpdir(), "holdfast-start-")), name)
}

const ASK_AGAIN_MS = 50

/** Asks another process until the answer is there; a test that asks in vain is ended by its own time limit. */
export function until<Answer>(ask: () => Promise<Answer | null> | Answer | null): Promise<Answer> {
  return new Promise((found, failed) => {
    const turn = async (): Promise<void> => {
      const answer = await ask()
      if (answer === null) setTimeout(() => void turn().catch(failed), ASK_AGAIN_MS)
      else found(answer)
    }
    turn().catch(failed)
  })
}

/** Every process whose ancestor is `pid`: detached children are children too. Linux and macOS say it by `ps`. */
export async function descendants(pid: number): Promise<readonly { readonly pid: number; readonly command: string }[]> {
  const listed = spawn("ps", ["-eo", "pid=,ppid=,args="], { stdio: ["ignore", "pipe", "ignore"] })
  let text = ""
  listed.stdout.on("data", (part: Buffer) => {
    text += part.toString()
  })
  await once(listed, "close")
  const all = text.split("\n").flatMap((line) => {
    const [, child = "", parent = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return child === "" ? [] : [{ pid: Number(child), parent: Number(parent), command }]
  })
  const found: { pid: number; command: string }[] = []
  for (let below = [pid]; below.length > 0; ) {
    const children = all.filter((each) => below.includes(each.parent))
    found.push(...children.map(({ pid: child, command }) => ({ pid: child, command })))
    below = children.map((each) => each.pid)
  }
  return found
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A file's bytes, or null when it went away since it was listed, as unfinished ones do. */
function bytesAt(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}

/** Every file below a directory, by its path in it. Sockets are no files. */
export function filesBelow(directory: string): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const bytes = bytesAt(path)
    if (bytes !== null) files.set(path.slice(directory.length + 1), bytes)
  }
  return files
}

export class Command {
  readonly directory: string
  lines: string[] = []
  #process: ChildProcess | null = null
  /** Done when it has ended and every line of it was read. */
  #closed: Promise<unknown> = Promise.resolve()
  readonly #pids = new Set<number>()

  constructor(directory: string) {
    this.directory = directory
  }

  /** Starts the command at the head of a process group, as a shell does; it need not stand yet. */
  spawn(...words: readonly string[]): ChildProcess {
    this.lines = []
    const child = spawn(process.execPath, [START, "--data", this.directory, ...words], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on("line", (line) => this.lines.push(line))
    this.#process = child
    this.#closed = once(child, "close")
    return child
  }

  /** Starts it and waits until it stands. */
  async stand(...words: readonly string[]): Promise<void> {
    const child = this.spawn(...words)
    const stands = await until(() => {
      if (this.lines.some((line) => line.includes(STANDS))) return true
      return child.exitCode === null && child.signalCode === null ? null : false
    })
    if (!stands) await this.#closed
    if (!stands) throw new CommandError(`exit code ${child.exitCode}: ${this.lines.join("\n")}`)
    await this.family()
  }

  get pid(): number {
    return this.#process?.pid ?? 0
  }

  /** The newest link that was printed. */
  get link(): string {
    const link = this.lines.map((line) => line.trim()).findLast((line) => line.includes("/claim#"))
    if (link === undefined) throw new CommandError(`no link was printed: ${this.lines.join("\n")}`)
    return link
  }

  /** The console's origin, as it was announced. */
  get origin(): string {
    return this.#announced("Console")
  }

  get site(): string {
    return this.#announced("Site")
  }

  #announced(word: string): string {
    const said = this.lines.map((line) => new RegExp(`${word}\\s+(.*)$`).exec(line)?.[1]).find((found) => found)
    if (said === undefined) throw new CommandError(`no ${word} was announced: ${this.lines.join("\n")}`)
    return said
  }

  /** All processes of this building but the command itself. */
  async family(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
    const family = await descendants(this.pid)
    for (const { pid } of family) this.#pids.add(pid)
    return family
  }

  /** The process of one part, such as `keeper`. */
  async pidOf(part: string): Promise<number> {
    const found = (await this.family()).find(({ command }) => command.includes(`apps/${part}/src/main.ts`))
    if (found === undefined) throw new CommandError(`no ${part} runs`)
    return found.pid
  }

  /** Processes that ever belonged to this building and still live. */
  survivors(): readonly number[] {
    return [...this.#pids].filter(isAlive)
  }

  /** Sends a signal to the command alone, or to its whole group as Ctrl-C in a terminal does; the exit code. */
  async stop(signal: NodeJS.Signals, whom: "command" | "group"): Promise<number | null> {
    await this.family()
    const child = this.#process
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, "exit")
    process.kill(whom === "group" ? -this.pid : this.pid, signal)
    const [code] = (await ended) as [number | null]
    return code
  }

  get isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null
  }

  /** The exit code of a command that ends by itself, once every line of it was read. */
  async end(): Promise<number | null> {
    await this.#closed
    return this.#process?.exitCode ?? null
  }

  /** Pulls the plug: the command and all of its processes are gone at once. */
  async kill(): Promise<void> {
    await this.family()
    const child = this.#process
    const ended = child?.exitCode === null && child.signalCode === null ? once(child, "exit") : null
    for (const pid of [this.pid, ...this.#pids]) if (isAlive(pid)) process.kill(pid, "SIGKILL")
    await ended
    await until(() => (this.survivors().length === 0 ? true : null))
  }

  async remove(): Promise<void> {
    await this.kill()
    rmSync(join(this.directory, ".."), { recursive: true, force: true })
  }
}
