/**
 * Answering looks: the chain of keys is judged, the look goes into its own log, and only then is anything opened.
 *
 * Whoever may speak through a delegation that stands may look. The log has the signed look itself, so its subjects can be
 * shown who looked. The answer is sealed to the asking page: whoever carries it learns nothing.
 */
import { keyOfChain, type State } from "@holdfast/access"
import { type Id, idBytes, type PersonId, secondsOf } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { verifySigned } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { encodeEntry } from "@holdfast/ledger"
import { decodeOpenings, shownOf } from "@holdfast/lock"
import { seal } from "./credentials.ts"
import type { Keeping } from "./keeping.ts"
import type { Log } from "./log/log.ts"
import type { Alarms } from "./alarms.ts"
import { decodeLook, type Look, type RecordRange } from "./look.ts"
import { nameOf } from "./names.ts"

export const ENTRY_LOOK = 32
const TIME_S_MAX = 300
/** Of the answer before it is sealed; whoever wants more asks again. */
const ANSWER_BYTES_MAX = 900_000
const NONCES_MAX = 100_000

export type LookAnswer =
  | { readonly ok: true; readonly sealed: Uint8Array }
  | { readonly ok: false; readonly fault: string }

const refused = (fault: string): LookAnswer => ({ ok: false, fault })

export class Looks {
  readonly #keeping: Keeping
  readonly #log: Log
  readonly #alarms: Alarms
  /** Of looks that are still in time, with the second after which they are not. */
  readonly #nonces = new Map<string, number>()

  constructor(keeping: Keeping, log: Log, alarms: Alarms) {
    this.#keeping = keeping
    this.#log = log
    this.#alarms = alarms
  }

  async answer(state: State, bytes: Uint8Array): Promise<LookAnswer> {
    const look = decodeLook(this.#keeping.site, bytes)
    if (look === null) return refused("malformed")
    const person = this.#judge(state, look)
    if ("fault" in person) return refused(person.fault)
    const plain = await this.#write(state, look, bytes, person.id)
    if (plain === null) return refused("asks for too much at once")
    const sealed = seal(this.#keeping, "look", look.recipient, plain)
    return sealed === null ? refused("recipient is no key") : { ok: true, sealed }
  }

  /** Writes the look down, and only then the answer to it; null for one that would be too long. */
  async #write(state: State, look: Look, bytes: Uint8Array, person: PersonId): Promise<Uint8Array | null> {
    const { at, recipient } = look
    // Whoever is no receiver hears nothing, at the size of everything, and nothing is written: that he is none all can read.
    if (at.what === "alarms" && !this.#alarms.isReceiver(state, person, recipient))
      return this.#alarms.book(state, null)
    const admittedAt = this.#keeping.clock.admission()
    await this.#log.append(encodeEntry({ type: ENTRY_LOOK, admittedAt, bytes })).durable
    if (at.what === "alarms") {
      this.#alarms.acknowledge(person, admittedAt, at.question)
      return this.#alarms.book(state, person)
    }
    const rows = at.what === "labels" ? this.#labels(state, at.objects) : this.#openings(at.ranges)
    return rows === null ? null : encodeCbor(rows)
  }

  /** Who looks, or why he may not. */
  #judge(state: State, look: Look): { readonly id: PersonId } | { readonly fault: string } {
    const now = secondsOf(this.#keeping.clock.admission())
    if (Math.abs(now - look.time) > TIME_S_MAX) return { fault: "too early or too late" }
    const id = personOf(state, look)
    if (id === null) return { fault: "chain broken" }
    const found = keyOfChain(state, id, look.chain, null, now)
    if (typeof found === "string") return { fault: found }
    if (state.people.get(id)?.standing !== "good") return { fault: "delegation revoked" }
    if (!verifySigned(look.signed, found.link.key, this.#keeping.ports.crypto)) return { fault: "wrong signature" }
    return this.#isNew(look.nonce, now) ? { id } : { fault: "already answered" }
  }

  #isNew(nonce: Uint8Array, now_s: number): boolean {
    for (const [old, until_s] of this.#nonces) {
      if (until_s >= now_s && this.#nonces.size < NONCES_MAX) break
      this.#nonces.delete(old)
    }
    const name = toHex(nonce)
    if (this.#nonces.has(name)) return false
    this.#nonces.set(name, now_s + 2 * TIME_S_MAX)
    return true
  }

  /** [[object, salt, text]] of those that are known and open the commitment that stands now. */
  #labels(state: State, objects: readonly Id<string>[]): Cbor[] {
    const rows: Cbor[] = []
    for (const object of objects) {
      const label = nameOf(this.#keeping, state, object)
      if (label !== null) rows.push([idBytes(object), label.salt, label.text])
    }
    return rows
  }

  /** [[door, sequence, salt, detail]], or null when there are too many. */
  #openings(ranges: readonly RecordRange[]): Cbor[] | null {
    const { vault, ports } = this.#keeping
    const rows: Cbor[] = []
    let size = 0
    for (const { door, first, last } of ranges) {
      for (const place of vault.openingsOf(door, first, last)) {
        const plain = vault.readOpenings(place)
        for (const { sequence, salt, detail } of (plain === null ? null : decodeOpenings(plain)) ?? []) {
          if (sequence < first || sequence > last) continue
          const shown = shownOf(ports.crypto, salt, detail) // Who was forced, receivers are told elsewhere (I-19).
          rows.push([idBytes(door), sequence, shown.salt, shown.detail])
          size += detail.length + 64
        }
        if (size > ANSWER_BYTES_MAX) return null
      }
    }
    return rows
  }
}

/** Whose chain a look was signed through. */
export function personOf(state: State, { chain }: Pick<Look, "chain">): PersonId | null {
  const [own] = chain
  return (own === undefined ? undefined : state.delegations.get(own)?.person) ?? null
}
