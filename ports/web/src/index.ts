/** The outside in a browser, once: verifying, keys that cannot be carried away, passkeys, sealing. */
export { webCrypto } from "./crypto.ts"
export { type HpkePurpose, hpkeInfo, openSealed, sealTo } from "./hpke.ts"
export {
  type About,
  describeKey,
  findMacKey,
  findSealingKey,
  findSigningKey,
  forgetKey,
  keepMacKey,
  keepSealingKey,
  KeyStoreError,
  type MacKey,
  newSealingKey,
  newSigningKey,
  type SealingKey,
  type SigningKey,
} from "./keys.ts"
export {
  type Assertion,
  createPasskey,
  type Passkey,
  PasskeyError,
  passkeysAvailable,
  randomBytes,
  usePasskey,
} from "./webauthn.ts"
