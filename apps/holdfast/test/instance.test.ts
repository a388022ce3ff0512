/** One running instance a data directory; a dead one's socket is no obstacle; paths of any length. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict"
import { chmod, mkdtemp, mkdir, rename, rm, symlink } from "node:fs/promises"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { fork } from "node:child_process"
import { once } from "node:events"
import { AlreadyRunningError, askInstance, SocketFolderError, takeInstance } from "../src/instance.ts"

const made: string[] = []
after(() => Promise.all(made.map((path) => rm(path, { recursive: true, force: true }))))

async function folder(name: string): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "holdfast-instance-"))
  made.push(parent)
  const path = join(parent, name)
  await mkdir(path, { recursive: true })
  return path
}

for (const name of ["plain", "with a space and an Ümlaut", "x".repeat(200)])
  test(`${name.slice(0, 30)}: a second instance is refused and an order is answered`, async () => {
    const directory = await folder(name)
    equal(await askInstance(directory, { word: "hello" }), null, "nobody runs it yet")
    const first = await takeInstance(directory, async (order) => ({ heard: order }))
    await rejects(
      takeInstance(directory, async () => null),
      AlreadyRunningError,
    )
    deepEqual(await askInstance(directory, { word: "hello" }), { heard: { word: "hello" } })
    await first.close()
    const second = await takeInstance(directory, async () => null)
    await second.close()
  })

test("an instance that was killed leaves nothing in the way", async () => {
  const directory = await folder("killed")
  const child = fork(new URL("./hold-instance.ts", import.meta.url), [directory])
  const [message] = await once(child, "message")
  equal(message, "held")
  await rejects(
    takeInstance(directory, async () => null),
    AlreadyRunningError,
  )
  child.kill("SIGKILL")
  await once(child, "exit")
  const next = await takeInstance(directory, async () => "taken over")
  equal(await askInstance(directory, {}), "taken over")
  await next.close()
})

test("malformed and oversized orders get an answer and do no harm", async () => {
  const directory = await folder("malformed")
  const instance = await takeInstance(directory, async (order) => ({ order }))
  const long = await askInstance(directory, "x".repeat(100_000))
  ok(long !== undefined)
  deepEqual(await askInstance(directory, 7), { order: 7 })
  await instance.close()
})

test("attack 99: no order goes through a folder that somebody else could enter or has put there", async () => {
  const directory = await folder("shared")
  const before = process.env["TMPDIR"]
  const temporary = join(directory, "..", "temporary")
  const sockets = join(temporary, `holdfast-${userInfo().uid}`)
  await mkdir(sockets, { recursive: true, mode: 0o700 })
  process.env["TMPDIR"] = temporary
  const isRefused = async (what: string): Promise<void> => {
    await rejects(askInstance(directory, { word: "invite", recovery: "the founding key" }), SocketFolderError, what)
    await rejects(
      takeInstance(directory, async () => null),
      SocketFolderError,
      what,
    )
  }
  try {
    equal(await askInstance(directory, {}), null, "a folder of ours alone is used")
    await chmod(sockets, 0o777)
    await isRefused("anybody may enter")
    await chmod(sockets, 0o700)
    await rename(sockets, `${sockets}.elsewhere`)
    await symlink(`${sockets}.elsewhere`, sockets)
    await isRefused("a link")
  } finally {
    if (before === undefined) delete process.env["TMPDIR"]
    else process.env["TMPDIR"] = before
  }
})
