/**
 * The face of core/base: assertions, bytes, ids and units. Spellings of bytes are `base/text`, CBOR is `base/cbor`, and keys
 * and signatures are `base/cose`. All four are a closed list: a helper that three rooms need finds its domain home first.
 */
export { AssertionError, assert, unreachable } from "./assert.ts"
export { byteAt, compareBytes, concat, EMPTY, equalBytes, equalSecrets } from "./bytes.ts"
export type { Crypto } from "./crypto.ts"
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
