/** A thread that checks batches for check-threads.ts, one after the other, and knows nothing else. */
import { nodeCrypto } from "@holdfast/port-node"
import { parentPort, workerData } from "node:worker_threads"
import { checkBatch } from "./batch-check.ts"
import type { Answered, Asked } from "./check-threads.ts"

parentPort?.on("message", ({ number, batch }: Asked) => {
  const answered: Answered = { number, checked: checkBatch(nodeCrypto, workerData, batch) }
  parentPort?.postMessage(answered)
})
