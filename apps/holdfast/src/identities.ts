/**
 * The site's own certificate authority for TLS: it gives the server and each lock a name on the wire.
 *
 * Picture: one authority per data directory, whose key stays with whoever holds that directory; below it leaf
 * certificates for one year, each for one use. A lock is `lock:<32 hex>`, named with its board, and can only be a TLS client;
 * the server is `server` and can only be a TLS server. It is no part of what opens a door: policies and orders carry their own
 * signatures, and a certificate only says whose topics a connection may use. Taking a name away is the broker's allow
 * list, which is the authority log, not a revocation list. Time and storage are the caller's.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto"
import { isIP } from "node:net"
import { assert, byteAt, type Id, type UnixSeconds, unixSeconds } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { type CertificateUse, pemOf, SERIAL_SIZE, writeCertificate } from "./certificate.ts"

const DAY_S = 86_400
export const CERTIFICATE_DAYS = 365
const AUTHORITY_DAYS = 3_650
/** A certificate also counts for a peer whose clock is this much behind. */
const BACKDATED_S = 3_600

/** The authority as its caller stores it: plain text in JSON or in two files. `keyPem` is secret. */
export type Authority = { readonly certificatePem: string; readonly keyPem: string; readonly name: string }
/** A certificate and its serial number in lower-case hex. */
export type Certificate = { readonly certificatePem: string; readonly serial: string; readonly until: UnixSeconds }
export type ServerIdentity = Certificate & { readonly keyPem: string }

export type NameFault = "no name" | "not a name or an address"
export type KeyFault = "not a P-256 public key"

const DNS_NAME = /^(?=.{1,253}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/i

function freshSerial(): Uint8Array {
  const serial = new Uint8Array(randomBytes(SERIAL_SIZE))
  serial[0] = 0x40 | (byteAt(serial, 0) & 0x3f)
  return serial
}

function spkiOf(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ type: "spki", format: "der" }))
}

function pkcs8PemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString()
}

function plusDays(now: UnixSeconds, days: number): UnixSeconds {
  return unixSeconds(now + days * DAY_S)
}

/** A fresh authority for ten years from `now`; its private key exists nowhere else. */
export function makeAuthority(now: UnixSeconds): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const serial = freshSerial()
  // The name differs between authorities, so that a certificate of another site is refused for the right reason.
  const name = `Holdfast ${toHex(serial.subarray(0, 8))}`
  const parts = { serial, issuer: name, issuerKey: spkiOf(publicKey), subject: name, subjectKey: spkiOf(publicKey) }
  const span = { from: unixSeconds(now - BACKDATED_S), until: plusDays(now, AUTHORITY_DAYS) }
  const der = writeCertificate({ ...parts, ...span, use: { kind: "authority" } }, privateKey)
  return { certificatePem: pemOf(der), keyPem: pkcs8PemOf(privateKey), name }
}

function issue(
  authority: Authority,
  subject: string,
  subjectKey: Uint8Array,
  use: CertificateUse,
  now: UnixSeconds,
): Certificate {
  const issuerPrivateKey = createPrivateKey(authority.keyPem)
  const serial = freshSerial()
  const until = plusDays(now, CERTIFICATE_DAYS)
  const issuer = { issuer: authority.name, issuerKey: spkiOf(createPublicKey(issuerPrivateKey)) }
  const span = { from: unixSeconds(now - BACKDATED_S), until }
  const der = writeCertificate({ serial, ...issuer, subject, subjectKey, ...span, use }, issuerPrivateKey)
  return { certificatePem: pemOf(der), serial: toHex(serial), until }
}

/** An address (without a zone, which means something on one machine only) or a DNS name in ASCII. */
function isName(name: string): boolean {
  return (isIP(name) !== 0 && !name.includes("%")) || DNS_NAME.test(name)
}

/**
 * A fresh key and a certificate for the server under `names` (DNS names or IP addresses), for one year. Faults are the
 * operator's: a name that no certificate can carry.
 */
export function issueServerCertificate(
  authority: Authority,
  names: readonly string[],
  now: UnixSeconds,
): ServerIdentity | { readonly fault: NameFault } {
  if (names.length === 0) return { fault: "no name" }
  if (!names.every(isName)) return { fault: "not a name or an address" }
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const certificate = issue(authority, "server", spkiOf(publicKey), { kind: "TLS server", names }, now)
  return { ...certificate, keyPem: pkcs8PemOf(privateKey) }
}

/** The key that the bytes spell, if it is one that locks may have and they spell it in DER's one way. */
function lockKey(publicKeySpki: Uint8Array): KeyObject | null {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKeySpki), format: "der", type: "spki" })
    const isP256 = key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1"
    return isP256 && toHex(spkiOf(key)) === toHex(publicKeySpki) ? key : null
  } catch {
    return null // OpenSSL throws for whatever it cannot read.
  }
}

/** A certificate for the own key (SubjectPublicKeyInfo, DER) of the board with this name, for one year. The fault is the device's. */
export function issueLockCertificate(
  authority: Authority,
  lockId: Id<string>,
  board: string,
  publicKeySpki: Uint8Array,
  now: UnixSeconds,
): Certificate | { readonly fault: KeyFault } {
  assert(/^[0-9a-f]{32}$/.test(lockId), "a lock's id is 32 hex digits")
  if (lockKey(publicKeySpki) === null) return { fault: "not a P-256 public key" }
  return issue(authority, `lock:${lockId}`, publicKeySpki, { kind: "TLS client", board }, now)
}
