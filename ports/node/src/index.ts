/** The outside on Node, once: hashing, signing, sealing, durable files. */
export { nodeCrypto, p256KeyObject } from "./crypto.ts"
export {
  type Ed25519Signer,
  ed25519FromPkcs8,
  type Es256Signer,
  es256FromPkcs8,
  es256Signer,
  newEd25519,
  newEs256,
  p256PublicKey,
} from "./signer.ts"
