/** What people at the door see and hear: the reader's last answer, for a while, and the buzzer, which sounds beside it. */
import type { Signal } from "@holdfast/lock"

/** How long the reader keeps showing an answer. */
const SIGNAL_MS = 2_500

export class Panel {
  signal: Exclude<Signal, "alarm" | "alarm over"> = "idle"
  /** Whether the buzzer sounds. */
  alarming = false
  /** When the answer goes dark, or null. */
  until_ms: number | null = null

  show(signal: Signal, now_ms: number): void {
    if (signal === "alarm" || signal === "alarm over") this.alarming = signal === "alarm"
    else {
      this.signal = signal
      this.until_ms = signal === "idle" ? null : now_ms + SIGNAL_MS
    }
  }
}
