/**
 * A verifier of other makers reads our logs unchanged: the Go project's packages for transparency logs, called by the
 * little program in `stranger/`, which knows of us only what C2SP's tlog-tiles and tlog-checkpoint say.
 *
 * Needs: go
 */
import { newEd25519 } from "@holdfast/port-node"
import { deepEqual, equal, match } from "node:assert/strict"
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { filesOfLog } from "./logs.ts"

const REPLAY = fileURLToPath(new URL("../../../sim/src/replay-main.ts", import.meta.url))
const BADGES = fileURLToPath(new URL("../../../examples/badges.csv", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "holdfast-stranger-"))
const stranger = join(folder, "stranger")
after(() => rmSync(folder, { recursive: true }))

before(() => {
  execFileSync("go", ["build", "-o", stranger, "."], { cwd: fileURLToPath(new URL("stranger", import.meta.url)) })
})

/** What the stranger says of logs, each in a folder. */
function ask(...folders: readonly string[]): {
  readonly code: number | null
  readonly out: string
  readonly err: string
} {
  const { status, stdout, stderr } = spawnSync(stranger, folders, { encoding: "utf8" })
  return { code: status, out: stdout, err: stderr }
}

const ORIGIN = "0123456789abcdef0123456789abcdef/events/2026Q4"
const KEY = newEd25519()

/** The files of a log of ours of so many entries, in a folder of its own; answers the folder. */
function logOf(size: number, name = String(size)): string {
  const root = join(folder, name)
  const entries = Array.from({ length: size }, (_, index) => new Uint8Array(index % 300).fill(index))
  for (const [path, bytes] of filesOfLog(ORIGIN, KEY, entries)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), bytes)
  }
  return root
}

/** About the borders of bundles and tiles, and past the one where a tile of level 2 begins. */
const SIZES = [0, 1, 2, 255, 256, 257, 511, 512, 1_000, 65_535, 65_536, 65_793]
for (const size of SIZES)
  test(`a log of ${size} entries is accepted`, () => {
    deepEqual(ask(logOf(size)), { code: 0, out: `${ORIGIN} ${size}\n`, err: "" })
  })

const WRONGS: readonly (readonly [string, string, RegExp])[] = [
  ["a checkpoint", "checkpoint", /invalid signature|malformed/],
  ["a tile", "tile/0/000", /tile\/0\/000 is not that of the entries/],
  ["an entry", "tile/entries/000", /the entries are of another tree/],
]
for (const [what, path, says] of WRONGS)
  test(`one bit in ${what} is found, so that its yes means something`, () => {
    const root = logOf(300, what)
    const bytes = readFileSync(join(root, path))
    bytes[100] = (bytes[100] ?? 0) ^ 1
    writeFileSync(join(root, path), bytes)
    const { code, err } = ask(root)
    match(err, says)
    equal(code, 1)
  })

test("every log of a replayed building's data directory is accepted", () => {
  const data = join(folder, "data")
  execFileSync(process.execPath, [REPLAY, BADGES, "--data", data], { stdio: "ignore" })
  const kinds = readdirSync(join(data, "ledger"))
  const logs = kinds.flatMap((kind) => {
    return readdirSync(join(data, "ledger", kind)).map((period) => join(data, "ledger", kind, period))
  })
  deepEqual([...kinds].sort(), ["authority", "events", "looks"])
  const { code, out, err } = ask(...logs)
  equal(err, "")
  equal(code, 0)
  equal(out.trim().split("\n").length, logs.length)
})
