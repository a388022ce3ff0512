/**
 * An X.509 v3 certificate (RFC 5280), P-256 with SHA-256, written from its parts.
 *
 * One file owns the format: what stands in a certificate of ours is what this file writes. Whether one is genuine is
 * OpenSSL's to judge, in the TLS handshake. Why not a library: ours has three fixed shapes, and the usual one brings
 * seventeen packages and a global polyfill along.
 */
import { createHash, type KeyObject, sign } from "node:crypto"
import { isIPv4 } from "node:net"
import { assert, type UnixSeconds } from "@holdfast/base"
import { toBase64, utf8 } from "@holdfast/base/text"
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  setOfOne,
  time,
  utf8String,
} from "./der.ts"

export const SERIAL_SIZE = 16
const ECDSA_WITH_SHA256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"))
const COMMON_NAME = objectIdentifier("2.5.4.3")
const USAGE_OIDS = { "TLS server": "1.3.6.1.5.5.7.3.1", "TLS client": "1.3.6.1.5.5.7.3.2" }
const VERSION_3 = explicit(0, integer(Uint8Array.of(2)))

/** What a certificate is for. Server and lock have distinct uses, so neither can stand in for the other. */
export type CertificateUse =
  | { readonly kind: "authority" }
  | { readonly kind: "TLS server"; readonly names: readonly string[] }
  /** `board` is a URI that names the board itself; the subject names the door that it is for. */
  | { readonly kind: "TLS client"; readonly board: string }

export type CertificateParts = {
  /** {@link SERIAL_SIZE} bytes, the first between 0x40 and 0x7f, so that every printer spells it alike. */
  readonly serial: Uint8Array
  readonly issuer: string
  readonly issuerKey: Uint8Array
  readonly subject: string
  /** SubjectPublicKeyInfo in DER. */
  readonly subjectKey: Uint8Array
  readonly from: UnixSeconds
  readonly until: UnixSeconds
  readonly use: CertificateUse
}

/** The key's identifier: the SHA-256 of its SubjectPublicKeyInfo (RFC 7093, section 2, method 4). */
function keyIdentifier(spki: Uint8Array): Uint8Array {
  return createHash("sha256").update(spki).digest()
}

/** A Name of one common name (RFC 5280, 4.1.2.4). */
function nameOf(commonName: string): Uint8Array {
  assert(commonName.length >= 1 && commonName.length <= 64, "a common name has 1 to 64 letters (RFC 5280, appendix A)")
  return sequence(setOfOne(sequence(COMMON_NAME, utf8String(commonName))))
}

function extension(oid: string, critical: boolean, inner: Uint8Array): Uint8Array {
  return critical
    ? sequence(objectIdentifier(oid), boolean(true), octetString(inner))
    : sequence(objectIdentifier(oid), octetString(inner)) // DER leaves a default out (X.690, 11.5).
}

/** The 16 bytes of an IPv6 address in any of its spellings, a zone left out. */
function ipv6Bytes(address: string): Uint8Array {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = "", tail] = canonical.split("::")
  const left = head === "" ? [] : head.split(":")
  const right = tail === undefined || tail === "" ? [] : tail.split(":")
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill("0"), ...right]
  assert(groups.length === 8, "an IPv6 address has eight groups")
  return Uint8Array.from(groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}

/** A GeneralName: [7] for an address, [6] for a URI, [2] for a DNS name (RFC 5280, 4.2.1.6). */
function generalName(name: string): Uint8Array {
  if (isIPv4(name)) return implicit(7, Uint8Array.from(name.split("."), Number))
  if (name.startsWith("urn:")) return implicit(6, utf8(name))
  if (name.includes(":")) return implicit(7, ipv6Bytes(name))
  return implicit(2, utf8(name))
}

function usesOf(use: CertificateUse): readonly Uint8Array[] {
  if (use.kind === "authority") {
    return [
      // No authority below this one: path length 0.
      extension("2.5.29.19", true, sequence(boolean(true), integer(Uint8Array.of(0)))),
      // keyCertSign and cRLSign are bits 5 and 6 of key usage.
      extension("2.5.29.15", true, bitString(Uint8Array.of(0b0000_0110), 1)),
    ]
  }
  const names = use.kind === "TLS server" ? use.names : [use.board]
  return [
    extension("2.5.29.19", true, sequence()),
    // digitalSignature is bit 0; TLS 1.3 needs no other.
    extension("2.5.29.15", true, bitString(Uint8Array.of(0b1000_0000), 7)),
    extension("2.5.29.37", true, sequence(objectIdentifier(USAGE_OIDS[use.kind]))),
    extension("2.5.29.17", false, sequence(...names.map(generalName))),
  ]
}

/** The certificate in DER, signed by the issuer's key. */
export function writeCertificate(parts: CertificateParts, issuerPrivateKey: KeyObject): Uint8Array {
  assert(parts.from < parts.until, "a certificate is valid for a while")
  assert(parts.serial.length === SERIAL_SIZE, "a serial number has its size")
  const extensions = sequence(
    ...usesOf(parts.use),
    extension("2.5.29.14", false, octetString(keyIdentifier(parts.subjectKey))),
    extension("2.5.29.35", false, sequence(implicit(0, keyIdentifier(parts.issuerKey)))),
  )
  const toBeSigned = sequence(
    VERSION_3,
    integer(parts.serial),
    ECDSA_WITH_SHA256,
    nameOf(parts.issuer),
    sequence(time(parts.from), time(parts.until)),
    nameOf(parts.subject),
    parts.subjectKey,
    explicit(3, extensions),
  )
  const signature = sign("sha256", toBeSigned, { key: issuerPrivateKey, dsaEncoding: "der" })
  return sequence(toBeSigned, ECDSA_WITH_SHA256, bitString(signature))
}

/** PEM (RFC 7468): 64 letters a line. */
export function pemOf(certificate: Uint8Array): string {
  const lines = toBase64(certificate).match(/.{1,64}/g)
  assert(lines !== null, "a certificate has bytes")
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`
}
