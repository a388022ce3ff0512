/**
 * An attacker who owns the server, the broker and every line: he replays, mixes up, alters and forges.
 *
 * He has whatever ever passed, sends it to whichever lock he likes, and signs with a key of his own; and he stole one
 * person's key, with which he orders what that person may.
 */
import { encodeDeny, encodeOrder } from "@holdfast/access/author"
import { beaconToSign, leaseToSign } from "@holdfast/access/door"
import { narrowingToSign } from "@holdfast/access/rules"
import { byteAt, type SiteId, secondsOf, unixMillis, unixSeconds } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { encodeDown } from "@holdfast/wire"
import type { Agenda } from "../agenda.ts"
import type { Chance } from "../chance.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Truth } from "../truth/truth.ts"
import type { Commander } from "./commander.ts"
import type { SimDoor } from "./door.ts"
import type { Speaker } from "./founding.ts"
import type { KeeperMachine } from "./keeper-machine.ts"
import type { Network } from "./network.ts"
import type { Owner } from "./owner.ts"

const HOUR_MS = 3_600_000

export class Attacker {
  readonly #agenda: Agenda
  readonly #chance: Chance
  readonly #network: Network
  readonly #machine: KeeperMachine
  readonly #signing: Signing
  readonly #site: SiteId
  readonly #key: Es256Key

  readonly #commander: Commander
  readonly #owner: Owner
  readonly #truth: Truth
  readonly #stolen: Speaker

  constructor(
    at: {
      agenda: Agenda
      chance: Chance
      network: Network
      machine: KeeperMachine
      signing: Signing
      commander: Commander
      truth: Truth
    },
    owner: Owner,
    stolen: Speaker,
  ) {
    this.#agenda = at.agenda
    this.#chance = at.chance
    this.#network = at.network
    this.#machine = at.machine
    this.#signing = at.signing
    this.#site = owner.site
    this.#owner = owner
    this.#truth = at.truth
    this.#commander = at.commander
    this.#stolen = stolen
    this.#key = at.signing.es256(at.chance.branch("key"))
  }

  /** One act against one door. */
  async act(door: SimDoor): Promise<void> {
    switch (this.#chance.below(6)) {
      case 0:
      case 1:
        return this.#replay(door)
      case 2:
        return this.#alter(door)
      case 3:
        return void this.#network.deliver(door, this.#chance.bytes(this.#chance.between(1, 300)))
      case 4:
        return void this.#network.deliver(door, this.#forged(door))
      default:
        return this.#replayUp()
    }
  }

  /** Orders: old ones over a new nonce, or as many as a stolen key can sign. */
  order(door: SimDoor): void {
    if (this.#chance.happens(50)) return this.#replayOrders(door)
    for (let orders = this.#chance.between(4, 10); orders > 0; orders--) this.#orderWithStolenKey(door)
  }

  /** What narrows a door: old tickets and those of other doors, one that was altered, one of his own making. */
  narrow(door: SimDoor): void {
    const { recordedNarrowings } = this.#network
    if (this.#chance.happens(30)) return void this.#network.deliver(door, this.#forgedNarrowing(door))
    const toThis = recordedNarrowings.filter((each) => each.door === door.id).slice(-3)
    const tickets = recordedNarrowings.length === 0 ? [] : [...toThis, this.#chance.pick(recordedNarrowings)]
    for (const { bytes } of tickets)
      this.#network.deliver(door, this.#chance.happens(20) ? this.#altered(bytes) : bytes)
  }

  #forgedNarrowing(door: SimDoor): Uint8Array {
    const now_s = secondsOf(unixMillis(this.#agenda.now_ms))
    const { heeds } = this.#truth.now.doors.get(door.id)?.config ?? {}
    const others = [...this.#truth.now.doors.keys()].filter((each) => each !== door.id)
    const narrowing = narrowingToSign(
      {
        site: this.#site,
        door: door.id,
        cause: { door: heeds?.doors[0] ?? this.#chance.pick(others), sequence: this.#chance.below(1_000) },
        result: 1,
        notBefore: now_s,
        notAfter: unixSeconds(now_s + (heeds?.narrowed_s ?? 60)),
      },
      this.#key.publicKey,
      this.#signing.crypto,
    )
    return encodeDown({ kind: "narrowing", ticket: narrowing.finish(this.#key.sign(narrowing.bytes)) })
  }

  #replayOrders(door: SimDoor): void {
    const { recordedOrders } = this.#network
    const toThis = recordedOrders.filter((order) => order.door === door.id).slice(-2)
    const orders = recordedOrders.length === 0 ? [] : [...toThis, this.#chance.pick(recordedOrders)]
    for (const { bytes } of orders) {
      this.#network.deliver(door, encodeDown({ kind: "ask nonce" }))
      this.#network.deliver(door, bytes)
    }
  }

  #orderWithStolenKey(door: SimDoor): void {
    const step = this.#network.deliver(door, encodeDown({ kind: "ask nonce" }))
    const given = step?.sent.find((up) => up.kind === "nonce")
    if (given === undefined) return
    const wish = { act: "unlock", value: 0, who: this.#stolen } as const
    const envelope = this.#commander.signed(door.id, wish, given.nonce, given.version)
    this.#network.deliver(door, encodeDown({ kind: "order", envelope }))
  }

  /** What people said for another site, with the keys that they use in this one, too. */
  async elsewhere(door: SimDoor): Promise<void> {
    const person = this.#stolen.id
    const deny = this.#owner.signElsewhere({ kind: "deny", person, credential: null }, this.#stolen)
    this.#foreign(door, encodeDown({ kind: "deny", envelope: encodeDeny(deny, []) }))
    const step = this.#network.deliver(door, encodeDown({ kind: "ask nonce" }))
    const given = step?.sent.find((up) => up.kind === "nonce")
    if (given !== undefined) {
      const { nonce, version } = given
      const order = { kind: "order", door: door.id, act: "locate", value: 0, version } as const
      const said = this.#owner.signElsewhere(order, this.#stolen, nonce)
      this.#foreign(door, encodeDown({ kind: "order", envelope: encodeOrder(said, []) }))
    }
    const statements = [deny, this.#owner.signElsewhere({ kind: "person revoke", person }, null)]
    const answer = await this.#machine.ask((keeper) => keeper.submit(statements, []))
    if (answer?.outcomes.some(({ admitted }) => admitted) === true) this.#truth.foreignAdmitted = true
  }

  #foreign(door: SimDoor, bytes: Uint8Array): void {
    this.#truth.foreign.add(toHex(bytes))
    this.#network.deliver(door, bytes)
  }

  #replay(door: SimDoor): void {
    const { recorded } = this.#network
    for (let times = this.#chance.between(1, 4); times > 0 && recorded.length > 0; times--)
      this.#network.deliver(door, this.#chance.pick(recorded))
  }

  #alter(door: SimDoor): void {
    const { recorded } = this.#network
    if (recorded.length === 0) return
    this.#network.deliver(door, this.#altered(this.#chance.pick(recorded)))
  }

  #altered(sent: Uint8Array): Uint8Array {
    const bytes = sent.slice()
    const at = this.#chance.below(bytes.length)
    bytes[at] = byteAt(bytes, at) ^ (1 << this.#chance.below(8))
    return bytes
  }

  /** What an old batch is worth to the keeper: the same place as before, and nothing else. */
  async #replayUp(): Promise<void> {
    const { recordedUp } = this.#network
    if (recordedUp.length === 0) return
    const { door, bytes } = this.#chance.pick(recordedUp)
    await this.#network.courier?.hear(door, bytes)
  }

  #forged(door: SimDoor): Uint8Array {
    const now = unixMillis(this.#agenda.now_ms + this.#chance.between(-HOUR_MS, HOUR_MS))
    const { crypto } = this.#signing
    const issued = this.#machine.keeper?.state.issued.get(door.id)
    if (this.#chance.happens(40) || issued === undefined) {
      const nonce = door.board.lock?.clock.asked?.nonce ?? this.#chance.bytes(16)
      const beacon = beaconToSign({ site: this.#site, nonce, time: now }, this.#key.publicKey, crypto)
      return encodeDown({ kind: "beacon", beacon: beacon.finish(this.#key.sign(beacon.bytes)) })
    }
    if (this.#chance.happens(20)) return encodeDown({ kind: "deny", envelope: encodeDeny(this.#chance.bytes(80), []) })
    const lease = leaseToSign(
      {
        site: this.#site,
        door: door.id,
        version: issued.version,
        policyHash: issued.policyHash,
        notBefore: secondsOf(now),
        notAfter: unixSeconds(secondsOf(now) + 2_000_000),
      },
      this.#key.publicKey,
      crypto,
    )
    return encodeDown({ kind: "lease", ticket: lease.finish(this.#key.sign(lease.bytes)) })
  }
}
