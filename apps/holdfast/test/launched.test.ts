/**
 * Boards behind their launcher, as `npm start` runs them: what was built and signed runs, and nothing else does.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import { Command, CommandError, freshPlace, isAlive, runToEnd, until } from "./command.ts"
import { siteFile, VirtualWorld } from "./visitor.ts"

const IMAGE = fileURLToPath(new URL("../../board/src/image-main.ts", import.meta.url))
const release = mkdtempSync(join(tmpdir(), "holdfast-release-"))
const building = new Command(freshPlace("data"))
process.env["HOLDFAST_BOARD_RELEASE"] = release

after(async () => {
  await building.remove()
  rmSync(release, { recursive: true, force: true })
})

const WORDS = ["--port", "0", "--mqtt-port", "0"]

test("the boards' program is built and signed by keys that nobody has afterwards", async () => {
  const { code, err } = await runToEnd(IMAGE, ["release", "--out", release])
  equal(code, 0, err)
  const trust = JSON.parse(readFileSync(join(release, "trust.json"), "utf8")) as { keys: unknown[]; mlDsa: string }
  equal(trust.keys.length, 1)
  equal(trust.mlDsa.length, 2 * 1_312)
})

test("attack 61: with one byte of the program changed the building does not start, in one clear line", async () => {
  const path = join(release, "board.image")
  const image = readFileSync(path)
  const changed = Buffer.from(image)
  const middle = image.length >> 1
  changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle)
  writeFileSync(path, changed)
  const refused = await building.stand(...WORDS).catch((error: unknown) => error)
  ok(refused instanceof CommandError)
  match(refused.message, /^exit code 1: boards ended: launcher: nothing may run: no image here is whole and signed/)
  writeFileSync(path, image)
})

test("what was verified runs: twelve locks under the launcher, none from source, and they open", async () => {
  await building.stand(...WORDS)
  const family = await building.family()
  equal(family.filter(({ command }) => command.includes("apps/board/src/launcher-main.ts")).length, 1)
  equal(family.filter(({ command }) => command.includes("apps/board/src/main.ts")).length, 0)
  const world = new VirtualWorld(await siteFile(building.origin))
  const [door = ""] = await world.doors()
  const [card = ""] = await world.cards()
  equal((await world.doors()).length, 12)
  await world.present(door, card)
})

const PROGRAM = /--input-type=commonjs/

test("a program that crashes is launched again, verified anew, with the same world at the same port", async () => {
  const site = await siteFile(building.origin)
  const [program] = (await building.family()).filter(({ command }) => PROGRAM.test(command))
  process.kill(program?.pid ?? 0, "SIGKILL")
  await until(() => (isAlive(program?.pid ?? 0) ? null : true))
  const world = new VirtualWorld(site)
  const doors = await until(() => world.doors().catch(() => null))
  equal(doors.length, 12)
  deepEqual(await siteFile(building.origin), site)
  equal(await building.stop("SIGINT", "group"), 0)
  equal(building.survivors().length, 0)
})

test("when the command dies at once, the launcher stops what it started", async () => {
  await building.stand(...WORDS)
  const launched = (await building.family()).filter(
    ({ command }) => /launcher-main/.test(command) || PROGRAM.test(command),
  )
  equal(launched.length, 2, "the launcher and its program")
  process.kill(building.pid, "SIGKILL")
  await until(() => (launched.some(({ pid }) => isAlive(pid)) ? null : true))
})
