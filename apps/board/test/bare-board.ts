/**
 * A virtual board at its door that was never given a policy, a lease or the time: its deciding part is as dead as it can be. With
 * a keeper's keys in its pairing it is where commanded.ts begins.
 */
import { type DoorId, idOf, type SiteId } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { type BoardOptions, MemoryFlash, VirtualBoard } from "@holdfast/board"
import { newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import type { SiteTrust } from "../src/building.ts"

export const site: SiteId = idOf(new Uint8Array(16).fill(0x51))
export const door: DoorId = idOf(new Uint8Array(16).fill(0xd0))
export const journal = newEs256()

export const pairing: BoardOptions["pairing"] = {
  ...{ site, door, keeper: newEs256().publicKey, logKey: new Uint8Array(32), epoch: 1 },
  ...{ journalKey: journal.publicKey, codeKey: new Uint8Array(32).fill(3), journal_records_max: 1_000 },
}
const keys = { journal, hpke: newHpkeKeyPair() }
const keeperHpke = newHpkeKeyPair().publicKey

/** What a building is told of a site whose keeper and log nobody holds. */
export const trust: SiteTrust = {
  site,
  keeper: toBase64(encodeCoseKey(pairing.keeper)),
  logKey: toBase64(pairing.logKey),
  keeperHpke: toBase64(keeperHpke),
  epoch: 1,
}

/** Not switched on yet. Its chance is the same each time. */
export function bareBoard(options: Partial<BoardOptions> = {}): VirtualBoard {
  let drawn = 0
  return new VirtualBoard({
    ...{ pairing, keeperHpke, keys, flash: new MemoryFlash(), failMode: "secure", crypto: nodeCrypto },
    random: (size) => nodeCrypto.sha256(Uint8Array.of(++drawn & 0xff, drawn >> 8)).slice(0, size),
    send: () => undefined,
    ...options,
  })
}

/** Lets the bench run until then, waking the board whenever it asks. */
export function run(board: VirtualBoard, until_ms: number): void {
  for (let at_ms = board.nextWake_ms(); at_ms !== null && at_ms <= until_ms; at_ms = board.nextWake_ms())
    board.advance(at_ms)
  board.advance(until_ms)
}
