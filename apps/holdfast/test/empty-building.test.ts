/** A building without an example: nothing in it but a site, and put aside whole when somebody begins anew. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { readdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { after, test } from "node:test"
import { audit, Command, freshPlace } from "./command.ts"
import { claim, siteFile } from "./visitor.ts"

const EMPTY = ["--port", "0", "--mqtt-port", "0", "--example", "none"]
const building = new Command(freshPlace("data"))
let site = ""

after(() => building.remove())

test("--example none: a site that can be claimed, without boards and without a world", async () => {
  await building.stand(...EMPTY)
  site = building.site
  const told = await siteFile(building.origin)
  equal(told.world, null)
  equal((await fetch(`${told.api}/health`)).status, 200)
  ok((await building.family()).every(({ command }) => !command.includes("apps/board/")))
  equal((await claim(building.link)).status, 200)
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
