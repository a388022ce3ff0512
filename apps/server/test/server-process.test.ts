/** The server as a process: killed under load, wrongly started, and searched for keys. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict"
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto"
import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs"
import { join } from "node:path"
import { type Cbor, decodeCbor } from "@holdfast/base/cbor"
import { answerOf, type Building, furnish, gaps, inBuilding, kinds, work } from "./living-building.ts"
import { ServerProcess } from "./server-process.ts"

inBuilding(
  "the server is killed while a lock reports: nothing acknowledged is lost, nothing comes twice",
  async (building) => {
    const { lock, pin } = await furnish(building)
    await work(building, lock)
    for (let round = 0; round < 3; round++) {
      lock.enter(pin)
      await building.killServer()
      lock.enter("000000")
      await building.link(lock)
      const sequence = lock.lock?.journal.next ?? 0
      await building.until(
        "every record arrived",
        async () => (await building.door(lock.door)).last_sequence >= sequence - 1,
      )
    }
    deepEqual(await gaps(building, lock.door), [])
    ok((await kinds(building, { door: lock.door })).includes("admitted"))
    // The session outlived the server: its hash lies in the database, its delegation in the log.
    answerOf(await building.client.ask("session", {}, { token: building.token }))
  },
)

inBuilding("it stops in order when asked, and its lines are JSON without what came in", async (building) => {
  const { lock, pin } = await furnish(building)
  await work(building, lock)
  lock.enter(pin)
  await building.until("the record is in the log", async () =>
    (await kinds(building, { door: lock.door })).includes("admitted"),
  )
  equal(await building.server.stop(), 0)
  for (const line of building.server.lines) {
    const { at, level, what } = JSON.parse(line) as Record<string, unknown>
    match(String(at), /^\d{4}-\d\d-\d\dT/)
    ok(["info", "warning", "fault"].includes(String(level)) && typeof what === "string")
    ok(!line.includes(building.token) && !line.includes(pin), "no token and no PIN is written down")
  }
})

inBuilding("what cannot start says one line and why", async ({ settings, server }) => {
  const taken = { ...settings, api: { ...settings.api, port: server.said.api_port ?? 0 } }
  const cases: readonly (readonly [string, object, RegExp, string])[] = [
    ["a port in use", taken, /EADDRINUSE/, "EADDRINUSE"],
    ["a site that is none", { ...settings, site: "x" }, /site is not an id/, ""],
    ["another site's logs", { ...settings, site: "00".repeat(16) }, /authority log/, ""],
    ["no origin", { ...settings, front_origin: "http://localhost:1/x" }, /front_origin is not an origin/, ""],
    ["nothing at all", {}, /site is missing|data is missing|api is missing/, ""],
  ]
  for (const [what, wrong, message, code] of cases) {
    const failed = await ServerProcess.start(wrong)
    equal(failed.said.kind, "failed", what)
    match(failed.said.message ?? "", message, what)
    equal(failed.said.code ?? "", code, what)
    equal(await failed.ended(), 1, what)
  }
})

/** Secrets of keeper and card masters as their bytes may lie anywhere: whole files, and the bare scalars of keys. */
function keeperSecrets(data: string): readonly Uint8Array[] {
  const file = new Uint8Array(readFileSync(join(data, "keeper", "keys")))
  const decoded = decodeCbor(file.subarray(0, file.length - 32)) // Behind it stands its SHA-256.
  ok(decoded.ok)
  const leaves: Uint8Array[] = []
  const walk = (value: Cbor): void => {
    if (value instanceof Uint8Array) leaves.push(value)
    else if (value instanceof Map) for (const each of value.values()) walk(each)
    else if (Array.isArray(value)) for (const each of value as readonly Cbor[]) walk(each)
  }
  walk(decoded.value)
  ok(leaves.length >= 8, "policy, log, HPKE and storage key, four masters")
  return leaves.flatMap((bytes) =>
    bytes.length > 40
      ? [bytes, scalarOf(createPrivateKey({ key: Buffer.from(bytes), format: "der", type: "pkcs8" }))]
      : [bytes],
  )
}

function scalarOf(key: KeyObject): Uint8Array {
  const { d } = key.export({ format: "jwk" })
  return new Uint8Array(Buffer.from(d ?? "", "base64url"))
}

/** Every readable byte of the process's memory, region by region. */
function* memoryOf(pid: number): Generator<Buffer, void> {
  const memory = openSync(`/proc/${pid}/mem`, "r")
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) r[w-]..\s(?!.*\[v)/.exec(line) ?? []
      if (from === undefined || to === undefined) continue
      const start = Number.parseInt(from, 16)
      const size = Number.parseInt(to, 16) - start
      if (!Number.isSafeInteger(start) || size > 256 * 1024 * 1024) continue
      const region = Buffer.alloc(size)
      try {
        yield region.subarray(0, readSync(memory, region, 0, size, start))
      } catch {
        continue // A region that went meanwhile, or that nobody may read.
      }
    }
  } finally {
    closeSync(memory)
  }
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

/** Which of the secrets lie in these bytes, by their place in the list. */
function found(secrets: readonly Uint8Array[], bytes: Buffer): number[] {
  return secrets.flatMap((secret, at) => (bytes.includes(Buffer.from(secret)) ? [at] : []))
}

function searched({ data }: Building): string[] {
  return ["ledger", "policies"]
    .map((name) => join(data, name))
    .filter((path) => existsSync(path))
    .flatMap(filesUnder)
}

inBuilding("process, environment and data of the server contain no key that opens anything", async (building) => {
  if (process.platform !== "linux") return
  const { lock, pin } = await furnish(building)
  await work(building, lock)
  lock.enter(pin)
  await building.until("the record is in the log", async () =>
    (await kinds(building, { door: lock.door })).includes("admitted"),
  )
  const secrets = [...keeperSecrets(building.data), lock.hpke.privateKey, scalarOf(lock.journal.key)]
  const { pid } = building.server

  // The search finds what is there: the server's own TLS key, and every secret in the keeper's file.
  const own = scalarOf(createPrivateKey(building.settings.tls.key))
  const present = [...memoryOf(pid)].flatMap((region) => found([own, Buffer.from(building.settings.tls.key)], region))
  notEqual(present.length, 0)
  ok(found(secrets, readFileSync(join(building.data, "keeper", "keys"))).length >= 8)

  for (const region of memoryOf(pid)) deepEqual(found(secrets, region), [])
  deepEqual(found(secrets, readFileSync(`/proc/${pid}/environ`)), [])
  for (const path of searched(building)) deepEqual(found(secrets, readFileSync(path)), [], path)
  equal(new X509Certificate(building.settings.tls.cert).subject, "CN=server")
})
