/** Many batches at once, as after a night without a network: threads check them, and nothing is different but the time. */
import { Keeper, nodePorts } from "@holdfast/keeper"
import { MemoryDisk } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { foundedSite, portsOf } from "./site.ts"

const BATCHES = 60

test("a storm: every batch has its place in the order in which it came, a bad one is named and stops none", async () => {
  const disk = new MemoryDisk()
  const site = await foundedSite(disk)
  await site.keeper.close()
  const { batchChecks } = nodePorts("nowhere")
  ok(batchChecks !== undefined, "a real keeper has threads")
  const keeper = await Keeper.open({ ...portsOf(disk, site.clock), batchChecks })
  const batches = Array.from({ length: BATCHES }, () => site.lock.batch(4))
  const answers = await Promise.all(
    batches.flatMap(({ entry, openings }, at) => {
      const flipped = entry.with(entry.length - 1, (entry.at(-1) ?? 0) ^ 1)
      const once = keeper.batch(entry, openings)
      if (at % 20 === 7) return [once, keeper.batch(flipped, openings)]
      return at % 20 === 9 ? [once, keeper.batch(entry, openings)] : [once]
    }),
  )
  const faults = answers.flatMap((answer) => (answer.ok ? [] : [answer.fault]))
  deepEqual(faults, ["wrong signature", "wrong signature", "wrong signature"])
  const places = answers.flatMap((answer) => (answer.ok ? [answer.index] : []))
  const inOrder = Array.from({ length: BATCHES }, (_, at) => (at % 20 === 9 ? [at, at] : [at])).flat()
  deepEqual(places, inOrder)
  await keeper.close()
  const later = await Keeper.open(portsOf(disk, site.clock))
  equal(later.head("events").size, BATCHES)
  await later.close()
})
