/**
 * `npm run replay` in its own process: the example's badge log becomes a building whose history holds and that opens.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { audit, openSource } from "@holdfast/auditor"

const REPLAY = fileURLToPath(new URL("../src/replay-main.ts", import.meta.url))
const START = fileURLToPath(new URL("../../apps/holdfast/src/main.ts", import.meta.url))
const BADGES = fileURLToPath(new URL("../../examples/badges.csv", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "holdfast-replay-"))
const data = join(folder, "data")
const keyFile = join(folder, "key.txt")

after(() => rmSync(folder, { recursive: true, force: true }))

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

async function replay(...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [REPLAY, ...words], { stdio: ["ignore", "pipe", "pipe"] })
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

type Counts = Readonly<Record<string, number | string>>
const countsOf = (ended: Ended): Counts => JSON.parse(ended.out) as Counts

function file(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name)
  writeFileSync(path, `${lines.join("\n")}\n`)
  return path
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === "object" && address !== null ? address.port : 0
}

const ROW = "2026-03-03 09:00:00,ana,Front"

const REFUSED: readonly (readonly [string, (place: string) => readonly string[], RegExp])[] = [
  ["no file", () => [], /^name one file to replay; .*--help/],
  ["a file that is not there", () => [join(folder, "none.csv")], /^there is no file .*none\.csv\n$/],
  ["another kind of table", () => [file("other.csv", "when,who", "1,2")], /header not known; .*--help/],
  [
    "no row that can be read",
    () => [file("bad.csv", "time,badge,door", "noon,a,b")],
    /has no row that can be presented/,
  ],
  [
    "a zone of no country",
    () => [file("z.csv", "time,badge,door", ROW), "--zone", "Mars/Base"],
    /"Mars\/Base" is no IANA/,
  ],
  ["a port of too many digits", () => [BADGES, "--port", "99999"], /--port takes a number from 1 to 65534/],
  ["a word that is no option", () => [BADGES, "--colour", "red"], /colour/],
]

for (const [name, words, says] of REFUSED)
  test(`refused with exit code 1 and nothing written: ${name}`, async () => {
    const place = join(folder, "refused")
    const { code, out, err } = await replay(...words(place), "--data", place)
    match(err.split("\n").at(-2)?.concat("\n") ?? "", says)
    equal(out, "")
    equal(code, 1)
    ok(!readdirSync(folder).includes("refused"))
  })

test("the example: bad rows are named, the last line counts, and the history holds", async () => {
  const port = await freePort()
  const ended = await replay(BADGES, "--data", data, "--founding-key", keyFile, "--port", String(port))
  equal(ended.code, 0, ended.err)
  const badLines = [...ended.err.matchAll(/^line (\d+) is left out: .+$/gm)].map(([, line]) => Number(line))
  deepEqual(badLines, [41, 97, 98, 150, 171])
  match(ended.err, /Everyone may open each door where their badge was seen on the log's first two weekdays/)
  const { events_root, journal_records, seconds, ...counts } = countsOf(ended)
  deepEqual(counts, { rows: 188, bad_rows: 5, decisions: 188, refusals: 7, events_size: counts["events_size"] })
  match(String(events_root), /^[0-9a-f]{64}$/)
  ok(Number(journal_records) > 188 && Number(seconds) > 0)
  const report = await audit({ history: await openSource(data, null), vkeys: [], receipts: [] })
  equal(report.wrong, null)
  ok(
    report.lines.some((line) => line.includes(`${journal_records} records of 8 locks`)),
    report.lines.join("\n"),
  )
  match(readFileSync(keyFile, "utf8"), /^Holdfast founding key of the site [0-9a-f]{32}\./)
})

test("a directory that is not empty and a key file that is there are left alone", async () => {
  const again = await replay(BADGES, "--data", data)
  match(again.err, /data is not empty: name a new directory with --data, or remove it first\.\n$/)
  equal(again.code, 1)
  const key = await replay(BADGES, "--data", join(folder, "new"), "--founding-key", keyFile)
  match(key.err, /key\.txt is there already: name another file with --founding-key\.\n$/)
  equal(key.code, 1)
  const report = await audit({ history: await openSource(data, null), vkeys: [], receipts: [] })
  equal(report.wrong, null)
})

test("the same file twice gives the same decisions", async () => {
  const twice = await Promise.all(["a", "b"].map((name) => replay(BADGES, "--data", join(folder, name))))
  const [first, second] = twice.map((ended) => {
    const { rows, decisions, refusals, journal_records } = countsOf(ended)
    return { rows, decisions, refusals, journal_records }
  })
  deepEqual(first, second)
})

test("in a zone with summer time, a wall time is the door's own: 06:00 is open and 05:59 is not, on both sides of the night", async () => {
  const weekdays = ["2026-03-26 09:00:00,ana,Front", "2026-03-27 09:00:00,ana,Front"]
  const night = ["2026-03-29 01:59:59,ana,Front", "2026-03-29 02:30:00,ana,Front", "2026-03-29 03:00:00,ana,Front"]
  const morning = ["2026-03-28", "2026-03-29", "2026-03-30"].flatMap((day) => [
    `${day} 05:59:30,ana,Front`,
    `${day} 06:00:30,ana,Front`,
    `${day} 19:59:30,ana,Front`,
    `${day} 20:00:30,ana,Front`,
  ])
  const log = file("summer.csv", "time,badge,door", ...weekdays, ...[...night, ...morning].sort())
  const ended = await replay(log, "--data", join(folder, "summer"), "--zone", "Europe/Berlin")
  equal(ended.code, 0, ended.err)
  const { decisions, refusals } = countsOf(ended)
  equal(decisions, 17)
  equal(refusals, night.length + morning.length / 2)
  const report = await audit({ history: await openSource(join(folder, "summer"), null), vkeys: [], receipts: [] })
  equal(report.wrong, null)
})

/** Starts the building and answers once it stands; what it printed so far. */
async function stand(child: ChildProcess): Promise<string> {
  let said = ""
  return new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part: Buffer) => {
        said += part.toString()
        if (said.includes("Ctrl-C stops it")) resolve(said)
      })
    child.once("exit", () => resolve(said))
  })
}

test("the replayed building opens: npm start prints a link, and server and locks are up", async () => {
  const words = [START, "--data", data, "--founding-key", keyFile, "--mqtt-port", "0"]
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "pipe"] })
  const ended = once(child, "exit")
  const said = await stand(child)
  try {
    const [link = ""] = /http:\/\/localhost:\d+\/claim#[\w-]{43}/.exec(said) ?? []
    ok(link !== "", said)
    const site = (await (await fetch(new URL("/site.json", link))).json()) as { readonly api: string }
    const health = (await (await fetch(`${site.api}/health`)).json()) as Record<string, { readonly up?: boolean }>
    equal(health["keeper"]?.up, true)
    equal(health["database"]?.up, true)
  } finally {
    child.kill("SIGINT")
    await ended
  }
  equal(child.exitCode, 0)
  const report = await audit({ history: await openSource(data, null), vkeys: [], receipts: [] })
  equal(report.wrong, null)
})
