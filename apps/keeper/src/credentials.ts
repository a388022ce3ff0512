/**
 * Credentials' secrets: made here, told once to whoever enrols, and sealed for each lock that has to recognise them.
 *
 * A PIN and its code for duress are drawn here and never chosen; a card gets four keys, one for each zone application,
 * diversified from masters that never leave the keeper. A lock is given the two codes, or the UID and the one key of its own
 * zone, and only for credentials in its door's policy. Names and cards' UIDs come in as openings of commitments.
 *
 * Offline PINs have two halves. The owner's is told to whoever shall make codes; the site's stays here, and gives its share to
 * one code at a time, each asked for by a statement in the log. Locks are given both, the site's made for their door alone.
 */
import {
  type Change,
  encodeIssuedSecret,
  type IssuedSecret,
  type OfflineCodeChange,
  type Opening,
  type PairedLock,
  type State,
} from "@holdfast/access"
import { attachmentOf, opens } from "@holdfast/access/author"
import { encodeSecret, type Secret as LockSecret } from "@holdfast/access/door"
import { assert, type CredentialId, type DoorId, type Id } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { cardKey } from "@holdfast/lock/devices"
import { descriptorBytes, offlineDigits, shareFrom, siteHalf } from "@holdfast/lock/offline"
import { hpkeInfo, hpkeKeyPair, type HpkePurpose, sealTo } from "@holdfast/port-node"
import type { Keeping } from "./keeping.ts"
import { hasCodesLeft, newCodes } from "./pin.ts"

export type CredentialFault =
  | "attachment missing"
  | "attachment does not open the commitment"
  | "recipient is no key"
  | "no PIN left"

/** Seals with chance that was injected, so that a run with one seed repeats. */
export function seal(
  keeping: Keeping,
  purpose: HpkePurpose,
  recipient: Uint8Array,
  plain: Uint8Array,
): Uint8Array | null {
  const ephemeral = hpkeKeyPair(keeping.ports.random(32))
  return sealTo(recipient, hpkeInfo(purpose, keeping.site), plain, ephemeral)
}

/** Where a lock is: its door, the zone application there, and whether the credential is a half that stays with the site. */
export type LockPlace = { readonly door: DoorId; readonly zone: number; readonly isSiteHalf: boolean }

/** Whoever can open what is sealed for a door's lock: its key, in the zone application of the door, or at that door alone. */
function lockName(lock: PairedLock, { door, zone, isSiteHalf }: LockPlace): string {
  return `${toHex(lock.hpkeKey.subarray(1, 17))}/${isSiteHalf ? door : zone}`
}

const HALF_KEY_SIZE = 32
/** A holder's keys are never changed: the credential goes, and another comes. */
const HALF_EPOCH = 0

export function asksForPin(change: Change): boolean {
  return change.kind === "credential add" && change.what === "pin"
}

export class Credentials {
  readonly #keeping: Keeping

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /**
   * Why a change cannot be carried out, whatever its author may: what it needs from here is missing or wrong. `pins_ahead` are
   * those that are asked for before it in the same request.
   */
  fault(change: Change, opening: Opening | undefined, pins_ahead: number): CredentialFault | null {
    const { crypto } = this.#keeping.ports
    if (attachmentOf(change) !== null) {
      if (opening === undefined) return "attachment missing"
      if (!opens(change, opening, crypto)) return "attachment does not open the commitment"
    }
    if (change.kind === "lock pair" && !this.#isKey(change.hpkeKey)) return "recipient is no key"
    if (change.kind === "offline code") return this.#isKey(change.recipient) ? null : "recipient is no key"
    if (change.kind !== "credential add" || change.what === "phone" || change.what === "site half") return null
    if (!this.#isKey(change.recipient)) return "recipient is no key"
    return asksForPin(change) && !hasCodesLeft(this.#keeping.vault.codes, pins_ahead + 1) ? "no PIN left" : null
  }

  #isKey(recipient: Uint8Array): boolean {
    return seal(this.#keeping, "issued", recipient, new Uint8Array(0)) !== null
  }

  /** Keeps what an admitted change brings, or makes what it asks for. Durable after the vault's next sync. */
  keep(change: Change, opening: Opening | undefined): void {
    const { vault, ports } = this.#keeping
    const object: Id<string> | null = attachmentOf(change)
    if (opening !== undefined && object !== null && typeof opening.value === "string")
      vault.putLabel(object, { salt: opening.salt, text: opening.value })
    if (change.kind !== "credential add" || change.what === "phone") return
    if (change.what === "owner half" || change.what === "site half") {
      vault.putSecret(change.credential, { what: "half", key: ports.random(HALF_KEY_SIZE) })
    } else if (change.what === "pin") {
      const codes = newCodes(vault.codes, (size) => ports.random(size))
      assert(codes !== null, "there was a PIN left")
      vault.putSecret(change.credential, { what: "pin", codes })
    } else {
      assert(opening !== undefined && typeof opening.value !== "string", "a card's commitment was opened")
      vault.putSecret(change.credential, { what: "card", uid: opening.value })
    }
  }

  /** The secret of a new credential, or the site's share of an offline PIN, sealed to whoever asked; null for all else. */
  issued(change: Change, state: State): { readonly credential: CredentialId; readonly sealed: Uint8Array } | null {
    const isSecret = change.kind === "credential add" && change.what !== "phone" && change.what !== "site half"
    if (!isSecret && change.kind !== "offline code") return null
    const { credential, recipient } = change
    const told = change.kind === "offline code" ? this.#share(change, state) : this.#told(credential)
    if (told === null) return null
    const plain = encodeIssuedSecret(told)
    const sealed = seal(this.#keeping, "issued", recipient, plain)
    assert(sealed !== null, "the recipient was tried before")
    return { credential, sealed }
  }

  #told(credential: CredentialId): IssuedSecret | null {
    const secret = this.#keeping.vault.secret(credential)
    switch (secret?.what) {
      case undefined:
        return null
      case "pin":
        return { kind: "pin", credential, ...secret.codes }
      case "card":
        return { kind: "card", credential, keys: this.#cardKeys(secret.uid) }
      case "half":
        return { kind: "owner half", credential, key: secret.key }
    }
  }

  /** What the site gives to one offline PIN; null where the same person has no half of the site. */
  #share({ credential, door, ...said }: OfflineCodeChange, state: State): IssuedSecret | null {
    const person = state.credentials.get(credential)?.person
    const held = [...((person === undefined ? undefined : state.people.get(person))?.credentials ?? [])]
    const site = held.find((id) => state.credentials.get(id)?.what === "site half")
    const secret = site === undefined ? null : this.#keeping.vault.secret(site)
    const grade = state.doors.get(door)?.config.grade
    if (secret?.what !== "half" || grade === undefined) return null
    const { crypto } = this.#keeping.ports
    const digits = offlineDigits(grade)
    const bytes = descriptorBytes({ ...said, epoch: HALF_EPOCH })
    const share = shareFrom(crypto.hmacSha256(siteHalf(crypto, secret.key, door), bytes), digits)
    return { kind: "offline share", credential, digits, share }
  }

  /** The hash of the credential's secret as it is sealed to this lock, made once; null when there is no such secret. */
  sealedHash(credential: CredentialId, lock: PairedLock, place: LockPlace): Uint8Array | null {
    const { vault } = this.#keeping
    const name = lockName(lock, place)
    const known = vault.sealedHash(credential, name)
    if (known !== null) return known
    const secret = this.#forLock(credential, place)
    if (secret === null) return null
    const sealed = seal(this.#keeping, "secret", lock.hpkeKey, encodeSecret(secret))
    assert(sealed !== null, "the lock's key was tried before")
    vault.putSealed(credential, name, sealed)
    return vault.sealedHash(credential, name)
  }

  /** What {@link sealedHash} made, for this lock and nobody else. */
  sealed(credential: CredentialId, lock: PairedLock, place: LockPlace): Uint8Array | null {
    return this.#keeping.vault.sealed(credential, lockName(lock, place))
  }

  /** A half of the site's is another one at each door, so that what one lock knows is worth nothing at another (attack 58). */
  #forLock(credential: CredentialId, { door, zone, isSiteHalf }: LockPlace): LockSecret | null {
    const secret = this.#keeping.vault.secret(credential)
    switch (secret?.what) {
      case undefined:
        return null
      case "pin":
        return { kind: "pin", credential, ...secret.codes }
      case "card":
        return { kind: "card", credential, uid: secret.uid, key: this.#cardKey(secret.uid, zone) }
      case "half": {
        const half = isSiteHalf ? "site" : "owner"
        const key = isSiteHalf ? siteHalf(this.#keeping.ports.crypto, secret.key, door) : secret.key
        return { kind: "offline half", credential, half, epoch: HALF_EPOCH, key }
      }
    }
  }

  #cardKeys(uid: Uint8Array): Uint8Array[] {
    return this.#keeping.keys.zones.map((_, zone) => this.#cardKey(uid, zone))
  }

  #cardKey(uid: Uint8Array, zone: number): Uint8Array {
    const master = this.#keeping.keys.zones[zone]
    assert(master !== undefined, "a zone application is 0 to 3")
    return cardKey(this.#keeping.ports.crypto, master, uid, zone, this.#keeping.site)
  }
}
