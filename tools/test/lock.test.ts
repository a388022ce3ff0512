/**
 * package-lock.json is whole, and the entries that npm left out are written from their pins.
 */
import { deepEqual } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { absentOf, completed, type Entries, entryOf } from "../lock.ts"
import { ROOT } from "../sources.ts"

const lock: { readonly packages: Entries } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"))

test("every optional package that something wants has an entry, or npm ci refuses the lock", () => {
  deepEqual(absentOf(lock.packages), [])
})

test("what npm start installs has its hash in the lock", () => {
  const unhashed = Object.entries(lock.packages).filter(
    ([path, { integrity, dev }]) =>
      path.startsWith("node_modules/") && !path.includes("@holdfast/") && !dev && !integrity,
  )
  deepEqual(unhashed, [])
})

test("the lock names no address to download from", () => {
  deepEqual(
    Object.values(lock.packages).filter(({ resolved }) => resolved?.includes("://")),
    [],
  )
})

test("an absent entry is written from its pin, for development tools only", () => {
  const entries: Entries = {
    "": {},
    "node_modules/tool": { dev: true, optionalDependencies: { "@tool/linux-arm64-musl": "1.2.3" } },
    "node_modules/core": { optionalDependencies: { "@core/linux-x64": "4.5.6" } },
  }
  const { "node_modules/@tool/linux-arm64-musl": written, ...rest } = completed(entries)
  deepEqual(written, { version: "1.2.3", cpu: ["arm64"], dev: true, libc: ["musl"], optional: true, os: ["linux"] })
  deepEqual(rest, entries)
})

test("a name tells the platform", () => {
  const platform = (name: string) => {
    const { os, cpu, libc } = entryOf({ name, version: "1", wantedBy: "tool", dev: true })
    return [os, cpu, libc]
  }
  deepEqual(platform("@x/binding-win32-x64-msvc"), [["win32"], ["x64"], undefined])
  deepEqual(platform("@x/binding-linux-arm-gnueabihf"), [["linux"], ["arm"], ["glibc"]])
  deepEqual(platform("@x/darwin-arm64"), [["darwin"], ["arm64"], undefined])
})
