/** A building without an example: nothing in it but a site, and put aside whole when somebody begins anew. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { readdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { after, test } from "node:test"
import { audit, Command, freshPlace, start } from "./command.ts"
import { claim, siteFile, VirtualWorld, visit } from "./visitor.ts"

const EMPTY = ["--port", "0", "--mqtt-port", "0", "--example", "none"]
const building = new Command(freshPlace("data"))
const DOOR = "00112233445566778899aabbccddeeff"
let site = ""

after(() => building.remove())

test("--example none: a site that can be claimed, without boards and without a world", async () => {
  await building.stand(...EMPTY)
  site = building.site
  const told = await siteFile(building.origin)
  equal(told.world, null)
  equal((await visit(`${told.api}/health`)).status, 200)
  ok((await building.family()).every(({ command }) => !command.includes("apps/board/")))
  equal((await claim(building.link)).status, 200)
})

test("npm run board gives it virtual boards: the front tells the world, and a door gets a board with keys of its own", async () => {
  const { code, out, err } = await start("board", "--data", building.directory)
  equal(code, 0, err)
  match(out, /^Virtual boards are on\..*\n$/)
  const { world } = await siteFile(building.origin)
  ok(world !== null, "the console learns of the world when it is loaded")
  const asked = await fetch(`${world.origin}/boards`, {
    method: "POST",
    headers: { authorization: `Bearer ${world.token}`, "content-type": "application/json", connection: "close" },
    body: JSON.stringify({ door: DOOR }),
  })
  equal(asked.status, 200)
  const board = new Map(Object.entries((await asked.json()) as object))
  deepEqual([...board.keys()].sort(), ["fingerprint", "hpke_key", "journal_key", "serial"])
  equal((await start("board", "--data", building.directory)).code, 0, "asked again, nothing changes")
  equal((await siteFile(building.origin)).world?.token, world.token)
})

test("npm run board without a running building is one clear line", async () => {
  const { code, err } = await start("board", "--data", `${building.directory}-elsewhere`)
  equal(code, 1)
  match(err, /^Holdfast does not run on .*: npm start first, or name it with --data\.\n$/)
})

test("started again, it has its boards; stopped, nothing is left and the auditor agrees", async () => {
  equal(await building.stop("SIGINT", "group"), 0)
  deepEqual(building.survivors(), [])
  await building.stand(...EMPTY)
  deepEqual(await new VirtualWorld(await siteFile(building.origin)).doors(), [DOOR])
  equal(await building.stop("SIGINT", "group"), 0)
  deepEqual(building.survivors(), [])
  const { code, out } = await audit(building.directory)
  equal(code, 0, out)
  match(out, /: 1 people, 0 doors; every statement was admissible/)
})

test("--reset puts the old building aside, says where, and founds another", async () => {
  await building.stand(...EMPTY, "--reset")
  notEqual(building.site, site)
  const [line = ""] = building.lines.filter((each) => each.includes("lies in"))
  const parent = dirname(building.directory)
  const [aside = "", ...more] = readdirSync(parent).filter((name) => name !== basename(building.directory))
  deepEqual(more, [])
  ok(line.includes(join(parent, aside)), line)
  equal(await building.stop("SIGINT", "command"), 0)
  const { code, out } = await audit(join(parent, aside))
  equal(code, 0, out)
  match(out, new RegExp(`site ${site.replaceAll(" ", "")}`))
})
