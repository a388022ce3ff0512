/**
 * `npm start`: from what a person typed to a running building, and back to a quiet prompt at Ctrl-C.
 *
 * Whatever is wrong outside (a port in use, a foreign directory, a second instance, a full disk) is one clear line and exit
 * code 1, with nothing damaged.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { resolve } from "node:path"
import { DiskError } from "@holdfast/port-node"
import { ChildError } from "./child.ts"
import { DirectoryError, openDirectory, type Page, putAside, readPage } from "./directory.ts"
import { FoundingError } from "./founder.ts"
import { AlreadyRunningError, askInstance, type Instance, SocketFolderError, takeInstance } from "./instance.ts"
import { DEFAULT_MQTT_PORT, DEFAULT_PORT, type Options } from "./options.ts"
import { bindAddress, isLocal, NotOurAddressError, PortInUseError, portFor, portNear } from "./ports.ts"
import { fingerprint, RecoveryFileError, WrongKeyError } from "./recovery.ts"
import { Run, type RunOptions, type Standing } from "./run.ts"
import { TlsError } from "./tls.ts"

/** What a person asked for cannot be done; the message is the one line. */
export class StartError extends Error {
  override readonly name = "StartError"
}

const EXPECTED = [
  StartError,
  AlreadyRunningError,
  ChildError,
  DirectoryError,
  DiskError,
  FoundingError,
  NotOurAddressError,
  PortInUseError,
  RecoveryFileError,
  SocketFolderError,
  TlsError,
  WrongKeyError,
] as const

/** The line for a person, whatever went wrong. */
export function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (EXPECTED.some((kind) => error instanceof kind)) return message.split("\n")[0] ?? ""
  if (error instanceof Error && "code" in error && error.code === "ENOSPC") return "The disk is full."
  return `Holdfast could not start: ${message}`
}

/** Locks are reached at any address. The console is not: browsers give passkeys to `localhost` and to no address. */
function listenAddress(listen: string): string {
  const address = bindAddress(listen)
  if (address !== null) return address
  throw new StartError(
    `--listen ${listen}: name an address of this machine, such as 0.0.0.0 or 192.168.1.5; a name would need a certificate that browsers trust, which this version cannot use.`,
  )
}

function readKeyFile(path: string | null): string | null {
  if (path === null) return null
  try {
    return readFileSync(path, "utf8")
  } catch {
    throw new StartError(`--founding-key: ${path} cannot be read.`)
  }
}

/** The console's port is part of the site; asking for another one later is an error that says so. */
async function consolePort(options: Options, page: Page | null): Promise<number> {
  const asked = options.port
  if (page === null || page.state === "founding") return portFor(asked ?? DEFAULT_PORT, "port")
  if (asked !== null && asked !== 0 && asked !== page.port)
    throw new StartError(
      `--port ${asked}: this building was founded at port ${page.port}, which its passkeys are bound to; leave --port out.`,
    )
  return portFor(page.port, "port")
}

/** The port that locks will be heard at, or 0 for any, which is never the console's. */
function lockPort(options: Options, page: Page | null): number {
  const wanted = options.mqttPort ?? page?.mqttPort ?? DEFAULT_MQTT_PORT
  if (wanted !== 0 && wanted === (options.port ?? page?.port ?? DEFAULT_PORT))
    throw new StartError(`--mqtt-port ${wanted}: the console is at this port; give the locks one of their own.`)
  return wanted
}

async function makeRun(
  options: Options,
  directory: string,
  hooks: Pick<RunOptions, "gaveUp" | "claimed">,
): Promise<{ readonly run: Run; readonly page: Page | null }> {
  const page = await readPage(directory)
  const listen = listenAddress(options.listen)
  const wanted = lockPort(options, page)
  const port = await consolePort(options, page)
  const mqttPort = await portFor(wanted, "mqtt-port", listen)
  // Beside any free port lie those that the system lends to callers: one may be lent before it is listened at.
  const beside = (known: number | undefined, next: number): number => known ?? (options.port === 0 ? 0 : next)
  const apiPort = await portNear(beside(page?.apiPort, port + 1), [port, mqttPort])
  const boardsPort = await portNear(beside(page?.boardsPort, apiPort + 1), [port, mqttPort, apiPort], listen)
  const run = new Run({
    directory,
    port,
    apiPort,
    mqttPort,
    boardsPort,
    listen,
    example: page?.state === "founded" ? page.example : options.example,
    page,
    recovery: readKeyFile(options.foundingKey),
    boardRelease: options.boardRelease,
    databaseUrl: options.databaseUrl,
    ...hooks,
  })
  return { run, page }
}

type Order = { readonly word: "invite"; readonly recovery: string | null } | { readonly word: "board" }
type OrderAnswer = { readonly line: string } | { readonly fault: string }

const STILL_STARTING: OrderAnswer = { fault: "Holdfast is still starting." }

function isOrder(order: unknown): order is Order {
  if (typeof order !== "object" || order === null || !("word" in order)) return false
  return order.word === "invite" || order.word === "board"
}

async function answerOrder(run: Run | null, order: unknown): Promise<OrderAnswer> {
  if (!isOrder(order) || run === null || !run.stands) return STILL_STARTING
  try {
    if (order.word === "invite") return newLink(run, order.recovery)
    return (await run.addBoards()) ? { line: BOARDS_ON } : STILL_STARTING
  } catch (error) {
    return { fault: lineOf(error) }
  }
}

const BOARDS_ON =
  "Virtual boards are on. Reload the console, open a door that has no lock, and choose “Attach a virtual board”."

function newLink(run: Run, recovery: string | null): OrderAnswer {
  const line = run.invite(recovery)
  if (line !== null) return { line }
  return {
    fault: "The founding key is no longer here: add --founding-key FILE with the recovery file.",
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

function announce(run: Run, { site, link, boards }: Standing, page: Page | null, directory: string): void {
  say("")
  say(`  Holdfast is running.  Site ${fingerprint(Buffer.from(site, "hex"))}`)
  say(`  Console   ${run.origin}`)
  say(`  Boards    ${boards}`)
  say(`  Data      ${directory}`)
  if (!isLocal(run.listen))
    say(`  Locks are heard at ${run.listen}; the console and its API stay at localhost, the only place for passkeys.`)
  if (link !== null) {
    say("")
    say("  Open this link to take charge (one use, 15 minutes; npm run invite prints a new one):")
    say(`  ${link}`)
  } else if (page?.state === "founded")
    say("  Nobody can be named administrator without the recovery file: npm run invite -- --founding-key FILE")
  say("")
  say("  Ctrl-C stops it; npm start goes on where it stopped.")
}

/** Runs until a signal comes or a part cannot go on; the exit code. */
export async function start(options: Options): Promise<number> {
  const directory = resolve(options.data)
  let run: Run | null = null
  let instance: Instance | null = null
  const end = Promise.withResolvers<string | null>()
  process.on("SIGINT", () => end.resolve(null)).on("SIGTERM", () => end.resolve(null))
  try {
    listenAddress(options.listen)
    await openDirectory(directory)
    instance = await takeInstance(directory, (order) => answerOrder(run, order))
    if (options.reset && readdirSync(directory).length > 0) {
      say(`  The building that was here lies in ${await putAside(directory, new Date())} now.`)
      await openDirectory(directory)
    }
    const made = await makeRun(options, directory, {
      gaveUp: (error) => end.resolve(lineOf(error)),
      claimed: () => say("  An administrator has taken charge. The founding key is forgotten here."),
    })
    run = made.run
    const standing = await Promise.race([made.run.start(), stopped(end.promise)])
    announce(made.run, standing, made.page, directory)
    const fault = await end.promise
    if (fault !== null) say(`  ${fault}`)
    return fault === null ? 0 : 1
  } catch (error) {
    if (error instanceof StoppedEarly) return 0
    process.stderr.write(`${lineOf(error)}\n`)
    return 1
  } finally {
    await run?.stop()
    await instance?.close()
  }
}

/** Somebody pressed Ctrl-C before everything stood. */
class StoppedEarly extends Error {
  override readonly name = "StoppedEarly"
}

/** Fails when somebody pressed Ctrl-C, or with the line of a part that could not go on. */
async function stopped(end: Promise<string | null>): Promise<never> {
  const fault = await end
  throw fault === null ? new StoppedEarly("stopped before it stood") : new StartError(fault)
}

function orderOf(command: "invite" | "board", options: Options): Order {
  return command === "board" ? { word: "board" } : { word: "invite", recovery: readKeyFile(options.foundingKey) }
}

/** Asks the running instance for a new link, or for virtual boards; the exit code. */
export async function ask(command: "invite" | "board", options: Options): Promise<number> {
  const directory = resolve(options.data)
  try {
    const order = orderOf(command, options)
    const said = existsSync(directory) ? await askInstance(directory, order) : null
    if (said === null)
      throw new StartError(`Holdfast does not run on ${directory}: npm start first, or name it with --data.`)
    const answer = said as { readonly line?: unknown; readonly fault?: unknown }
    if (typeof answer.line !== "string")
      throw new StartError(typeof answer.fault === "string" ? answer.fault : "The running Holdfast gave no answer.")
    say(answer.line)
    return 0
  } catch (error) {
    process.stderr.write(`${lineOf(error)}\n`)
    return 1
  }
}
