/** Whole parts that were taken out of a data directory are missed: nothing that is gone reads as "holds". */
import { equal, match, rejects } from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { audit } from "../src/audit.ts"
import { openSource } from "../src/source.ts"

const REPLAY = fileURLToPath(new URL("../../../sim/src/replay-main.ts", import.meta.url))
const BADGES = fileURLToPath(new URL("../../../examples/badges.csv", import.meta.url))
const folder = mkdtempSync(join(tmpdir(), "holdfast-missing-"))
const data = join(folder, "data")

before(() => {
  const { status, stderr } = spawnSync(process.execPath, [REPLAY, BADGES, "--data", data], { encoding: "utf8" })
  equal(status, 0, stderr)
})
after(() => rmSync(folder, { recursive: true, force: true }))

async function wrongIn(place: string): Promise<string | null> {
  return (await audit({ history: await openSource(place, null), vkeys: [], receipts: [] })).wrong
}

/** Runs with a part of the directory elsewhere. */
async function without(part: string, act: () => Promise<void>): Promise<void> {
  renameSync(join(data, part), join(folder, "aside"))
  try {
    await act()
  } finally {
    renameSync(join(folder, "aside"), join(data, part))
  }
}

test("attack 121: a data directory without its events, its looks or its policies does not hold", async () => {
  await without("ledger/looks", () => rejects(wrongIn(data), /has no looks log/))
  await without("ledger/events", () => rejects(wrongIn(data), /has no events log/))
  await without("policies", async () => match((await wrongIn(data)) ?? "", /^policies\/[0-9a-f]{64}: missing/))
  equal(await wrongIn(data), null)
})

test("a ledger folder by itself may lie apart from the policies, and from the looks, which readers of the API are not given", async () => {
  await without("ledger/looks", async () => equal(await wrongIn(join(data, "ledger")), null))
  await without("policies", async () => equal(await wrongIn(join(data, "ledger")), null))
})
