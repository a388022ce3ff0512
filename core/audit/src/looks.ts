/**
 * The looks log: who read personal data, when. Its entries are judged only as far as an outsider can: shape and order.
 */
import { decodeEntry } from "@holdfast/ledger"

export class LooksAudit {
  #admittedAt = 0
  #taken = 0

  take(bytes: Uint8Array): string | null {
    const index = this.#taken
    this.#taken += 1
    const decoded = decodeEntry(bytes)
    if (!decoded.ok) return `entry ${index}: ${decoded.fault}`
    if (decoded.entry.admittedAt < this.#admittedAt) return `entry ${index}: admitted before the last`
    this.#admittedAt = decoded.entry.admittedAt
    return null
  }

  finish(): string | null {
    return null
  }
}
