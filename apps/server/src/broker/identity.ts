/**
 * Who is at the other end of a TLS connection: read from the certificate that the handshake authenticated.
 *
 * OpenSSL has already checked the signature, the validity and the use. Here only the name is read, and strictly: the
 * subject is one common name and nothing else.
 */
import type { TLSSocket } from "node:tls"
import type { DoorId } from "@holdfast/base"
import { parseLockName } from "@holdfast/wire"

export type Identity = { readonly door: DoorId /** Lower-case hex. */; readonly serial: string }

const COMMON_NAME = "CN="

export function identityOf(socket: TLSSocket): Identity | null {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  if (!certificate?.subject.startsWith(COMMON_NAME)) return null
  const door = parseLockName(certificate.subject.slice(COMMON_NAME.length))
  return door === null ? null : { door, serial: certificate.serialNumber.toLowerCase() }
}
