/**
 * The shortest courier there is: between a board and a keeper in one process, message by message.
 *
 * It does what the server's courier does for a lock that reports now and then: hello is answered with a beacon and whatever is
 * newer, a batch with its receipt, a want with its pieces. It has no keys and judges nothing.
 */
import { piecesOf } from "@holdfast/access/door"
import { assert, type DoorId, EMPTY, equalBytes, type UnixMillis } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import type { VirtualBoard } from "@holdfast/board"
import type { Keeper } from "@holdfast/keeper"
import type { Disk } from "@holdfast/port-node"
import { type Down, encodeDown, type Up } from "@holdfast/wire"

/** A keeper refused what it must give; a replay cannot go on without it. */
export class CourierError extends Error {
  override readonly name = "CourierError"
}

const MESSAGES_MAX = 100_000

export class DirectCourier {
  readonly #keeper: Keeper
  readonly #disk: Disk
  readonly #door: DoorId
  #said: Up[] = []

  constructor(keeper: Keeper, disk: Disk, door: DoorId) {
    this.#keeper = keeper
    this.#disk = disk
    this.#door = door
  }

  /** What the board says; it is carried by the next {@link exchange}. */
  readonly take = (up: Up): void => {
    this.#said.push(up)
  }

  /** Links the board, carries messages both ways until nobody has anything to say, and unlinks it. */
  async exchange(board: VirtualBoard, bench_ms: number, now: UnixMillis): Promise<void> {
    board.link(bench_ms, true)
    for (let carried = 0; this.#said.length > 0; carried++) {
      assert(carried < MESSAGES_MAX, "an exchange comes to rest")
      const [up] = this.#said.splice(0, 1)
      if (up === undefined) break
      for (const down of await this.#answer(up, now)) board.deliver(bench_ms, encodeDown(down))
    }
    board.link(bench_ms, false)
    this.#said = []
  }

  async #answer(up: Up, now: UnixMillis): Promise<readonly Down[]> {
    switch (up.kind) {
      case "hello":
        return this.#greet(up, now)
      case "batch": {
        const taken = await this.#keeper.batch(up.entry, up.openings)
        if (!taken.ok) throw new CourierError(`the keeper refused a batch: ${taken.fault}`)
        return [{ kind: "receipt", receipt: taken.receipt }]
      }
      case "want":
        return [...this.#chunks(up), ...this.#secrets(up)]
      case "beat":
      case "want image":
      case "nonce": // Nobody orders anything in a replay.
        return []
    }
  }

  #greet(hello: Extract<Up, { kind: "hello" }>, now: UnixMillis): Down[] {
    const downs: Down[] = []
    const beacon = this.#keeper.beacon(hello.nonce)
    if (beacon.ok) downs.push({ kind: "beacon", beacon: beacon.bytes })
    const issued = this.#keeper.state.issued.get(this.#door)
    if (issued === undefined) return downs
    const isCurrent = hello.policy !== null && equalBytes(hello.policy, issued.policyHash)
    if (!isCurrent) downs.push(this.#offer(hello.authority_size))
    const lease_s = this.#keeper.state.doors.get(this.#door)?.config.lease_s ?? 0
    const left_s = hello.lease_end_s - now / 1000
    if (isCurrent && left_s > lease_s / 2) return downs
    const lease = this.#keeper.lease(this.#door)
    if (!lease.ok) throw new CourierError(`the keeper gives no lease: ${lease.fault}`)
    return [...downs, { kind: "lease", ticket: lease.bytes }]
  }

  #offer(held_size: number): Down {
    const answer = this.#keeper.policy(this.#door, held_size)
    if (!answer.ok) throw new CourierError(`the keeper offers no policy: ${answer.fault}`)
    return { kind: "policy", ...answer.offer, from_size: held_size, consistency: answer.consistency }
  }

  #chunks(want: Extract<Up, { kind: "want" }>): Down[] {
    if (want.chunks.length === 0) return []
    const bytes = this.#disk.read(`policies/${toHex(want.policy)}`)
    if (bytes === null) throw new CourierError("a policy that was issued has no file")
    const issued = this.#keeper.state.issued.get(this.#door)
    const secrets = issued === undefined ? null : this.#disk.read(`policies/${toHex(issued.secretsHash)}`)
    const { chunks } = piecesOf(bytes, secrets ?? EMPTY)
    return want.chunks.flatMap((index): Down[] => {
      const chunk = chunks[index]
      return chunk === undefined ? [] : [{ kind: "chunk", policy: want.policy, index, bytes: chunk }]
    })
  }

  #secrets(want: Extract<Up, { kind: "want" }>): Down[] {
    return want.credentials.flatMap((credential): Down[] => {
      const sealed = this.#keeper.secret(this.#door, credential)
      return sealed === null ? [] : [{ kind: "secret", credential, sealed }]
    })
  }
}
