/** Makes the receipt of an entry from the tiles of its log, as anybody with the files could. */
import { encodeReceipt, makeProof, pathOf, planInclusion } from "@holdfast/ledger"
import { nodeCrypto } from "@holdfast/port-node"
import type { LedgerFiles, LogName } from "./files.ts"

/** The log can grow between the checkpoint and the tiles under it; then the next checkpoint is tried. */
const ATTEMPTS_MAX = 5

/** The tlog-proof of entry `index`, or null when the log does not hold it. */
export async function receiptOf(
  files: LedgerFiles,
  name: LogName,
  period: string,
  index: number,
): Promise<Uint8Array | null> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const head = await files.head(name, period)
    if (head === null || index >= head.size) return null
    const plan = planInclusion(head.size, index)
    const tiles: Uint8Array[] = []
    for (const tile of plan.tiles) {
      const bytes = await files.read(name, period, pathOf(tile))
      if (bytes !== null) tiles.push(bytes)
    }
    const proof = tiles.length === plan.tiles.length ? makeProof(nodeCrypto, plan, tiles) : null
    if (proof !== null) return encodeReceipt({ extra: null, index, proof, checkpoint: head.note })
  }
  return null
}
