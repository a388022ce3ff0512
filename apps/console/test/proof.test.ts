/** The proof of a record: it holds for what happened, and any byte that was changed on the way breaks it. */
import { equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { makeBuilding } from "../dev/building.ts"
import { proveRecord, type RecordPlace } from "../src/data/proof.ts"
import { siteOf } from "./pretend-site.ts"

const building = makeBuilding("http://localhost:1", 2)
const site = siteOf(building)
const [door] = [...building.locks.keys()]
ok(door !== undefined)
for (let at = 0; at < 20; at++) building.happen(door, "admitted", "done", {}, 1_000 + at)
const place: RecordPlace = { door, period: "2026Q4", entry: 11, position: 0, sequence: 12 }
const journalKey = building.locks.get(door)?.key.publicKey ?? null
const prove = (files: ReadonlyMap<string, Uint8Array>, of = place, key = journalKey) =>
  proveRecord(site, of, key, (path) => Promise.resolve(files.get(path) ?? null))

test("without the log there is no proof", async () => {
  const proof = await prove(new Map())
  equal(proof.bundle, null)
  equal(proof.steps.at(-1)?.ok, false)
})

test("a door without a paired lock proves nothing", async () => {
  equal((await prove(building.events.files, place, null)).bundle, null)
})

test("another lock's key does not open the batch", async () => {
  const other = [...building.locks.values()][1]?.key.publicKey ?? null
  equal((await prove(building.events.files, place, other)).bundle, null)
})

test("a record that is not in its batch, an entry that is not in the log", async () => {
  equal((await prove(building.events.files, { ...place, position: 1 })).bundle, null)
  equal((await prove(building.events.files, { ...place, entry: 99 })).bundle, null)
})

test("another record than the one that was named proves nothing of it", async () => {
  const proof = await prove(building.events.files, { ...place, sequence: 13 })
  equal(proof.bundle, null)
  equal(proof.record, null)
  equal(proof.steps.at(-1)?.ok, false)
})

test("any changed byte of the log's files breaks the proof or leaves it untouched, and never makes another", async () => {
  const honest = await prove(building.events.files)
  const newest = [
    "checkpoint",
    `tile/entries/000.p/${building.events.writer.size}`,
    `tile/0/000.p/${building.events.writer.size}`,
  ]
  for (const [path, bytes] of building.events.files) {
    if (!newest.includes(path)) continue
    for (let at = 0; at < bytes.length; at += 53) {
      const changed = bytes.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      const proof = await prove(new Map([...building.events.files, [path, changed]]))
      ok(proof.bundle === null || proof.bundle === honest.bundle, `${path}, byte ${at}`)
    }
  }
})

test("every step holds for a record that happened, and the bundle says all that a stranger needs", async () => {
  const proof = await prove(building.events.files)
  equal(
    proof.steps.every((step) => step.ok),
    true,
  )
  equal(proof.record?.sequence, 12)
  const bundle = JSON.parse(proof.bundle ?? "{}") as Record<string, unknown>
  for (const name of ["site", "root", "vkey", "entry", "receipt", "index", "position"]) ok(name in bundle, name)
})
