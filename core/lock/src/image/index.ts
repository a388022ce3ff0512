/** The face that a launcher carries, and whoever builds images: MCUboot's format, the decision to run one, the choice of a slot. */
export {
  type BootRecord,
  type Choice,
  chooseImage,
  confirmed,
  decodeBootRecord,
  encodeBootRecord,
  type Found,
  type ImageSlot,
  otherSlot,
  withTrial,
} from "./boot.ts"
export { type Claims, decodeClaims, encodeClaims } from "./claims.ts"
export {
  decodeImage,
  encodeSignedPart,
  IMAGE_SIZE_MAX,
  type Image,
  type ImageVersion,
  imageVersionText,
  TLV,
  type Tlv,
} from "./format.ts"
export { type ImageCrypto, keyHash, MLDSA44_KEY_SIZE, type VendorKey, type VendorTrust } from "./keys.ts"
export {
  type BoardFacts,
  type Firmware,
  type ImageFault,
  type ImageVerified,
  mlDsaMessage,
  signedImage,
  type VendorSignature,
  verifyImage,
} from "./verify.ts"
