/**
 * Who can talk to a board without being asked: nobody (attack 91). A board listens on no port and starts no program; what the
 * example building listens with drives the virtual hardware alone, on loopback, for whoever holds its token.
 */
import { deepEqual, equal, ok } from "node:assert/strict"
import { randomBytes } from "node:crypto"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { request } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test, type TestContext } from "node:test"
import { fileURLToPath } from "node:url"
import { Building } from "../src/building.ts"
import { createWorldServer } from "../src/world.ts"
import { door, trust } from "./bare-board.ts"

const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))

/** Everything in this process that waits to be called from outside. */
const listening = (): number =>
  process.getActiveResourcesInfo().filter((name) => /^(TCPServer|PipeServer|UDP|TTY)/i.test(name)).length

/** A building of one board, whose courier nobody answers for. */
async function building(context: TestContext): Promise<Building> {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-listening-"))
  const opened = new Building({
    directory,
    trust,
    courier: { host: "127.0.0.1", port: 1, authorityPem: "" },
    random,
    certify: async () => "",
  })
  context.after(() => {
    opened.close()
    rmSync(directory, { recursive: true })
  })
  await opened.open()
  await opened.board(door, { failMode: "secure" })
  return opened
}

test("attack 91: a board that runs, with its line and its timers, listens on nothing", async (context) => {
  const before = listening()
  const world = await building(context)
  equal(world.doors().length, 1)
  equal(listening(), before)
  const server = createWorldServer({ world, token: "a token", origin: "http://localhost" })
  context.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  equal(listening(), before + 1, "this count does count")
})

/** Every route of the world, and some that it does not have. */
const ROUTES = [
  ["GET", "/live"],
  ["GET", "/doors"],
  ["GET", "/cards"],
  ["GET", "/phones"],
  ["GET", "/"],
  ["POST", `/doors/${door}/act`],
  ["POST", `/doors/${door}/diagnosis`],
  ["POST", "/cards"],
  ["POST", "/cards/x/personalise"],
  ["POST", "/phones"],
  ["POST", "/boards"],
  ["PUT", "/doors"],
  ["DELETE", "/cards"],
] as const
const TOKENS = [null, "", "Bearer", "Bearer ", "Bearer a tokem", "bearer a token", "Basic YTpi"] as const

test("attack 91: without its token the example's world answers nobody, by no route, and nothing happens at the door", async (context) => {
  const world = await building(context)
  const server = createWorldServer({ world, token: "a token", origin: "http://localhost" })
  context.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  const before = world.doors()
  const ask = (method: string, path: string, authorization: string | null): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const headers = { connection: "close", ...(authorization === null ? {} : { authorization }) }
      const asking = request({ host: "127.0.0.1", port, method, path, headers }, (response) => {
        resolve(response.statusCode)
        response.destroy()
      })
      asking.on("error", reject).end(method === "POST" ? JSON.stringify({ act: "open", label: "x" }) : undefined)
    })
  for (const [method, path] of ROUTES)
    for (const token of TOKENS)
      equal(await ask(method, path, token), 401, `${method} ${path} with ${token ?? "nothing"}`)
  deepEqual(world.doors(), before)
  equal(world.cards().length, 0)
  equal(await ask("GET", "/doors", "Bearer a token"), 200, "with it, it does")
})

test("attack 91: nothing that runs in a board starts a program, takes text for code, or opens a port", () => {
  const root = fileURLToPath(new URL("../../..", import.meta.url))
  const files = globSync(["core/{base,access,sense,lock,wire}/src/**/*.ts", "apps/board/src/**/*.ts"], { cwd: root })
  ok(files.length > 150)
  const found = (pattern: RegExp): readonly string[] =>
    files.filter((path) => pattern.test(readFileSync(join(root, path), "utf8"))).sort()
  deepEqual(found(/node:child_process|node:worker_threads|node:cluster/), ["apps/board/src/launcher.ts"])
  deepEqual(found(/node:vm|\beval\(|new Function\(|node:repl|node:inspector/), [])
  deepEqual(found(/\bcreateServer\b|node:dgram|\.listen\(/), ["apps/board/src/main.ts", "apps/board/src/world.ts"])
})
