/**
 * A secure element made of files: for example buildings, tests and boards that have no chip.
 *
 *   element/root      32 bytes from which the key of everything else is made; destroying it destroys all
 *   element/keys      the two private keys, sealed under the root
 *   element/counter   the count, with a sum under the root
 *
 * The keys lie encrypted and their key lies beside them: whoever reads the directory has both, and whoever puts an old
 * copy of it back has the old count. That is what its attestation and every lock's state say with the word "software".
 */
import { assert, equalSecrets } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readUint } from "@holdfast/base/cbor"
import { utf8 } from "@holdfast/base/text"
import {
  type Disk,
  type Es256Signer,
  es256FromPkcs8,
  type HpkeKeyPair,
  hpkeAgree,
  hpkeKeyPair,
  newEs256,
  newHpkeKeyPair,
  nodeCrypto,
} from "@holdfast/port-node"
import { attestation, ElementError, type SecureElement } from "./element.ts"

const ROOT = "element/root"
const KEYS = "element/keys"
const COUNTER = "element/counter"
const ROOT_SIZE = 32
const NONCE_SIZE = 12
const SUM_SIZE = 16

type Keys = { readonly signer: Es256Signer; readonly agreement: HpkeKeyPair }

export class SoftwareElement implements SecureElement {
  readonly kind = "software"
  readonly #disk: Disk
  readonly #random: (size: number) => Uint8Array
  #root: Uint8Array
  readonly #keys: Keys
  #counter: number

  /** The element of this disk. On a blank disk, or one whose element was destroyed, a new one is made. */
  constructor(disk: Disk, random: (size: number) => Uint8Array) {
    this.#disk = disk
    this.#random = random
    const root = disk.read(ROOT)
    const isNew = root === null || root.length === 0
    this.#root = isNew ? random(ROOT_SIZE) : root
    if (this.#root.length !== ROOT_SIZE) throw new ElementError("the software element's root is damaged")
    const counter = isNew ? 0 : this.#readCounter()
    const keys = isNew ? { signer: newEs256(), agreement: newHpkeKeyPair() } : this.#readKeys()
    if (counter === null || keys === null) throw new ElementError("the software element's files are damaged")
    this.#counter = counter
    this.#keys = keys
    if (isNew) this.#make()
  }

  /** The root last: until it is there, there is no element. */
  #make(): void {
    const { signer, agreement } = this.#keys
    this.#disk.replace(KEYS, this.seal("keys", encodeCbor([signer.pkcs8(), agreement.privateKey])))
    this.#writeCounter(this.#counter)
    this.#disk.replace(ROOT, this.#root)
  }

  #readKeys(): Keys | null {
    const plain = this.unseal("keys", this.#disk.read(KEYS) ?? new Uint8Array(0))
    const decoded = plain === null ? null : decodeCbor(plain)
    if (!decoded?.ok || !Array.isArray(decoded.value)) return null
    const [signerField, agreementField] = decoded.value as readonly Cbor[]
    const signer = readBytes(signerField, 1, 512)
    const agreement = readBytes(agreementField, 32)
    if (signer === null || agreement === null) return null
    return { signer: es256FromPkcs8(signer), agreement: hpkeKeyPair(agreement) }
  }

  #sumOf(count: number): Uint8Array {
    return nodeCrypto.hmacSha256(this.#keyFor("counter"), encodeCbor(count)).slice(0, SUM_SIZE)
  }

  #readCounter(): number | null {
    const decoded = decodeCbor(this.#disk.read(COUNTER) ?? new Uint8Array(0))
    if (!decoded.ok || !Array.isArray(decoded.value)) return null
    const [countField, sumField] = decoded.value as readonly Cbor[]
    const count = readUint(countField)
    const sum = readBytes(sumField, SUM_SIZE)
    return count !== null && sum !== null && equalSecrets(sum, this.#sumOf(count)) ? count : null
  }

  #writeCounter(count: number): void {
    this.#disk.replace(COUNTER, encodeCbor([count, this.#sumOf(count)]))
  }

  /** HKDF-Expand of the root, RFC 5869 section 2.3: one block, by purpose. */
  #keyFor(purpose: string): Uint8Array {
    if (this.#root.length === 0) throw new ElementError("the software element was destroyed")
    return nodeCrypto.hmacSha256(this.#root, utf8(`holdfast/element ${purpose}/v1\u0001`))
  }

  get signingKey(): SecureElement["signingKey"] {
    return this.#keys.signer.publicKey
  }

  sign(bytes: Uint8Array): Uint8Array {
    this.#keyFor("keys")
    return this.#keys.signer.sign(bytes)
  }

  get agreementKey(): Uint8Array {
    return this.#keys.agreement.publicKey
  }

  agree(point: Uint8Array): Uint8Array | null {
    this.#keyFor("keys")
    return hpkeAgree(this.#keys.agreement, point)
  }

  random(size: number): Uint8Array {
    return this.#random(size)
  }

  counter(): number {
    return this.#counter
  }

  advance(): number {
    this.#writeCounter(this.#counter + 1)
    this.#counter += 1
    return this.#counter
  }

  /** nonce 12 || AES-256-GCM, the purpose bound. */
  seal(purpose: string, plain: Uint8Array): Uint8Array {
    const nonce = this.#random(NONCE_SIZE)
    assert(nonce.length === NONCE_SIZE, "a nonce is 12 bytes of chance")
    return Buffer.concat([nonce, nodeCrypto.aesGcmSeal(this.#keyFor("seal"), nonce, utf8(purpose), plain)])
  }

  unseal(purpose: string, sealed: Uint8Array): Uint8Array | null {
    const key = this.#keyFor("seal")
    if (sealed.length < NONCE_SIZE) return null
    return nodeCrypto.aesGcmOpen(key, sealed.slice(0, NONCE_SIZE), utf8(purpose), sealed.slice(NONCE_SIZE))
  }

  attest(challenge: Uint8Array): Uint8Array {
    const { kind, signingKey, agreementKey } = this
    return attestation({ kind, signingKey, agreementKey, counter: this.counter() }, challenge, (each) =>
      this.sign(each),
    )
  }

  /** The root goes first, durably: what is left then is noise. */
  zeroize(): void {
    this.#disk.replace(ROOT, new Uint8Array(0))
    this.#root = new Uint8Array(0)
    for (const file of [KEYS, COUNTER]) this.#disk.remove(file)
  }
}
