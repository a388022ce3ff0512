/** The face for CBOR: a decoder of a format reads a map with {@link readMap} and each field of it by one getter. */
export { type Cbor, type CborDecoded, type CborFault, type CborMap, decodeCbor, encodeCbor } from "./codec.ts"
export { readArray, readBoolean, readBytes, readMap, readText, readUint } from "./fields.ts"
