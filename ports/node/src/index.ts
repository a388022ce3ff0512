/** The outside on Node, once: hashing, signing, sealing, durable files. */
export { nodeCrypto, p256KeyObject, verifyMlDsa44 } from "./crypto.ts"
export { type AppendFile, type Disk, DiskError } from "./disk.ts"
export {
  HPKE_PUBLIC_KEY_SIZE,
  type HpkeKeyPair,
  type HpkeRecipient,
  hpkeAgree,
  hpkeKeyPair,
  newHpkeKeyPair,
  openSealed,
  type HpkePurpose,
  hpkeInfo,
  sealTo,
} from "./hpke.ts"
export {
  type Framing,
  KeeperClient,
  type KeeperClientOptions,
  KeeperLineError,
  type SocketFrame,
} from "./keeper-client.ts"
export { type Fate, MemoryDisk, PowerCut } from "./memory-disk.ts"
export { NodeDisk } from "./node-disk.ts"
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
export { type BuiltZoneTable, buildZoneTable, isZone, tzdataVersion, type ZoneTransition } from "./zones.ts"
