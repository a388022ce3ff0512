/**
 * `npm run board -- --site LINK [--directory DIR] [--fail-mode secure|safe]`: one virtual board by itself, for a site on this
 * or on another machine. Its terminal is the door: digits are typed at the keypad, and a few words are acts.
 */
import { randomBytes } from "node:crypto"
import { mkdirSync } from "node:fs"
import { resolve } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as later } from "node:timers/promises"
import { parseArgs } from "node:util"
import { LoneBoard } from "./alone.ts"
import { Building } from "./building.ts"
import { KeptJsonError } from "./kept-json.ts"
import { BoardKeysError } from "./keys.ts"
import { type Link, PairingError, readLink } from "./counter.ts"
import type { DoorView } from "./world.ts"
import { readAct } from "./world-act.ts"

const ASK_AGAIN_MS = 2_000
const HELP = [
  "Usage: npm run board -- --site LINK [--directory DIR] [--fail-mode secure|safe]",
  "  --site LINK       what npm start prints as Boards; a board that is paired remembers it",
  "  --directory DIR   where the board keeps its keys and its journal (default: ./board)",
  "  --fail-mode MODE  what its bolt does without power (default: secure)",
].join("\n")
const AT_THE_DOOR =
  'Type digits to enter a PIN, or: exit, open, close, {"act":"power","on":false} and other acts; Ctrl-C stops.'

const EXPECTED = [PairingError, BoardKeysError, KeptJsonError, TypeError] as const

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

function options(words: readonly string[]) {
  const { values } = parseArgs({
    args: [...words],
    options: {
      site: { type: "string" },
      directory: { type: "string", default: "board" },
      "fail-mode": { type: "string", default: "secure" },
      help: { type: "boolean", short: "h" },
    },
  })
  const failMode = (["secure", "safe"] as const).find((word) => word === values["fail-mode"])
  if (failMode === undefined) throw new PairingError("--fail-mode takes secure or safe.")
  return { site: values.site, directory: resolve(values.directory), failMode, help: values.help === true }
}

/** Shows who the board is, and asks until an administrator has paired it. */
async function pair(board: LoneBoard, link: Link): Promise<void> {
  const site = await board.meet(link)
  const { serial, fingerprint, text } = board.shown()
  say(`Board ${serial} wants to be paired. Its fingerprint: ${fingerprint}`)
  say("In the console, open the door, choose this board among those that wait, compare the fingerprint and sign.")
  say(`A console elsewhere takes these keys: ${text}`)
  while (!(await board.askFor(link, site))) await later(ASK_AGAIN_MS)
}

function wordsOf(view: DoorView): string {
  if (!view.power) return "no power"
  const line = view.linked ? "linked" : "no line"
  return `bolt ${view.bolt}, door ${view.door_position}, reader ${view.signal}, ${line}${view.alarm ? ", alarm" : ""}`
}

/** What a line of JSON or a single word says; null for JSON that is broken. */
function bodyOf(line: string): unknown {
  if (!line.startsWith("{")) return { act: line }
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

/** One line typed at the door; false when it means nothing. */
function atDoor(building: Building, door: string, line: string): boolean {
  if (/^\d{1,16}$/.test(line))
    return [...line.split(""), "enter"].every((key) => building.act(door, { act: "key", key }))
  const act = readAct({ ...(bodyOf(line) as object | null) })
  return act !== null && building.act(door, act)
}

async function run(words: readonly string[]): Promise<void> {
  const { site, directory, failMode, help } = options(words)
  if (help) return say(HELP)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const board = new LoneBoard({ directory, failMode, random })
  const asked = site === undefined ? null : readLink(site)
  const before = board.kept()
  if (before !== null && asked !== null && asked.mark !== before.kept.link.mark)
    throw new PairingError("This board is paired with another site: reset it there first, or give another --directory.")
  if (before === null) {
    if (asked === null) throw new PairingError(`This board belongs to no site yet.\n${HELP}`)
    await pair(board, asked)
  }
  const known = board.kept()
  if (known === null) throw new PairingError(`${directory} does not keep what is written to it.`)
  const { link, door, authority, certificate, mqtt_port } = await board.renew(known)
  let first: string | null = certificate
  const certify = async (): Promise<string> => {
    const given = first ?? (await board.renew({ ...known, kept: board.kept()?.kept ?? known.kept })).certificate
    first = null
    return given
  }
  const building = new Building({
    directory,
    trust: known.trust,
    courier: { host: link.host, port: mqtt_port, authorityPem: authority },
    random,
    certify,
  })
  let last = ""
  building.onChange((view) => {
    const line = wordsOf(view)
    if (line !== last) say(line)
    last = line
  })
  await building.open()
  say(`Board of door ${door}. ${AT_THE_DOOR}`)
  const terminal = createInterface({ input: process.stdin })
  terminal.on("line", (line) => {
    if (line.trim() !== "" && !atDoor(building, door, line.trim()))
      say(`Nothing at a door is "${line}". ${AT_THE_DOOR}`)
  })
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      building.close()
      process.exit(0)
    })
}

run(process.argv.slice(2)).catch((error: unknown) => {
  const isExpected = error instanceof Error && EXPECTED.some((kind) => error instanceof kind)
  process.stderr.write(`${isExpected ? error.message : String(error)}\n`)
  process.exit(1)
})
