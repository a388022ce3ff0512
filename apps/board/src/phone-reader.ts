/**
 * The lock's private keys towards phones: the lasting one that signs, sealed by the board's element, and an ephemeral one for
 * each meeting, in memory only.
 *
 * It answers what the lock asks, and decides nothing. A new ephemeral key takes the place of the one before.
 */
import { concat } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import type { PhoneAsk, PhoneInput } from "@holdfast/lock"
import { type Disk, type Es256Signer, es256FromPkcs8, newEs256 } from "@holdfast/port-node"
import { createECDH, type ECDH } from "node:crypto"
import type { SecureElement } from "./element.ts"
import { BoardKeysError } from "./keys.ts"

export const READER_KEY_FILE = "reader-key"
const PURPOSE = "key towards phones"

/** An ephemeral P-256 key: its public half, and what it agrees upon with a point, or null where that is none of the curve. */
export type Ephemeral = { readonly key: PublicKey; agree(point: PublicKey): Uint8Array | null }

export function newEphemeral(): Ephemeral {
  const own: ECDH = createECDH("prime256v1")
  const key = publicKey(new Uint8Array(own.generateKeys()).slice(1))
  const agree = (point: PublicKey): Uint8Array | null => {
    try {
      return new Uint8Array(own.computeSecret(concat(Uint8Array.of(4), point)))
    } catch {
      return null // No point of the curve: an answer from outside, and nothing of ours.
    }
  }
  return { key, agree }
}

/** The key of this board towards phones; made, sealed and durable when it is first asked for. */
function signerOf(disk: Disk, element: SecureElement): Es256Signer {
  const sealed = disk.read(READER_KEY_FILE)
  if (sealed === null) {
    const made = newEs256()
    disk.replace(READER_KEY_FILE, element.seal(PURPOSE, made.pkcs8()))
    return made
  }
  const plain = element.unseal(PURPOSE, sealed)
  if (plain === null)
    throw new BoardKeysError("the board's key towards phones cannot be read: restore it from a backup")
  return es256FromPkcs8(plain)
}

export class PhoneReader {
  readonly #signer: Es256Signer
  #ephemeral: Ephemeral = newEphemeral()

  constructor(disk: Disk, element: SecureElement) {
    this.#signer = signerOf(disk, element)
  }

  get publicKey(): PublicKey {
    return this.#signer.publicKey
  }

  answer(ask: PhoneAsk): PhoneInput {
    switch (ask.kind) {
      case "make ephemeral":
        this.#ephemeral = newEphemeral()
        return { kind: "made", key: this.#ephemeral.key }
      case "sign reader":
        return { kind: "signed", signature: this.#signer.sign(ask.bytes) }
      case "agree":
        return { kind: "agreed", secret: this.#ephemeral.agree(ask.key) }
    }
  }
}
