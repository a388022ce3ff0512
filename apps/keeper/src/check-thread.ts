/** A thread that checks batches for check-threads.ts, one after the other, and knows nothing else. */
import { nodeCrypto } from "@holdfast/port-node/crypto"
import { parentPort, workerData } from "node:worker_threads"
import { type BatchChecked, checkBatch } from "./batch-check.ts"
import type { Answered, Asked } from "./check-threads.ts"

/** What was opened is most of an answer: it changes hands, and is not copied. */
function handedOver(checked: BatchChecked): ArrayBuffer[] {
  if (!checked.ok || typeof checked.openings === "string") return []
  const { buffer } = checked.openings.plain
  return buffer instanceof ArrayBuffer ? [buffer] : []
}

parentPort?.on("message", ({ number, batch }: Asked) => {
  const checked = checkBatch(nodeCrypto, workerData, batch)
  const answered: Answered = { number, checked }
  parentPort?.postMessage(answered, handedOver(checked))
})
