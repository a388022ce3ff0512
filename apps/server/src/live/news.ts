/** What the rest of the server has to tell, as events of the contract. */
import type { DoorId } from "@holdfast/base"
import { type Door, slugOf } from "@holdfast/contract"
import type { LogName } from "../ledger/files.ts"
import { presentLogged } from "../projection/present.ts"
import type { LoggedBatch } from "../projection/entry.ts"
import type { Admitted } from "../site/view.ts"
import type { Hub } from "./hub.ts"

/** Records shown of one batch, beside the urgent ones: whoever wants the older ones asks for activity. */
const RECORDS_MAX = 64

export class LiveNews {
  readonly #hub: Hub
  readonly #present: (door: DoorId) => Door | null
  readonly #heard = new Map<DoorId, number>()

  constructor(hub: Hub, present: (door: DoorId) => Door | null) {
    this.#hub = hub
    this.#present = present
  }

  door(door: DoorId): void {
    const shown = this.#present(door)
    if (shown !== null) this.#hub.publish({ event: "door", door: shown })
    else this.#hub.publish({ event: "door-gone", door })
  }

  records(batch: LoggedBatch): void {
    const records = presentLogged(batch, RECORDS_MAX)
    const left_out = batch.records.length - records.length
    this.#hub.publish({ event: "records", door: batch.door, records, left_out })
    this.door(batch.door)
  }

  statement({ period, index, statement, admitted_at_ms }: Admitted): void {
    const { id, change } = statement
    this.#hub.publish({ event: "statement", period, index, statement: id, kind: slugOf(change.kind), admitted_at_ms })
  }

  grew(log: LogName, period: string, size: number): void {
    this.#hub.publish({ event: "log", class: log, period, size })
  }

  link(door: DoorId, up: boolean, at_ms: number): void {
    this.#hub.publish({ event: "link", door, up, since_ms: at_ms })
  }

  /** Beats come often and mostly say the same, so who was heard is told together, at the next tick. */
  heard(door: DoorId, at_ms: number): void {
    this.#heard.set(door, at_ms)
  }

  tick(): void {
    if (this.#heard.size === 0) return
    this.#hub.publish({ event: "heard", doors: [...this.#heard].map(([door, at_ms]) => ({ door, at_ms })) })
    this.#heard.clear()
  }
}
