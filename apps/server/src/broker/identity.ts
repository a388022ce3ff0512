/**
 * Who is at the other end of a TLS connection: read from the certificate that the handshake authenticated.
 *
 * OpenSSL has already checked the signature, the validity and the use. Here only the names are read, and strictly: the
 * subject is one common name, of a door's lock, and the alternative name one URI, of the board that the certificate was made for.
 */
import type { TLSSocket } from "node:tls"
import type { DoorId } from "@holdfast/base"
import { parseLockName } from "@holdfast/wire"

export type Identity = { readonly door: DoorId; readonly board: string }

const COMMON_NAME = "CN="
const ONE_URI = "URI:"

export function identityOf(socket: TLSSocket): Identity | null {
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
  if (!certificate?.subject.startsWith(COMMON_NAME) || !certificate.subjectAltName?.startsWith(ONE_URI)) return null
  const door = parseLockName(certificate.subject.slice(COMMON_NAME.length))
  return door === null ? null : { door, board: certificate.subjectAltName.slice(ONE_URI.length) }
}
