/**
 * "Policy issued": the keeper's note in the authority log that it signed this policy for this door, so that every policy in
 * force can be found in the log, compiled again and compared.
 */
import { type DoorId, idBytes, type UnixSeconds } from "@holdfast/base"
import { decodeCbor, encodeCbor, readMap } from "@holdfast/base/cbor"
import { fields, readDigest, readId, readSeconds } from "./read.ts"
import { encodeVersion, readVersion, type Version } from "./version.ts"

export type Issued = {
  readonly door: DoorId
  readonly version: Version
  readonly policyHash: Uint8Array
  readonly secretsHash: Uint8Array
  readonly compiledAt: UnixSeconds
}

export function encodeIssued(issued: Issued): Uint8Array {
  return encodeCbor(
    fields(
      [0, idBytes(issued.door)],
      [1, encodeVersion(issued.version)],
      [2, issued.policyHash],
      [3, issued.secretsHash],
      [4, issued.compiledAt],
    ),
  )
}

export function decodeIssued(bytes: Uint8Array): Issued | null {
  const decoded = decodeCbor(bytes)
  const map = decoded.ok ? readMap(decoded.value, [0, 1, 2, 3, 4]) : null
  const door = readId<"DoorId">(map?.get(0))
  const version = readVersion(map?.get(1))
  const policyHash = readDigest(map?.get(2))
  const secretsHash = readDigest(map?.get(3))
  const compiledAt = readSeconds(map?.get(4))
  if (door === null || version === null || policyHash === null || secretsHash === null || compiledAt === null)
    return null
  return { door, version, policyHash, secretsHash, compiledAt }
}
