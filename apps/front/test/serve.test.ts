/** The front over real HTTP: its files and no others, its policy, and claims only from its own page. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { BundleMissingError, createFront, readBundle, type SiteFile } from "@holdfast/front"

const SITE: SiteFile = {
  site: "00".repeat(16),
  root: "cm9vdA==",
  api: "http://localhost:4871",
  keeper_isolated: false,
  world: { origin: "http://localhost:4872", token: "a token of the world" },
  boards: "https://localhost:4873/#00112233445566778899aabbccddeeff",
}
const BOARD = { serial: "VB-0001" }
let directory = ""
let base = ""
let claims: unknown[] = []
let server: ReturnType<typeof createFront>

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-front-"))
  const dist = join(directory, "dist")
  await mkdir(join(dist, "assets"), { recursive: true })
  await writeFile(join(dist, "index.html"), "<!doctype html><title>page</title>")
  await writeFile(join(dist, "assets/app-abc123.js"), "export const big = 1;".repeat(100))
  await writeFile(join(directory, "secret.json"), "{}")
  const bundle = await readBundle(dist)
  server = createFront({
    bundle,
    origin: "http://front.example",
    site: () => SITE,
    claim: async (body) => {
      claims.push(body)
      return { status: 200, body: { person: "p" } }
    },
    waiting: async () => ({ status: 200, body: [BOARD] }),
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

after(async () => {
  server.closeAllConnections()
  server.close()
  await rm(directory, { recursive: true })
})

test("a folder that is no built console is named", async () => {
  await rejects(readBundle(join(directory, "nowhere")), BundleMissingError)
})

/** One raw request, since fetch itself would tidy a path up before sending it. */
function raw(path: string, host = "x"): Promise<string> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    )
    let text = ""
    socket.setEncoding("utf8").on("data", (part) => (text += String(part)))
    socket.on("end", () => resolve(text)).on("error", reject)
  })
}

for (const path of [
  "/../secret.json",
  "/..%2fsecret.json",
  "/%2e%2e/secret.json",
  "//etc/passwd.json",
  "/assets/../../secret.json",
])
  test(`attack 119: ${path} reaches no file outside the bundle`, async () => {
    const said = await raw(path)
    match(said, /^HTTP\/1\.1 404 /)
  })

test("every answer carries the policy: only our own scripts, only our own ports, no frame", async () => {
  for (const path of ["/", "/people/x", "/site.json", "/assets/app-abc123.js", "/missing.js"]) {
    const answer = await fetch(base + path)
    const policy = answer.headers.get("content-security-policy") ?? ""
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "require-trusted-types-for 'script'",
      "frame-ancestors 'none'",
      "connect-src 'self' http://localhost:4871 http://localhost:4872",
    ])
      ok(policy.split("; ").includes(part), `${path}: ${part}`)
    ok(!policy.includes("unsafe"))
    equal(answer.headers.get("x-content-type-options"), "nosniff")
    await answer.arrayBuffer()
  }
})

test("routes of the app get its page; hashed files may be kept for ever, the page may not", async () => {
  const page = await fetch(`${base}/people/abc`)
  equal(await page.text(), "<!doctype html><title>page</title>")
  equal(page.headers.get("cache-control"), "no-cache")
  const asset = await fetch(`${base}/assets/app-abc123.js`)
  equal((await asset.text()).length, 2100)
  match(asset.headers.get("cache-control") ?? "", /immutable/)
  equal(asset.headers.get("content-encoding"), "gzip")
})

test("the world's token is for pages of our own name, and not for a name that was made to lead here", async () => {
  const told = async (host: string): Promise<unknown> =>
    JSON.parse((await raw("/site.json", host)).split("\r\n\r\n")[1] ?? "")
  deepEqual(await told("front.example"), SITE)
  for (const host of ["evil.example", "front.example.evil.example", "front.example:81", new URL(base).host])
    deepEqual(await told(host), { ...SITE, world: null })
})

test("boards that wait to be paired are for pages of our own name", async () => {
  match(await raw("/boards.json", "front.example"), /^HTTP\/1\.1 200 .*\[\{"serial":"VB-0001"\}\]/s)
  for (const host of ["evil.example", "front.example:81", new URL(base).host])
    match(await raw("/boards.json", host), /^HTTP\/1\.1 404 /)
})

test("a claim comes from the front's own page, as JSON of at most 64 KiB, and nothing else is passed on", async () => {
  const headers = { origin: "http://front.example", "content-type": "application/json" }
  const post = (init: RequestInit) => fetch(`${base}/claim`, { method: "POST", ...init })
  equal((await post({ headers: { ...headers, origin: "http://evil.example" }, body: "{}" })).status, 403)
  equal((await post({ body: "{}" })).status, 403)
  equal((await post({ headers, body: "{" })).status, 400)
  equal((await post({ headers, body: `"${"x".repeat(70_000)}"` })).status, 400)
  equal((await fetch(`${base}/site.json`, { method: "DELETE" })).status, 405)
  deepEqual(claims, [])
  const answer = await post({ headers, body: '{"token":"t"}' })
  deepEqual([answer.status, await answer.json()], [200, { person: "p" }])
  deepEqual(claims, [{ token: "t" }])
  claims = []
})
