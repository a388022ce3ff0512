/** The face of core/base: a closed list. A helper that three rooms need finds its domain home first. */
export { AssertionError, assert, unreachable } from "./assert.ts"
export {
  byteAt,
  compareBytes,
  concat,
  EMPTY,
  equalBytes,
  equalSecrets,
  fromBase64,
  fromBase64Url,
  fromHex,
  toBase64,
  toBase64Url,
  toHex,
} from "./bytes.ts"
export {
  type Cbor,
  type CborDecoded,
  type CborFault,
  type CborMap,
  decodeCbor,
  encodeCbor,
} from "./cbor.ts"
export {
  ALG_ES256,
  ALG_WEBAUTHN,
  bytesToSign,
  decodeCoseKey,
  decodeSigned,
  encodeCoseKey,
  encodeSigned,
  isLowS,
  kidOf,
  type Protected,
  PUBLIC_KEY_SIZE,
  type PublicKey,
  publicKey,
  SIGNATURE_SIZE,
  type Signed,
  type SignedType,
  toLowS,
  verifySigned,
} from "./cose.ts"
export type { Crypto } from "./crypto.ts"
export { readArray, readBoolean, readBytes, readMap, readText, readUint } from "./fields.ts"
export { idBytes, idOf, parseId } from "./ids.ts"
export {
  type Branded,
  type CredentialId,
  type DoorId,
  earliest,
  type GrantId,
  type GroupId,
  ID_SIZE,
  type Id,
  later,
  type PersonId,
  type ScheduleId,
  type SiteId,
  secondsOf,
  type UnixMillis,
  type UnixSeconds,
  type Uptime,
  unixMillis,
  unixSeconds,
  uptime,
} from "./units.ts"
export { fromUtf8, isWellFormed, utf8 } from "./utf8.ts"
