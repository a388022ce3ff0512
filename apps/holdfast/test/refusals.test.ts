/** What `npm start` refuses before anything is founded: one clear line, exit code 1, and nothing changed. */
import { deepEqual, equal, match } from "node:assert/strict"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { test } from "node:test"
import { filesBelow, freshPlace, start } from "./command.ts"

type Place = Readonly<Record<string, string>>

async function refuses(place: Place, words: readonly string[], says: RegExp): Promise<void> {
  const directory = freshPlace("data")
  mkdirSync(directory)
  for (const [name, text] of Object.entries(place)) writeFileSync(join(directory, name), text)
  const before = filesBelow(directory)
  const { code, out, err } = await start("--data", directory, "--port", "0", "--mqtt-port", "0", ...words)
  match(err, says)
  equal(err.trim().split("\n").length, 1, `one line, not ${err}`)
  equal(out, "")
  equal(code, 1)
  deepEqual(filesBelow(directory), before, "nothing is written")
  rmSync(join(directory, ".."), { recursive: true })
}

const page = (more: Readonly<Record<string, unknown>>): Place => ({
  "holdfast.json": JSON.stringify({ format: 1, state: "founded", root: null, ...more }),
})

const CASES: readonly (readonly [string, Place, readonly string[], RegExp])[] = [
  ["a directory of somebody else's", { "thesis.txt": "chapter 1" }, [], /is not a Holdfast data directory/],
  ["--reset of somebody else's directory", { "thesis.txt": "1" }, ["--reset"], /is not a Holdfast data directory/],
  ["a directory of a newer format", page({ format: 2 }), [], /newer Holdfast \(format 2\): update this one/],
  ["a first page that is no JSON", { "holdfast.json": "{" }, [], /holdfast\.json cannot be read: restore it/],
  ["a first page that says nothing", page({}), [], /holdfast\.json cannot be read: restore it/],
  ["a name to listen on", {}, ["--listen", "door.example"], /name an address of this machine, such as 0\.0\.0\.0/],
  [
    "an address that is not this machine's",
    {},
    ["--listen", "192.0.2.1"],
    /192\.0\.2\.1 is no address of this machine/,
  ],
  [
    "one port for the console and the locks",
    {},
    ["--port", "9", "--mqtt-port", "9"],
    /^--mqtt-port 9: the console is at this port/,
  ],
  ["a word that is no option", {}, ["--colour", "red"], /colour.*--help lists the options/],
  ["a recovery file that is not there", {}, ["--founding-key", "/none"], /--founding-key: \/none cannot be read/],
]

for (const [name, place, words, says] of CASES) test(`refused: ${name}`, () => refuses(place, words, says))

test("refused: a file where the data directory should be", async () => {
  const directory = freshPlace("data")
  writeFileSync(directory, "not a directory")
  const { code, err } = await start("--data", directory)
  match(err, /^Cannot use .* as data directory: .*\n$/)
  equal(code, 1)
  rmSync(join(directory, ".."), { recursive: true })
})

for (const flag of ["port", "mqtt-port"])
  test(`a ${flag} in use is answered with the flag's name`, async () => {
    const taken = createServer()
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, "127.0.0.1", () => {
        const address = taken.address()
        resolve(typeof address === "object" && address !== null ? address.port : 0)
      })
    })
    const words = ["--port", "0", "--mqtt-port", "0", `--${flag}`, String(port)]
    await refuses({}, words, new RegExp(`^Port ${port} is in use: choose another with --${flag} N`))
    taken.close()
  })
