/**
 * One building from its first start to its second, under a name with a blank and an umlaut: links, claims, secrets, Ctrl-C.
 */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { newEs256 } from "@holdfast/port-node"
import { idOf } from "@holdfast/base"
import { readRecovery, recoveryText } from "../src/recovery.ts"
import { audit, Command, filesBelow, freshPlace, start } from "./command.ts"
import { addKeysOf, addPrivateKey, foundInFiles, foundInMemory, Needles } from "./secrets.ts"
import { claim, siteFile, VirtualWorld, visit } from "./visitor.ts"

const building = new Command(freshPlace("ein Gebäude"))
const keyFile = `${building.directory}.key.txt`
const isLinux = process.platform === "linux"
let firstLink = ""
let site = ""

before(() => building.stand("--port", "0", "--mqtt-port", "0"))
after(() => building.remove())

const invite = (...words: readonly string[]) => start("invite", "--data", building.directory, ...words)
const checkpoint = (log: string): readonly string[] => {
  const files = [...filesBelow(join(building.directory, "ledger", log))]
  return String(files.find(([path]) => path.endsWith("/checkpoint"))?.[1]).split("\n")
}

test("the first start prints one link; console, claim page and health answer", async () => {
  firstLink = building.link
  site = building.site
  match(firstLink, /^http:\/\/localhost:\d+\/claim#[\w-]{43}$/)
  const told = await siteFile(building.origin)
  equal(told.site, site.replaceAll(" ", ""))
  equal((await visit(`${building.origin}/`)).status, 200)
  const health = (await (await visit(`${told.api}/health`)).json()) as { keeper: { up: boolean } }
  ok(health.keeper.up)
})

test("a second instance gets one line and exit code 1; the first goes on", async () => {
  const { code, out, err } = await start("--data", building.directory)
  match(err, /^Holdfast already runs on .*ein Gebäude: stop that one first, or choose another with --data\.\n$/)
  equal(out, "")
  equal(code, 1)
  equal((await visit(`${building.origin}/health`)).status, 200)
})

test("another building is told which flag a port in use belongs to", async () => {
  const page = JSON.parse(readFileSync(join(building.directory, "holdfast.json"), "utf8")) as Record<string, number>
  for (const [flag, port] of [
    ["port", page["port"]],
    ["mqtt-port", page["mqttPort"]],
  ] as const) {
    const words = ["--port", "0", "--mqtt-port", "0", `--${flag}`, String(port)]
    const { code, err } = await start("--data", `${building.directory} 2`, ...words)
    equal(err, `Port ${port} is in use: choose another with --${flag} N, or --${flag} 0 for any free one.\n`)
    equal(code, 1)
  }
})

test("while nobody has claimed, invite gives a new link and the old one is dead", async () => {
  const { code, out } = await invite()
  equal(code, 0)
  const link = out.trim()
  match(link, /\/claim#[\w-]{43}$/)
  notEqual(link, firstLink)
  equal((await claim(firstLink)).status, 403)
  firstLink = link
})

test("no file holds the founding key or a token, before the claim and after it", async () => {
  const earlier = filesBelow(building.directory)
  const { status, body } = await claim(firstLink)
  equal(status, 200)
  const text = body.recovery?.text ?? ""
  const needles = new Needles()
  addPrivateKey(needles, "founding key", readRecovery(text).pkcs8())
  needles.add("link", Buffer.from(new URL(firstLink).hash.slice(1), "base64url"))
  needles.add("world token", Buffer.from((await siteFile(building.origin)).world?.token ?? "", "base64"))
  deepEqual(foundInFiles(needles, earlier), [])
  deepEqual(foundInFiles(needles, filesBelow(building.directory)), [])
  writeFileSync(keyFile, text)
  equal(foundInFiles(needles, new Map([["recovery file", readFileSync(keyFile)]])).length, 2, "this search does find")
  equal((await claim(firstLink)).status, 409, "one use")
})

test("after the claim, invite needs the recovery file, and not another one", async () => {
  const gone = await invite()
  match(gone.err, /^The founding key is no longer here: add --founding-key FILE.*\n$/)
  equal(gone.code, 1)
  const wrong = `${building.directory}.wrong.txt`
  writeFileSync(wrong, recoveryText(idOf<"SiteId">(new Uint8Array(16)), newEs256().pkcs8()))
  match((await invite("--founding-key", wrong)).err, /^this recovery file is the founding key of another site\n$/)
  writeFileSync(wrong, "a shopping list")
  match((await invite("--founding-key", wrong)).err, /^this file holds no founding key\n$/)
  const { code, out } = await invite("--founding-key", keyFile)
  equal(code, 0)
  const { status, body } = await claim(out.trim())
  equal(status, 200)
  equal(body.recovery, null, "whoever is named by the file is not given it")
})

test("what the server holds and writes has no key that opens anything, and no way to the world", async () => {
  const world = new VirtualWorld(await siteFile(building.origin))
  const [card = ""] = await world.cards()
  for (const door of await world.doors()) await world.present(door, card)
  const files = filesBelow(building.directory)
  const needles = new Needles()
  addKeysOf(needles, files)
  addPrivateKey(needles, "founding key", readRecovery(readFileSync(keyFile, "utf8")).pkcs8())
  needles.add("world token", Buffer.from((await siteFile(building.origin)).world?.token ?? "", "base64"))
  const written = new Map([...files].filter(([path]) => /^(postgres|logs|policies|ledger)\//.test(path)))
  ok([...written.keys()].some((path) => path.startsWith("postgres/")))
  deepEqual(foundInFiles(needles, written), [])
  ok(foundInFiles(needles, files).length >= 12, "this search does find what lies with keeper and boards")
  if (!isLinux) return
  const server = await building.pidOf("server")
  deepEqual([...needles.in(readFileSync(`/proc/${server}/environ`))], [])
  deepEqual([...foundInMemory(needles, server)], [])
  const keeper = foundInMemory(needles, await building.pidOf("keeper"))
  ok(keeper.has("keeper: storage key"), "this search does find what a process holds")
  ok(!keeper.has("founding key"), "the keeper never had the founding key")
})

test("Ctrl-C in the terminal, which reaches the whole group, stops everything with exit code 0", async () => {
  ok((await building.family()).length >= 4)
  equal(await building.stop("SIGINT", "group"), 0)
  deepEqual(building.survivors(), [])
  const { code, out } = await audit(building.directory)
  equal(code, 0, out)
})

test("starting again goes on: the same site at the same port, no second founding, journals continued", async () => {
  const [, authority] = checkpoint("authority")
  const [, events] = checkpoint("events")
  await building.stand()
  equal(building.site, site)
  equal(building.origin, new URL(firstLink).origin)
  ok(building.lines.some((line) => line.includes("npm run invite -- --founding-key FILE")))
  equal(checkpoint("authority")[1], authority, "nothing was stated anew")
  equal(await building.stop("SIGINT", "command"), 0)
  deepEqual(building.survivors(), [])
  ok(Number(checkpoint("events")[1]) >= Number(events))
  const { code, out } = await audit(building.directory)
  equal(code, 0, out)
  match(out, /no record missing/)
})

test("with the recovery file, a start prints a link again", async () => {
  await building.stand("--founding-key", keyFile)
  equal((await claim(building.link)).status, 200)
  equal(await building.stop("SIGTERM", "command"), 0)
  deepEqual(building.survivors(), [])
})
