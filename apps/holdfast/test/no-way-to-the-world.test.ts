/**
 * The server has no route to the virtual hardware: its sources know no word for it, and what it is told at its start has no
 * place for an address or a token. That its memory holds none is `start.test.ts`'s to show.
 */
import { deepEqual, equal, ok } from "node:assert/strict"
import { globSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"

const APPS = fileURLToPath(new URL("../..", import.meta.url))
const sourceOf = (path: string): string => readFileSync(join(APPS, path), "utf8")

test("no source of the server speaks of the world or of boards' hardware", () => {
  const files = globSync("server/src/**/*.ts", { cwd: APPS })
  ok(files.length > 30)
  const speaking = files.filter((path) => /\bworld\b|holdfast\/board\b|board\/src/i.test(sourceOf(path)))
  deepEqual(speaking, [])
  ok(/\bworld\b/.test(sourceOf("front/src/serve.ts")), "this search does find")
})

test("the command tells the server these things and no more", () => {
  const source = sourceOf("holdfast/src/server.ts")
  const from = source.indexOf("settings: () => ({")
  const settings = source.slice(from, source.indexOf("ready:", from))
  const told = [...settings.matchAll(/^ {6}(\w+)[:,]/gm)].map(([, name]) => name)
  equal(settings.includes("world"), false)
  deepEqual(told, ["data", "site", "api", "front_origin", "mqtt", "tls", "keeper_socket", "database_url"])
})
