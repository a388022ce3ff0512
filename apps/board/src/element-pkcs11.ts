/**
 * A secure element on a PKCS#11 token (OASIS PKCS #11 3.0): the private keys are made there and never leave it.
 *
 * Two P-256 pairs, one AES key for sealing, and the count in a private data object that a new one replaces, each under the
 * board's name. PKCS#11 has no counter that only rises: a token that gives its data objects back as they once were gives the
 * count back too, which is why the store's keys hang on chance as well. The standard's numbers and pkcs11js are pkcs11.ts's.
 */
import { assert, concat } from "@holdfast/base"
import { publicKey, toLowS } from "@holdfast/base/cose"
import { fromHex, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { attestation, ElementError, type SecureElement } from "./element.ts"
import {
  CKA_CLASS,
  CKA_DECRYPT,
  CKA_DERIVE,
  CKA_EC_PARAMS,
  CKA_EC_POINT,
  CKA_ENCRYPT,
  CKA_EXTRACTABLE,
  CKA_KEY_TYPE,
  CKA_LABEL,
  CKA_PRIVATE,
  CKA_SENSITIVE,
  CKA_SIGN,
  CKA_TOKEN,
  CKA_VALUE,
  CKA_VALUE_LEN,
  CKA_VERIFY,
  CKD_NULL,
  CKF_RW_SERIAL_SESSION,
  CKK_GENERIC_SECRET,
  CKM_AES_GCM,
  CKM_AES_KEY_GEN,
  CKM_ECDH1_DERIVE,
  CKM_ECDSA,
  CKM_EC_KEY_PAIR_GEN,
  CKO_DATA,
  CKO_PRIVATE_KEY,
  CKO_PUBLIC_KEY,
  CKO_SECRET_KEY,
  CKU_USER,
  PARAMS_AES_GCM,
  PARAMS_ECDH1_DERIVE,
  type Attribute,
  type Handle,
  type Library,
  type LibrarySettings,
  libraryOf,
  type Mechanism,
} from "./pkcs11.ts"

export type TokenSettings = LibrarySettings & {
  readonly token_label: string
  readonly pin: string
  /** This board's name on the token. */
  readonly name: string
}

/** The object identifier of P-256 (1.2.840.10045.3.1.7), DER. */
const P256 = Buffer.from(fromHex("06082a8648ce3d030107") ?? [])
const NONCE_SIZE = 12
/** More objects of one name than there ever are. */
const OBJECTS_MAX = 16
const TAG_BITS = 128
const POINT_SIZE = 65

type Pair = { readonly privateKey: Handle; readonly point: Uint8Array }

export class TokenElement implements SecureElement {
  readonly kind = "pkcs11"
  readonly #library: Library
  readonly #session: Handle
  readonly #name: string
  readonly #signing: Pair
  readonly #agreement: Pair
  readonly #sealing: Handle
  #count: { readonly object: Handle; readonly value: number }

  /** This board's objects on the token; those that are not there are made. */
  constructor(settings: TokenSettings) {
    this.#library = libraryOf(settings)
    this.#name = settings.name
    this.#session = this.#open(settings)
    this.#signing = this.#pair("signing", [{ type: CKA_SIGN, value: true }])
    this.#agreement = this.#pair("agreement", [{ type: CKA_DERIVE, value: true }])
    this.#sealing = this.#find(CKO_SECRET_KEY, "sealing") ?? this.#makeSealing()
    this.#count = this.#highestCount() ?? this.#makeCount(0)
  }

  #open({ token_label, pin }: TokenSettings): Handle {
    const slots = this.#library.C_GetSlotList(true)
    const slot = slots.find((each) => this.#library.C_GetTokenInfo(each).label.trim() === token_label)
    if (slot === undefined) throw new ElementError(`there is no token labelled ${token_label}`)
    const session = this.#library.C_OpenSession(slot, CKF_RW_SERIAL_SESSION)
    try {
      this.#library.C_Login(session, CKU_USER, pin)
    } catch (error) {
      // One login is for all sessions of a process.
      const isIn = error instanceof Error && error.message.includes("ALREADY_LOGGED_IN")
      if (!isIn) throw new ElementError(`the token ${token_label} does not take this PIN`)
    }
    return session
  }

  #label(what: string): Attribute {
    return { type: CKA_LABEL, value: `${this.#name}/${what}` }
  }

  #findAll(kind: number, what: string): readonly Handle[] {
    this.#library.C_FindObjectsInit(this.#session, [{ type: CKA_CLASS, value: kind }, this.#label(what)])
    const found = this.#library.C_FindObjects(this.#session, OBJECTS_MAX)
    this.#library.C_FindObjectsFinal(this.#session)
    return found
  }

  #find(kind: number, what: string): Handle | null {
    return this.#findAll(kind, what)[0] ?? null
  }

  #value(object: Handle, type: number): Uint8Array {
    const [attribute] = this.#library.C_GetAttributeValue(this.#session, object, [{ type }])
    if (attribute === undefined) throw new ElementError("the token does not show what it should")
    return new Uint8Array(attribute.value)
  }

  #pair(what: string, use: readonly Attribute[]): Pair {
    const found = this.#find(CKO_PRIVATE_KEY, what)
    const shown = this.#find(CKO_PUBLIC_KEY, what)
    if (found !== null && shown !== null) return { privateKey: found, point: this.#pointOf(shown) }
    const stored = [{ type: CKA_TOKEN, value: true }, this.#label(what)]
    const made = this.#library.C_GenerateKeyPair(
      this.#session,
      { mechanism: CKM_EC_KEY_PAIR_GEN },
      [...stored, { type: CKA_EC_PARAMS, value: P256 }, { type: CKA_VERIFY, value: true }],
      [
        ...stored,
        ...use,
        { type: CKA_PRIVATE, value: true },
        { type: CKA_SENSITIVE, value: true },
        { type: CKA_EXTRACTABLE, value: false },
      ],
    )
    return { privateKey: made.privateKey, point: this.#pointOf(made.publicKey) }
  }

  /** The point stands in a DER octet string: two bytes before it. */
  #pointOf(object: Handle): Uint8Array {
    const der = this.#value(object, CKA_EC_POINT)
    assert(der.length === POINT_SIZE + 2 && der[2] === 4, "the point of a P-256 key is uncompressed")
    return der.slice(2)
  }

  #makeSealing(): Handle {
    return this.#library.C_GenerateKey(this.#session, { mechanism: CKM_AES_KEY_GEN }, [
      this.#label("sealing"),
      { type: CKA_TOKEN, value: true },
      { type: CKA_PRIVATE, value: true },
      { type: CKA_SENSITIVE, value: true },
      { type: CKA_EXTRACTABLE, value: false },
      { type: CKA_ENCRYPT, value: true },
      { type: CKA_DECRYPT, value: true },
      { type: CKA_VALUE_LEN, value: 32 },
    ])
  }

  #makeCount(value: number): { readonly object: Handle; readonly value: number } {
    const object = this.#library.C_CreateObject(this.#session, [
      this.#label("count"),
      { type: CKA_CLASS, value: CKO_DATA },
      { type: CKA_TOKEN, value: true },
      { type: CKA_PRIVATE, value: true },
      { type: CKA_VALUE, value: countBytes(value) },
    ])
    return { object, value }
  }

  /** Where the power went between a new count and the end of the old one there are two. */
  #highestCount(): { readonly object: Handle; readonly value: number } | null {
    const counts = this.#findAll(CKO_DATA, "count").map((object) => {
      const bytes = Buffer.from(this.#value(object, CKA_VALUE))
      if (bytes.length !== COUNT_SIZE) throw new ElementError("the token's count is damaged")
      return { object, value: bytes.readUIntBE(0, COUNT_SIZE) }
    })
    const [highest, ...others] = counts.sort((one, other) => other.value - one.value)
    for (const { object } of others) this.#library.C_DestroyObject(this.#session, object)
    return highest ?? null
  }

  get signingKey(): SecureElement["signingKey"] {
    return publicKey(this.#signing.point.slice(1))
  }

  sign(bytes: Uint8Array): Uint8Array {
    this.#library.C_SignInit(this.#session, { mechanism: CKM_ECDSA }, this.#signing.privateKey)
    const digest = Buffer.from(nodeCrypto.sha256(bytes))
    return toLowS(new Uint8Array(this.#library.C_Sign(this.#session, digest, Buffer.alloc(64))))
  }

  get agreementKey(): Uint8Array {
    return this.#agreement.point
  }

  agree(point: Uint8Array): Uint8Array | null {
    if (point.length !== POINT_SIZE || point[0] !== 4) return null
    const publicData = Buffer.from(point)
    const parameter = { type: PARAMS_ECDH1_DERIVE, kdf: CKD_NULL, publicData }
    try {
      const shared = this.#library.C_DeriveKey(
        this.#session,
        { mechanism: CKM_ECDH1_DERIVE, parameter },
        this.#agreement.privateKey,
        [
          { type: CKA_CLASS, value: CKO_SECRET_KEY },
          { type: CKA_KEY_TYPE, value: CKK_GENERIC_SECRET },
          { type: CKA_VALUE_LEN, value: 32 },
          { type: CKA_SENSITIVE, value: false },
          { type: CKA_EXTRACTABLE, value: true },
        ],
      )
      const value = this.#value(shared, CKA_VALUE)
      this.#library.C_DestroyObject(this.#session, shared)
      return value
    } catch {
      return null // Not a point of the curve.
    }
  }

  random(size: number): Uint8Array {
    return new Uint8Array(this.#library.C_GenerateRandom(this.#session, Buffer.alloc(size)))
  }

  counter(): number {
    return this.#count.value
  }

  /** A data object's value cannot be changed on every token, so the new count comes before the old one goes. */
  advance(): number {
    const old = this.#count
    this.#count = this.#makeCount(old.value + 1)
    this.#library.C_DestroyObject(this.#session, old.object)
    return this.#count.value
  }

  #gcm(purpose: string, nonce: Uint8Array): Mechanism {
    const parameter = {
      type: PARAMS_AES_GCM,
      iv: Buffer.from(nonce),
      ivBits: 96,
      aad: Buffer.from(utf8(purpose)),
      tagBits: TAG_BITS,
    }
    return { mechanism: CKM_AES_GCM, parameter }
  }

  seal(purpose: string, plain: Uint8Array): Uint8Array {
    const nonce = this.random(NONCE_SIZE)
    this.#library.C_EncryptInit(this.#session, this.#gcm(purpose, nonce), this.#sealing)
    const room = Buffer.alloc(plain.length + TAG_BITS / 8)
    return concat(nonce, this.#library.C_Encrypt(this.#session, Buffer.from(plain), room))
  }

  unseal(purpose: string, sealed: Uint8Array): Uint8Array | null {
    if (sealed.length < NONCE_SIZE + TAG_BITS / 8) return null
    this.#library.C_DecryptInit(this.#session, this.#gcm(purpose, sealed.slice(0, NONCE_SIZE)), this.#sealing)
    const body = Buffer.from(sealed.slice(NONCE_SIZE))
    try {
      return new Uint8Array(this.#library.C_Decrypt(this.#session, body, Buffer.alloc(body.length)))
    } catch {
      return null // The tag does not fit.
    }
  }

  attest(challenge: Uint8Array): Uint8Array {
    const { kind, signingKey, agreementKey } = this
    return attestation({ kind, signingKey, agreementKey, counter: this.counter() }, challenge, (each) =>
      this.sign(each),
    )
  }

  zeroize(): void {
    const shown = [this.#find(CKO_PUBLIC_KEY, "signing"), this.#find(CKO_PUBLIC_KEY, "agreement")]
    const objects = [this.#sealing, this.#signing.privateKey, this.#agreement.privateKey, this.#count.object, ...shown]
    for (const object of objects) if (object !== null) this.#library.C_DestroyObject(this.#session, object)
  }
}

const COUNT_SIZE = 6

function countBytes(count: number): Buffer {
  const bytes = Buffer.alloc(COUNT_SIZE)
  bytes.writeUIntBE(count, 0, COUNT_SIZE)
  return bytes
}
