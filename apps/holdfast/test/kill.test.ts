/**
 * One building under a name of 200 characters that is interrupted, killed and tampered with. What was acknowledged is there
 * afterwards, and whatever was changed by hand is named before anything runs on it.
 */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { after, test } from "node:test"
import { audit, Command, CommandError, type Ended, filesBelow, freshPlace, start, STANDS, until } from "./command.ts"
import { type SiteFile, siteFile, VirtualWorld, visit } from "./visitor.ts"

const building = new Command(freshPlace("x".repeat(200)))
const ANY = ["--port", "0", "--mqtt-port", "0"]

after(() => building.remove())

const ledgerFiles = () => filesBelow(join(building.directory, "ledger"))

/** The hashes of all events that a checkpoint has promised: at most one partial tile in a log this short. */
function eventHashes(): Buffer {
  const tiles = [...ledgerFiles()].filter(([path]) => /^events\/\w+\/tile\/0\//.test(path))
  return tiles.map(([, bytes]) => bytes).reduce((a, b) => (b.length > a.length ? b : a), Buffer.alloc(0))
}

function startsWith(later: Buffer, earlier: Buffer): boolean {
  return later.subarray(0, earlier.length).equals(earlier)
}

async function holds(): Promise<Ended> {
  const audited = await audit(building.directory)
  equal(audited.code, 0, audited.out + audited.err)
  return audited
}

type Health = {
  readonly database: { readonly up: boolean }
  readonly keeper: { readonly up: boolean }
  readonly broker: { readonly links: number }
}

/** The API's health once it is well and every lock is linked. */
function wellAgain(site: SiteFile, doors: number): Promise<Health> {
  return until(async () => {
    const answer = await visit(`${site.api}/health`).catch(() => null)
    const health = (await answer?.json().catch(() => null)) as Health | null | undefined
    const isWell = health?.database.up === true && health.keeper.up && health.broker.links === doors
    return isWell ? health : null
  })
}

/** Cards at doors, one after the other; `meanwhile` happens in the middle. */
async function useDoors(world: VirtualWorld, meanwhile: () => Promise<void>): Promise<number> {
  const [doors, cards] = [await world.doors(), await world.cards()]
  for (const [index, door] of doors.entries()) {
    await world.present(door, cards[index % cards.length] ?? "")
    if (index === Math.floor(doors.length / 2)) await meanwhile()
  }
  return doors.length
}

/** Records in the ledger, as the auditor counts them. */
function recordsIn(audited: Ended): number {
  return Number(/(\d+) records of \d+ locks/.exec(audited.out)?.[1])
}

test("Ctrl-C while the first start is under way leaves nothing running, and the next start founds anew", async () => {
  const child = building.spawn(...ANY)
  await until(() => (existsSync(join(building.directory, "keeper/keys")) ? true : null))
  equal(await building.stop("SIGINT", "group"), 0, building.lines.join("\n"))
  equal(child.exitCode, 0)
  deepEqual(building.survivors(), [])
})

test("a founding that was killed is begun again, from nothing", async () => {
  building.spawn(...ANY)
  await until(() => (existsSync(join(building.directory, "boards/cards.json")) ? true : null))
  await building.kill()
  const cut = filesBelow(building.directory)
  match(String(cut.get("holdfast.json")), /"founding"/)
  await building.stand(...ANY)
  const again = filesBelow(building.directory)
  ok(!again.get("keeper/keys")?.equals(cut.get("keeper/keys") ?? Buffer.alloc(0)), "nothing half-made is used")
})

for (const part of ["server", "keeper"])
  test(`kill -9 of the ${part} while doors are used: it comes back, and nothing acknowledged is lost`, async () => {
    const site = await siteFile(building.origin)
    const world = new VirtualWorld(site)
    const doors = (await world.doors()).length
    await wellAgain(site, doors)
    let acknowledged = eventHashes()
    const killed = await building.pidOf(part)
    await useDoors(world, async () => {
      acknowledged = eventHashes()
      process.kill(killed, "SIGKILL")
    })
    await successorOf(part, killed)
    await wellAgain(site, doors)
    await useDoors(world, async () => undefined)
    const grown = await until(() => (eventHashes().length > acknowledged.length ? eventHashes() : null))
    ok(startsWith(grown, acknowledged), "what a checkpoint promised stands where it stood")
  })

/** The next process of a part, once it is another than this one; null where the command ended meanwhile. */
async function successorOf(part: string, killed: number): Promise<number | null> {
  const found = await until(async () => {
    const pid = await building.pidOf(part).catch(() => null)
    if (pid !== null && pid !== killed) return { pid }
    return building.isRunning ? null : { pid: null }
  })
  return found.pid
}

async function fireAt(world: VirtualWorld, door: string): Promise<readonly unknown[]> {
  const view = await world.door(door)
  return ["fire", "mode", "bolt"].map((name) => view.get(name))
}

/** A door that fire releases, with the panel's wire pulled and the bolt out of the frame. */
async function burningDoor(world: VirtualWorld): Promise<string> {
  for (const door of await world.doors()) {
    await world.act(door, { act: "fire", on: true })
    const [, mode] = await fireAt(world, door)
    if (mode === "fire") {
      await until(async () => ((await fireAt(world, door))[2] === "drawn" ? true : null))
      return door
    }
    await world.act(door, { act: "fire", on: false })
  }
  throw new CommandError("no door of the example is released by fire")
}

test("kill -9 of the boards: the doors have no line until they come back, with the same world at the same port", async () => {
  const site = await siteFile(building.origin)
  const world = new VirtualWorld(site)
  const doors = (await world.doors()).length
  await wellAgain(site, doors)
  const released = await burningDoor(world)
  const acknowledged = eventHashes()
  const killed = await building.pidOf("board")
  process.kill(killed, "SIGKILL")
  await successorOf("board", killed)
  await wellAgain(site, doors)
  deepEqual(await fireAt(world, released), [true, "fire", "drawn"], "the fire panel's wire is as it was")
  for (const act of [{ act: "fire", on: false }, { act: "relock" }]) await world.act(released, act)
  deepEqual(await siteFile(building.origin), site, "pages that are open go on")
  await useDoors(world, async () => undefined)
  const grown = await until(() => (eventHashes().length > acknowledged.length ? eventHashes() : null))
  ok(startsWith(grown, acknowledged))
  const log = String(filesBelow(building.directory).get("logs/boards.log"))
  match(log, / holdfast: boards ended, crash 1 of 5 in a row; started again in 400 ms\n/)
})

test("kill -9 of everything: the next start goes on, with every record", async () => {
  const world = new VirtualWorld(await siteFile(building.origin))
  await useDoors(world, async () => undefined)
  const acknowledged = eventHashes()
  await building.kill()
  const before = recordsIn(await holds())
  await building.stand()
  const site = await siteFile(building.origin)
  const used = await useDoors(new VirtualWorld(site), async () => undefined)
  await wellAgain(site, used)
  ok(startsWith(eventHashes(), acknowledged))
  await until(async () => (recordsIn(await audit(building.directory)) >= before + used ? true : null))
  equal(await building.stop("SIGINT", "command"), 0)
  deepEqual(building.survivors(), [])
  ok(recordsIn(await holds()) >= before + used)
})

for (const part of ["board", "keeper"])
  test(`the ${part} dies again and again: one clear line, exit code 1, nothing left running, nothing broken`, async () => {
    await building.stand()
    for (let pid: number | null = await building.pidOf(part); pid !== null; ) {
      process.kill(pid, "SIGKILL")
      pid = await successorOf(part, pid)
    }
    equal(await building.end(), 1)
    const [line = "", ...more] = building.lines.slice(building.lines.findIndex((each) => each.includes(STANDS)) + 1)
    match(line, /^ {2}(boards|keeper) ended 5 times in a row \(logs\/\w+\.log\): /)
    deepEqual(more, [])
    deepEqual(await until(() => (building.survivors().length === 0 ? [] : null)), [])
    await holds()
  })

for (const [moment, part] of [
  ["the keeper verifies", "keeper"],
  ["the server starts its database", "server"],
] as const)
  test(`Ctrl-C while ${moment}: exit code 0, nothing left running, nothing broken`, async () => {
    building.spawn()
    await until(async () => (await building.pidOf(part).catch(() => null)) !== null || null)
    equal(await building.stop("SIGINT", "group"), 0, building.lines.join("\n"))
    deepEqual(await until(() => (building.survivors().length === 0 ? [] : null)), [])
    await holds()
  })

test("a tampered directory is refused with one line that names what differs, and nothing is changed", async (context) => {
  const original = filesBelow(building.directory)
  const flips = [
    ["an entry of the authority log", /^ledger\/authority\/\w+\/tile\/entries\//, /^.*ledger\/authority.*\n$/],
    ["an entry of the events log", /^ledger\/events\/\w+\/tile\/entries\//, /^.*ledger\/events.*\n$/],
    ["a hash of the events log", /^ledger\/events\/\w+\/tile\/0\//, /^.*ledger\/events.*\n$/],
    ["a policy", /^policies\//, /^.*policies\/[0-9a-f]{64}.*\n$/],
    ["the keeper's site", /^keeper\/site$/, /^.*keeper\/site.*\n$/],
  ] as const
  for (const [what, where, says] of flips)
    await context.test(what, async () => {
      const path =
        [...original.keys()]
          .filter((each) => where.test(each))
          .sort()
          .at(-1) ?? ""
      const bytes = Buffer.from(original.get(path) ?? Buffer.alloc(0))
      const at = Math.floor(bytes.length / 2)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      const copy = freshPlace("tampered")
      for (const [name, content] of original) {
        if (name.startsWith("postgres/") || name.startsWith("logs/")) continue
        mkdirSync(dirname(join(copy, name)), { recursive: true })
        writeFileSync(join(copy, name), name === path ? bytes : content)
      }
      const before = filesBelow(copy)
      const { code, out, err } = await start("--data", copy, "--mqtt-port", "0")
      match(err, says)
      equal(out, "")
      equal(code, 1)
      const after = [...filesBelow(copy)].filter(([name]) => !name.startsWith("logs/"))
      deepEqual(new Map(after), before)
      rmSync(dirname(copy), { recursive: true })
    })
})
