/**
 * The owner of the simulated site with the founding key, and a guard with a key of his own: whoever makes statements.
 *
 * Everything signed is signed for this site and this moment by the owner's own clock, which is the keeper's machine's.
 */
import type { Change, Root } from "@holdfast/access"
import {
  encodeOpening,
  encodeRoot,
  labelCommitment,
  rootToSign,
  siteIdOf,
  statementToSign,
  uidCommitment,
} from "@holdfast/access/author"
import type { StatementId } from "@holdfast/access/door"
import {
  assert,
  type Crypto,
  type Id,
  idOf,
  type PersonId,
  type SiteId,
  secondsOf,
  unixMillis,
  unixSeconds,
} from "@holdfast/base"
import type { PublicKeys } from "@holdfast/keeper"
import { hpkeInfo, hpkeKeyPair, sealTo } from "@holdfast/port-node"
import type { Attachment } from "@holdfast/wire"
import type { Chance } from "../chance.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Speaker } from "./founding.ts"

export type Draft = { readonly change: Change; readonly attachment?: Attachment }

const ADMIT_WITHIN_S = 240

export class Owner {
  readonly site: SiteId
  /** Another site, whose owner and guard have the same keys. */
  readonly neighbour: SiteId
  readonly deed: Uint8Array
  readonly guardKey: Es256Key
  readonly #key: Es256Key
  readonly #hpke: Uint8Array
  readonly #crypto: Crypto
  readonly #chance: Chance
  readonly #now_ms: () => number

  constructor(keys: PublicKeys, signing: Signing, chance: Chance, now_ms: () => number) {
    this.#key = signing.es256(chance.branch("root"))
    this.guardKey = signing.es256(chance.branch("guard"))
    this.#hpke = keys.keeperHpke
    this.#crypto = signing.crypto
    this.#chance = chance
    this.#now_ms = now_ms
    const root: Root = {
      version: 1,
      keys: [this.#key.publicKey],
      threshold: 1,
      ...keys,
      origins: ["http://localhost:8080"],
      rpId: "localhost",
      epoch: 1,
      createdAt: secondsOf(unixMillis(now_ms())),
    }
    this.site = siteIdOf(encodeRoot(root), this.#crypto)
    this.neighbour = siteIdOf(encodeRoot({ ...root, rpId: "neighbour" }), this.#crypto)
    const signable = rootToSign(root, this.site, this.#key.publicKey, this.#crypto)
    this.deed = signable.finish(this.#key.sign(signable.bytes))
  }

  newId<Name extends string>(): Id<Name> {
    return idOf<Name>(this.#chance.bytes(16))
  }

  sign(change: Change): { readonly id: StatementId; readonly bytes: Uint8Array } {
    return this.#sign(change, "root", [], this.#key)
  }

  /** As the guard, by the delegation that the owner gave him. */
  signAsGuard(change: Change, guard: PersonId, delegation: StatementId): Uint8Array {
    return this.#sign(change, guard, [delegation], this.guardKey).bytes
  }

  /** As anybody with a key, over a nonce that a lock gave out. */
  signOrder(change: Change, { id, delegation, key }: Speaker, nonce: Uint8Array): Uint8Array {
    return this.#sign(change, id, [delegation], key, nonce).bytes
  }

  /** As anybody with a key. */
  signAs(change: Change, { id, delegation, key }: Speaker): Uint8Array {
    return this.#sign(change, id, [delegation], key).bytes
  }

  /** As the root, or as anybody with a key over a nonce that a lock gave out, for the other site. */
  signElsewhere(change: Change, speaker: Speaker | null, nonce: Uint8Array = this.#chance.bytes(16)): Uint8Array {
    if (speaker === null) return this.#sign(change, "root", [], this.#key, nonce, this.neighbour).bytes
    return this.#sign(change, speaker.id, [speaker.delegation], speaker.key, nonce, this.neighbour).bytes
  }

  #sign(
    change: Change,
    author: "root" | PersonId,
    chain: readonly StatementId[],
    key: Es256Key,
    nonce: Uint8Array = this.#chance.bytes(16),
    site: SiteId = this.site,
  ): { readonly id: StatementId; readonly bytes: Uint8Array } {
    const issuedAt = secondsOf(unixMillis(this.#now_ms()))
    const notAfter = unixSeconds(issuedAt + ADMIT_WITHIN_S)
    const body = { author, chain, issuedAt, notAfter, nonce, expects: [], change }
    const statement = statementToSign(site, body, key.publicKey, "key", this.#crypto)
    return { id: statement.id, bytes: statement.finish(key.sign(statement.bytes)) }
  }

  #attach(object: Id<string>, salt: Uint8Array, value: string | Uint8Array): Attachment {
    const ephemeral = hpkeKeyPair(this.#chance.bytes(32))
    const info = hpkeInfo("attachment", this.site)
    const sealed = sealTo(this.#hpke, info, encodeOpening({ salt, value }), ephemeral)
    assert(sealed !== null, "the keeper's key is a point of the curve")
    return { object, sealed }
  }

  /** A change that names something; `make` gets the commitment to the name. */
  labelled(object: Id<string>, name: string, make: (commitment: Uint8Array) => Change): Draft {
    const salt = this.#chance.bytes(16)
    return { change: make(labelCommitment(salt, name, this.#crypto)), attachment: this.#attach(object, salt, name) }
  }

  /** A change about a card; `make` gets the commitment to its UID. */
  carded(object: Id<string>, uid: Uint8Array, make: (commitment: Uint8Array) => Change): Draft {
    const salt = this.#chance.bytes(16)
    return { change: make(uidCommitment(salt, uid, this.#crypto)), attachment: this.#attach(object, salt, uid) }
  }
}
