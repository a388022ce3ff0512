/**
 * PKCS #11 3.0 (OASIS) as far as a board's secure element uses it: the shapes of pkcs11js 2, the standard's numbers, and loading
 * a token's library.
 *
 * pkcs11js is loaded only here and only when asked for, since it compiles native code; it is no part of the default
 * installation. What the objects on a token are for is element-pkcs11.ts's.
 */
import { createRequire } from "node:module"
import { ElementError } from "./element.ts"

export type LibrarySettings = {
  /** The token's library, such as libsofthsm2.so. */
  readonly library: string
  /** Where pkcs11js is installed, if not beside this program. */
  readonly package_folder?: string
}

/** What the token names an object or a session by. */
export type Handle = Buffer
export type Attribute = { readonly type: number; readonly value?: unknown }
export type Mechanism = { readonly mechanism: number; readonly parameter?: unknown }

/** As much of pkcs11js 2 as is used here. */
export type Library = {
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
export const CKA_CLASS = 0x000
export const CKA_TOKEN = 0x001
export const CKA_PRIVATE = 0x002
export const CKA_LABEL = 0x003
export const CKA_VALUE = 0x011
export const CKA_KEY_TYPE = 0x100
export const CKA_SENSITIVE = 0x103
export const CKA_ENCRYPT = 0x104
export const CKA_DECRYPT = 0x105
export const CKA_SIGN = 0x108
export const CKA_VERIFY = 0x10a
export const CKA_DERIVE = 0x10c
export const CKA_VALUE_LEN = 0x161
export const CKA_EXTRACTABLE = 0x162
export const CKA_EC_PARAMS = 0x180
export const CKA_EC_POINT = 0x181
export const CKO_DATA = 0
export const CKO_PUBLIC_KEY = 2
export const CKO_PRIVATE_KEY = 3
export const CKO_SECRET_KEY = 4
export const CKK_GENERIC_SECRET = 0x10
export const CKM_EC_KEY_PAIR_GEN = 0x1040
export const CKM_ECDSA = 0x1041
export const CKM_ECDH1_DERIVE = 0x1050
export const CKM_AES_KEY_GEN = 0x1080
export const CKM_AES_GCM = 0x1087
export const CKF_RW_SERIAL_SESSION = 0x6
export const CKU_USER = 1
export const CKD_NULL = 1
/** How pkcs11js names the shapes of two parameters. */
export const PARAMS_AES_GCM = 7
export const PARAMS_ECDH1_DERIVE = 6

function load({ library, package_folder }: LibrarySettings): Library {
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

/** The token's library, loaded and initialised; an {@link ElementError} where it, or pkcs11js, is not there. */
export function libraryOf(settings: LibrarySettings): Library {
  const library = libraries.get(settings.library) ?? load(settings)
  libraries.set(settings.library, library)
  return library
}
