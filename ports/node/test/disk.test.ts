/** The contract of {@link Disk}, run on the real one and on the one in memory, and the memory's power cuts. */
import { type Disk, type Fate, MemoryDisk, NodeDisk, PowerCut } from "@holdfast/port-node"
import { deepEqual, equal, rejects, throws } from "node:assert/strict"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (found: Uint8Array | null): string | null => (found === null ? null : new TextDecoder().decode(found))

function diskContract(name: string, use: (run: (disk: Disk) => Promise<void>) => Promise<void>): void {
  test(`${name}: a file that is not there`, () =>
    use(async (disk) => {
      equal(disk.read("a/b"), null)
      equal(disk.readPart("a/b", 0, 1), null)
      equal(disk.size("a/b"), null)
      deepEqual(disk.list("a"), [])
      disk.remove("a/b")
      await disk.sync(["a/b"])
    }))

  test(`${name}: written files are read back, replaced, listed and removed`, () =>
    use(async (disk) => {
      disk.replace("a/one", bytes("1"))
      disk.write("a/two", bytes("2"))
      disk.write("a/deeper/three", bytes("3"))
      await disk.sync(["a/two", "a/deeper/three"])
      disk.write("a/two", bytes("two"))
      deepEqual(disk.list("a"), ["deeper", "one", "two"])
      deepEqual(
        ["a/one", "a/two", "a/deeper/three"].map((path) => text(disk.read(path))),
        ["1", "two", "3"],
      )
      disk.remove("a/one")
      equal(disk.read("a/one"), null)
      deepEqual(disk.list("a"), ["deeper", "two"])
    }))

  test(`${name}: a part of a file, and none beyond its end`, () =>
    use(async (disk) => {
      disk.write("a", bytes("0123456789"))
      equal(text(disk.readPart("a", 3, 4)), "3456")
      equal(text(disk.readPart("a", 10, 0)), "")
      equal(disk.readPart("a", 8, 3), null)
      equal(disk.size("a"), 10)
    }))

  test(`${name}: an append file grows, is cut back and goes on where it was`, () =>
    use(async (disk) => {
      const file = disk.openAppend("log/tail")
      equal(file.size, 0)
      file.append(bytes("hello "))
      await file.sync()
      file.append(bytes("wo"), bytes(""), bytes("rld"))
      equal(file.size, 11)
      equal(text(disk.read("log/tail")), "hello world")
      file.cut(6)
      file.append(bytes("there"))
      file.close()
      const again = disk.openAppend("log/tail")
      equal(again.size, 11)
      again.append(bytes("!"))
      again.close()
      equal(text(disk.read("log/tail")), "hello there!")
    }))

  test(`${name}: what was read does not change with the file`, () =>
    use(async (disk) => {
      const mine = bytes("mine")
      disk.write("a", mine)
      mine[0] = 0
      const found = disk.read("a")
      disk.write("a", bytes("next"))
      equal(text(found), "mine")
    }))
}

async function inTemporaryDirectory(run: (disk: Disk, root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), "holdfast-disk-"))
  try {
    await run(new NodeDisk(root, ["keeper"]), root)
  } finally {
    rmSync(root, { recursive: true })
  }
}

diskContract("node disk", inTemporaryDirectory)
diskContract("memory disk", (run) => run(new MemoryDisk()))

test("node disk: what is secret is for its owner only", () =>
  inTemporaryDirectory(async (disk, root) => {
    disk.replace("keeper/keys", bytes("k"))
    disk.openAppend("keeper/sealed/tail").close()
    disk.replace("ledger/checkpoint", bytes("c"))
    const mode = (path: string): number => statSync(join(root, path)).mode & 0o077
    deepEqual(["keeper", "keeper/keys", "keeper/sealed", "keeper/sealed/tail"].map(mode), [0, 0, 0, 0])
    equal(mode("ledger/checkpoint") & 0o004, 0o004)
  }))

test("node disk: an outside trouble is one line that names the file", () =>
  inTemporaryDirectory(async (disk) => {
    disk.write("a", bytes("a file"))
    throws(() => disk.write("a/b", bytes("below a file")), /^DiskError: cannot write a\/b: /)
  }))

const FATES: readonly Fate[] = ["kept", "lost", "torn"]

test("memory disk: after a power cut synced content is there, and the rest as fate decides", async () => {
  const disk = new MemoryDisk()
  disk.replace("replaced", bytes("old"))
  disk.write("written", bytes("old content"))
  await disk.sync(["written"])
  disk.write("written", bytes("new content"))
  const file = disk.openAppend("appended")
  file.append(bytes("synced "))
  await file.sync()
  file.append(bytes("never synced"))
  disk.remove("replaced")
  const found = FATES.map((fate) => {
    const next = disk.afterPowerCut(() => fate)
    return ["replaced", "written", "appended"].map((path) => text(next.read(path)))
  })
  deepEqual(found, [
    [null, "new content", "synced never synced"],
    ["old", "old content", "synced "],
    ["old", "new c\0\0\0\0\0\0", "synced never \0\0\0\0\0\0"],
  ])
})

test("memory disk: the power goes at the write that was named and stays away", async () => {
  const disk = new MemoryDisk(2)
  const file = disk.openAppend("a")
  file.append(bytes("1"))
  throws(() => file.append(bytes("2")), PowerCut)
  await rejects(file.sync(), PowerCut)
  throws(() => disk.remove("a"), PowerCut)
  equal(text(disk.read("a")), "1")
})
