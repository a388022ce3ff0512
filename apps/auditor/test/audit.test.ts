/**
 * `npm run audit`'s command on a whole data directory, made by replaying the example's badge log: what holds, what does not,
 * and that the first wrong thing is named. The directory is only read.
 */
import { equal, match, ok } from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { encodeReceipt, formatVkey, makeProof, pathOf, planInclusion, verifierOf } from "@holdfast/ledger"
import { newEd25519, nodeCrypto } from "@holdfast/port-node"

const AUDIT = fileURLToPath(new URL("../src/main.ts", import.meta.url))
const REPLAY = fileURLToPath(new URL("../../../sim/src/replay-main.ts", import.meta.url))
const BADGES = fileURLToPath(new URL("../../../examples/badges.csv", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "holdfast-audit-"))
const data = join(folder, "data")
const HOLDS = /The history holds\.\n$/

type Ended = { readonly code: number | null; readonly out: string; readonly err: string }

async function run(program: string, words: readonly string[]): Promise<Ended> {
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

const audit = (...words: readonly string[]): Promise<Ended> => run(AUDIT, words)

before(async () => {
  const { code, err } = await run(REPLAY, [BADGES, "--data", data])
  equal(code, 0, err)
})
after(() => rmSync(folder, { recursive: true, force: true }))

/** The one period's folder of a log. */
function logOf(kind: string, root = data): string {
  const [period = ""] = readdirSync(join(root, "ledger", kind))
  return join(root, "ledger", kind, period)
}

/** The paths below a folder that match, the first first. */
function pathsIn(root: string, where: RegExp): readonly string[] {
  const paths = readdirSync(root, { recursive: true, withFileTypes: true })
  const files = paths.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
  return files.filter((path) => where.test(path)).sort()
}

const WRONG_CALLS: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
  ["nothing to audit", () => [], 2, /^give one directory or address to audit\nUsage/],
  ["two places", () => [data, data], 2, /^give one directory/],
  ["a place that is not there", () => [join(folder, "none")], 1, /is no directory that can be read\n$/],
  ["a folder without a history", () => [join(data, "boards")], 1, /neither a data directory, nor a ledger folder/],
  ["a hash for a key", () => [data, "--key", "00".repeat(32)], 2, /--key takes the text of log\.vkey, not a hash/],
  ["a key file that is not there", () => [data, "--key", "/none"], 2, /--key: \/none is neither a log key nor a file/],
  ["a receipt that is not there", () => [data, "--receipt", "/none"], 2, /--receipt: \/none cannot be read/],
  ["a token file that is not there", () => [data, "--token-file", "/none"], 2, /--token-file: \/none cannot be read/],
]

for (const [name, words, expected, says] of WRONG_CALLS)
  test(`refused: ${name}`, async () => {
    const { code, out, err } = await audit(...words())
    match(err, says)
    equal(out, "")
    equal(code, expected)
  })

test("a data directory: every part is said", async () => {
  const { code, out } = await audit(data)
  equal(code, 0, out)
  match(out, /^authority\/\d{4}Q\d: \d+ entries, every tile and entry as the checkpoint says/m)
  match(out, /^site [0-9a-f]{32}: 13 people, 8 doors; every statement was admissible$/m)
  match(out, /^\d+ policies compiled again, each to the byte$/m)
  match(out, /^\d+ policy files, each what its name says$/m)
  match(out, /^events\/\d{4}Q\d: \d+ records of 8 locks, signed by them, no record missing$/m)
  match(out, /^looks\/\d{4}Q\d: 0 entries/m)
  match(out, HOLDS)
})

test("a ledger folder by itself", async () => {
  const alone = join(folder, "alone")
  cpSync(join(data, "ledger"), alone, { recursive: true })
  const { code, out } = await audit(alone)
  equal(code, 0, out)
  match(out, /no record missing/)
  match(out, HOLDS)
})

test("one log by itself: what cannot be judged without the authority log is said", async () => {
  const events = await audit(logOf("events"))
  equal(events.code, 0, events.out)
  match(events.out, /signatures inside entries not judged: no authority log was given/)
  const authority = await audit(logOf("authority"))
  match(authority.out, /every statement was admissible/)
  match(authority.out, HOLDS)
})

test("a key: the right one as text, as a file and for one log of the site; another one does not hold", async () => {
  const file = join(logOf("authority"), "log.vkey")
  const text = readFileSync(file, "utf8").trim()
  for (const key of [text, file]) {
    const { code, out } = await audit(data, "--key", key)
    equal(code, 0, out)
    match(out, /signed by your key/)
  }
  const [origin = ""] = text.split("+")
  const other = formatVkey(verifierOf(origin, newEd25519().publicKey, nodeCrypto))
  const { code, out } = await audit(data, "--key", other)
  match(out, /^WRONG: authority\/\d{4}Q\d: /m)
  equal(code, 1)
})

/** A receipt for an entry of the events log, made from its tiles. */
function receiptOf(index: number): Uint8Array {
  const log = logOf("events")
  const checkpoint = readFileSync(join(log, "checkpoint"))
  const plan = planInclusion(Number(checkpoint.toString("utf8").split("\n")[1]), index)
  const tiles = plan.tiles.map((tile) => new Uint8Array(readFileSync(join(log, pathOf(tile)))))
  const proof = makeProof(nodeCrypto, plan, tiles)
  ok(proof !== null)
  return encodeReceipt({ extra: null, index, proof, checkpoint: new Uint8Array(checkpoint) })
}

test("a receipt is proven, a receipt for another entry is not, and bytes that are none are named", async () => {
  const file = join(folder, "receipt")
  writeFileSync(file, receiptOf(7))
  const good = await audit(data, "--receipt", file)
  equal(good.code, 0, good.out)
  match(good.out, /receipt: entry 7 of events\/\d{4}Q\d is proven/)
  writeFileSync(file, Buffer.from(receiptOf(7)).toString("utf8").replace("\nindex 7\n", "\nindex 8\n"))
  const wrong = await audit(data, "--receipt", file)
  match(wrong.out, /WRONG: .*receipt: /)
  equal(wrong.code, 1)
  writeFileSync(file, "a shopping list")
  const none = await audit(data, "--receipt", file)
  match(none.out, /WRONG: .*receipt: not a tlog-proof/)
  equal(none.code, 1)
})

type Harm = (path: string) => void
const flip: Harm = (path) => {
  const bytes = readFileSync(path)
  const at = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
  writeFileSync(path, bytes)
}
const remove: Harm = (path) => rmSync(path)
const cut: Harm = (path) => writeFileSync(path, readFileSync(path).subarray(0, -1))

const HARMS: readonly (readonly [string, RegExp, Harm, RegExp])[] = [
  [
    "a flipped byte in the authority's entries",
    /authority\/.*\/entries\//,
    flip,
    /^WRONG: authority\/\d{4}Q\d: .*entr/m,
  ],
  ["a flipped byte in the events' entries", /events\/.*\/entries\//, flip, /^WRONG: events\/\d{4}Q\d: .*entr/m],
  ["a flipped byte in the events' hashes", /events\/.*\/tile\/0\//, flip, /^WRONG: events\/\d{4}Q\d: /m],
  ["a flipped byte in a checkpoint", /events\/.*\/checkpoint$/, flip, /^WRONG: events\/\d{4}Q\d: /m],
  [
    "a flipped byte in a policy",
    /\/policies\//,
    flip,
    /^WRONG: policies\/[0-9a-f]{64}: the file is not what its name/m,
  ],
  ["a missing bundle of entries", /events\/.*\/entries\//, remove, /^WRONG: events\/\d{4}Q\d: .*tile\/entries\//m],
  ["a missing checkpoint", /authority\/.*\/checkpoint$/, remove, /^WRONG: authority\/\d{4}Q\d: /m],
  [
    "a missing key",
    /authority\/.*\/log\.vkey$/,
    remove,
    /^WRONG: authority\/\d{4}Q\d: no log key: give one with --key/m,
  ],
  ["a bundle cut short by a byte", /events\/.*\/entries\//, cut, /^WRONG: events\/\d{4}Q\d: .*tile\/entries\//m],
]

for (const [name, where, harm, says] of HARMS)
  test(`named, with exit code 1: ${name}`, async () => {
    const copy = join(folder, "harmed")
    for (const part of ["ledger", "policies"]) cpSync(join(data, part), join(copy, part), { recursive: true })
    const path = pathsIn(copy, where).at(-1) ?? ""
    harm(path)
    const { code, out } = await audit(copy)
    rmSync(copy, { recursive: true })
    match(out, says)
    equal(code, 1)
  })

test("one log over HTTP, for those who have the token", async () => {
  const log = logOf("authority")
  const server = createServer((request, response) => {
    const isReader = request.headers.authorization === "Bearer a reader's token"
    const path = (request.url ?? "").replace("/ledger/authority/now/", "")
    const [file] = isReader ? pathsIn(log, new RegExp(`/${path}$`)) : []
    response.statusCode = isReader ? (file === undefined ? 404 : 200) : 401
    response.end(file === undefined ? "" : readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  const place = `http://127.0.0.1:${port}/ledger/authority/now`
  const token = join(folder, "token")
  writeFileSync(token, "a reader's token\n")
  try {
    const { code, out, err } = await audit(place, "--token-file", token)
    equal(code, 0, out + err)
    match(out, /^authority\/now: \d+ entries/m)
    match(out, HOLDS)
    const stranger = await audit(place)
    match(stranger.err, /answers readers only: give --token-file\n$/)
    equal(stranger.code, 1)
    const elsewhere = await audit(`http://127.0.0.1:${port}/`, "--token-file", token)
    match(elsewhere.err, /is no log: it has no checkpoint\n$/)
    equal(elsewhere.code, 1)
  } finally {
    server.close()
  }
})
