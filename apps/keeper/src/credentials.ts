/**
 * Credentials' secrets: made here, told once to whoever enrols, and sealed for each lock that has to recognise them.
 *
 * A PIN and its code for duress are drawn here and never chosen; a card gets four keys, one for each zone application, diversified from masters that
 * never leave the keeper. A lock is given the two codes, or the UID and the one key of its own zone, and only for credentials in its
 * door's policy. Names and cards' UIDs come in as openings of commitments.
 */
import { type Change, encodeIssuedSecret, type Opening, type PairedLock } from "@holdfast/access"
import { attachmentOf, opens } from "@holdfast/access/author"
import { encodeSecret } from "@holdfast/access/door"
import { assert, type CredentialId, type Id, toHex } from "@holdfast/base"
import { cardKey } from "@holdfast/lock/devices"
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

/** Whoever can open what is sealed for a door's lock: its key, in the zone application of the door. */
function lockName(lock: PairedLock, zone: number): string {
  return `${toHex(lock.hpkeKey.subarray(1, 17))}/${zone}`
}

export class Credentials {
  readonly #keeping: Keeping

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** Why a change cannot be carried out, whatever its author may: what it needs from here is missing or wrong. */
  fault(change: Change, opening: Opening | undefined): CredentialFault | null {
    const { crypto } = this.#keeping.ports
    if (attachmentOf(change) !== null) {
      if (opening === undefined) return "attachment missing"
      if (!opens(change, opening, crypto)) return "attachment does not open the commitment"
    }
    if (change.kind === "lock pair" && !this.#isKey(change.hpkeKey)) return "recipient is no key"
    if (change.kind !== "credential add" || change.what === "phone") return null
    if (!this.#isKey(change.recipient)) return "recipient is no key"
    return change.what === "pin" && !hasCodesLeft(this.#keeping.vault.codes) ? "no PIN left" : null
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
    if (change.what === "pin") {
      const codes = newCodes(vault.codes, (size) => ports.random(size))
      assert(codes !== null, "there was a PIN left")
      vault.putSecret(change.credential, { what: "pin", codes })
    } else {
      assert(opening !== undefined && typeof opening.value !== "string", "a card's commitment was opened")
      vault.putSecret(change.credential, { what: "card", uid: opening.value })
    }
  }

  /** The secret of a new credential, sealed to whoever enrols; null for changes that issue nothing. */
  issued(change: Change): { readonly credential: CredentialId; readonly sealed: Uint8Array } | null {
    if (change.kind !== "credential add" || change.what === "phone") return null
    const { credential, recipient } = change
    const secret = this.#keeping.vault.secret(credential)
    if (secret === null) return null
    const plain =
      secret.what === "pin"
        ? encodeIssuedSecret({ kind: "pin", credential, ...secret.codes })
        : encodeIssuedSecret({ kind: "card", credential, keys: this.#cardKeys(secret.uid) })
    const sealed = seal(this.#keeping, "issued", recipient, plain)
    assert(sealed !== null, "the recipient was tried before")
    return { credential, sealed }
  }

  /** The hash of the credential's secret as it is sealed to this lock, made once; null when there is no such secret. */
  sealedHash(credential: CredentialId, lock: PairedLock, zone: number): Uint8Array | null {
    const { vault } = this.#keeping
    const name = lockName(lock, zone)
    const known = vault.sealedHash(credential, name)
    if (known !== null) return known
    const secret = vault.secret(credential)
    if (secret === null) return null
    const plain =
      secret.what === "pin"
        ? encodeSecret({ kind: "pin", credential, ...secret.codes })
        : encodeSecret({ kind: "card", credential, uid: secret.uid, key: this.#cardKey(secret.uid, zone) })
    const sealed = seal(this.#keeping, "secret", lock.hpkeKey, plain)
    assert(sealed !== null, "the lock's key was tried before")
    vault.putSealed(credential, name, sealed)
    return vault.sealedHash(credential, name)
  }

  /** What {@link sealedHash} made, for this lock and nobody else. */
  sealed(credential: CredentialId, lock: PairedLock, zone: number): Uint8Array | null {
    return this.#keeping.vault.sealed(credential, lockName(lock, zone))
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
