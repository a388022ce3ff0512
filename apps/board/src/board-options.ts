/**
 * What a board is given when it is screwed to a door: its pairing, its keys and storage, its hardware, and the hands that carry
 * what it sends. No behaviour is here.
 */
import type { Actuator, FailMode } from "@holdfast/access/door"
import type { Pairing, Signal } from "@holdfast/lock"
import type { HpkeKeyPair, HpkeRecipient } from "@holdfast/port-node"
import type { Up } from "@holdfast/wire"
import type { Cells } from "./cells.ts"
import type { FieldOptions } from "./field.ts"
import type { Flash } from "./flash.ts"
import type { Loader } from "./image/loader.ts"
import type { BoardScene } from "./scene.ts"

export type BoardOptions = FieldOptions & {
  readonly pairing: Pairing
  readonly keeperHpke: Uint8Array
  readonly keys: {
    readonly journal: { sign(bytes: Uint8Array): Uint8Array }
    readonly hpke: HpkeKeyPair | HpkeRecipient
  }
  readonly flash: Flash
  readonly failMode: FailMode
  /** Absent: the door is fed by mains. */
  readonly cells?: Cells
  /** Absent: a motor. */
  readonly actuator?: Actuator
  /** The door as it was left; absent: a new one, closed and locked. */
  readonly scene?: BoardScene
  /** Hands a message to whoever carries it; only called while linked. */
  send(up: Up): void
  /** Says which firmware the board starts; a board without one runs what it is. */
  readonly loader?: Loader
  /** The lock left its site: the keys are to be destroyed, and the board is nobody's. */
  left?(): void
  /** Hears what the reader shows, for whoever counts. */
  shown?(signal: Signal): void
}
