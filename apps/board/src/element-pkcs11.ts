/**
 * A secure element on a PKCS#11 token (OASIS PKCS #11 3.0): the private keys are made there and never leave it.
 *
 * Two P-256 pairs, one AES key for sealing, and the count in a private data object that a new one replaces, each under the board's name. PKCS#11 has
 * no counter that only rises: a token that gives its data objects back as they once were gives the count back too, which is
 * why the store's keys hang on chance as well. pkcs11js is loaded only here and only when asked for, since it compiles
 * native code; it is no part of the default installation.
 */
import { assert, concat, fromHex, publicKey, toLowS, utf8 } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { createRequire } from "node:module"
import { attestation, ElementError, type SecureElement } from "./element.ts"

export type TokenSettings = {
  /** The token's library, such as libsofthsm2.so. */
  readonly library: string
  readonly token_label: string
  readonly pin: string
  /** This board's name on the token. */
  readonly name: string
  /** Where pkcs11js is installed, if not beside this program. */
  readonly package_folder?: string
}

type Handle = Buffer
type Attribute = { readonly type: number; readonly value?: unknown }
type Mechanism = { readonly mechanism: number; readonly parameter?: unknown }

/** As much of pkcs11js 2 as is used here. */
type Library = {
  load(path: string): void
  C_Initialize(): void
  C_GetSlotList(isPresent: boolean): Handle[]
  C_GetTokenInfo(slot: Handle): { readonly label: string }
  C_OpenSession(slot: Handle, flags: number): Handle
  C_Login(session: Handle, user: number, pin: string): void
  C_FindObjectsInit(session: Handle, template: readonly Attribute[]): void
  C_FindObjects(session: Handle, count: number): Handle[]
  C_FindObjectsFinal(session: Handle): void
  C_GetAttributeValue(session: Handle, object: Handle, template: readonly Attribute[]): { readonly value: Buffer }[]
  C_CreateObject(session: Handle, template: readonly Attribute[]): Handle
  C_DestroyObject(session: Handle, object: Handle): void
  C_GenerateKey(session: Handle, mechanism: Mechanism, template: readonly Attribute[]): Handle
  C_GenerateKeyPair(
    session: Handle,
    mechanism: Mechanism,
    publicTemplate: readonly Attribute[],
    privateTemplate: readonly Attribute[],
  ): { readonly privateKey: Handle; readonly publicKey: Handle }
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_Sign(session: Handle, bytes: Buffer, room: Buffer): Buffer
  C_DeriveKey(session: Handle, mechanism: Mechanism, key: Handle, template: readonly Attribute[]): Handle
  C_EncryptInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_Encrypt(session: Handle, bytes: Buffer, room: Buffer): Buffer
  C_DecryptInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_Decrypt(session: Handle, bytes: Buffer, room: Buffer): Buffer
  C_GenerateRandom(session: Handle, room: Buffer): Buffer
}

/** The numbers of PKCS #11 3.0, section A, that are used here. */
const CKA_CLASS = 0x000
const CKA_TOKEN = 0x001
const CKA_PRIVATE = 0x002
const CKA_LABEL = 0x003
const CKA_VALUE = 0x011
const CKA_KEY_TYPE = 0x100
const CKA_SENSITIVE = 0x103
const CKA_ENCRYPT = 0x104
const CKA_DECRYPT = 0x105
const CKA_SIGN = 0x108
const CKA_VERIFY = 0x10a
const CKA_DERIVE = 0x10c
const CKA_VALUE_LEN = 0x161
const CKA_EXTRACTABLE = 0x162
const CKA_EC_PARAMS = 0x180
const CKA_EC_POINT = 0x181
const CKO_DATA = 0
const CKO_PUBLIC_KEY = 2
const CKO_PRIVATE_KEY = 3
const CKO_SECRET_KEY = 4
const CKK_GENERIC_SECRET = 0x10
const CKM_EC_KEY_PAIR_GEN = 0x1040
const CKM_ECDSA = 0x1041
const CKM_ECDH1_DERIVE = 0x1050
const CKM_AES_KEY_GEN = 0x1080
const CKM_AES_GCM = 0x1087
const CKF_RW_SERIAL_SESSION = 0x6
const CKU_USER = 1
const CKD_NULL = 1
/** How pkcs11js names the shapes of two parameters. */
const PARAMS_AES_GCM = 7
const PARAMS_ECDH1_DERIVE = 6

/** The object identifier of P-256 (1.2.840.10045.3.1.7), DER. */
const P256 = Buffer.from(fromHex("06082a8648ce3d030107") ?? [])
const NONCE_SIZE = 12
/** More objects of one name than there ever are. */
const OBJECTS_MAX = 16
const TAG_BITS = 128
const POINT_SIZE = 65

type Pair = { readonly privateKey: Handle; readonly point: Uint8Array }

function loadLibrary({ library, package_folder }: TokenSettings): Library {
  const from = createRequire(package_folder === undefined ? import.meta.url : `${package_folder}/package.json`)
  try {
    const { PKCS11 } = from("pkcs11js") as { readonly PKCS11: new () => Library }
    const loaded = new PKCS11()
    loaded.load(library)
    loaded.C_Initialize()
    return loaded
  } catch (error) {
    const said = error instanceof Error ? error.message.split("\n")[0] : "unknown"
    throw new ElementError(
      `no PKCS#11 token: install it with "npm install --no-save --ignore-scripts=false pkcs11js@2.1.7" (${said})`,
    )
  }
}

/** A library may be initialised once in a process, so it is kept. */
const libraries = new Map<string, Library>()

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
    const library = libraries.get(settings.library) ?? loadLibrary(settings)
    libraries.set(settings.library, library)
    this.#library = library
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
