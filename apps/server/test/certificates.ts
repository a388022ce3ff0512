/**
 * Certificates for the broker's tests: also those that our own authority would never issue, such as a client
 * certificate that names the server, or a name in two parts. Only as much DER as that takes.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from "node:crypto"

export type Pair = { readonly cert: string; readonly key: string; readonly serial: string }
export type Authority = { readonly certificate: string; readonly name: Uint8Array; readonly key: KeyObject }
export type Use = "client" | "server" | "authority"

const hex = (text: string): Uint8Array => Buffer.from(text, "hex")

function value(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content)
  return Buffer.concat([Uint8Array.of(tag, ...lengthOf(body.length)), body])
}

/** In as few bytes as it takes (X.690, section 10.1). */
function lengthOf(size: number): readonly number[] {
  if (size < 128) return [size]
  return size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255]
}

const sequence = (...items: readonly Uint8Array[]): Uint8Array => value(0x30, ...items)
/** `body` is OID and, in an octet string, the extension's value; written out in hexadecimal. */
const extension = (oid: string, inner: Uint8Array): Uint8Array => sequence(hex(oid), value(0x04, inner))

const ECDSA_WITH_SHA256 = sequence(hex("06082a8648ce3d040302"))
const COMMON_NAME = hex("0603550403")
const EXTENSIONS: Readonly<Record<Use, readonly Uint8Array[]>> = {
  authority: [extension("0603551d13", hex("30030101ff"))],
  client: [extension("0603551d25", sequence(hex("06082b06010505070302")))],
  server: [
    extension("0603551d25", sequence(hex("06082b06010505070301"))),
    extension("0603551d11", sequence(value(0x82, Buffer.from("localhost")), value(0x87, Uint8Array.of(127, 0, 0, 1)))),
  ],
}

function nameOf(...commonNames: readonly string[]): Uint8Array {
  return sequence(...commonNames.map((name) => value(0x31, sequence(COMMON_NAME, value(0x0c, Buffer.from(name))))))
}

function time(offset_days: number): Uint8Array {
  const text = new Date(Date.now() + offset_days * 86_400_000).toISOString().replaceAll(/[-:T]|\.\d{3}/g, "")
  return value(0x17, Buffer.from(text.slice(2)))
}

type Leaf = { readonly subject: Uint8Array; readonly publicKey: KeyObject; readonly extensions: readonly Uint8Array[] }

function certify({ subject, publicKey, extensions }: Leaf, issuer: Uint8Array, issuerKey: KeyObject) {
  const serial = randomBytes(16)
  serial[0] = 0x40 | (serial.readUInt8() & 0x3f)
  const spki = publicKey.export({ type: "spki", format: "der" })
  const identifier = extension("0603551d0e", value(0x04, createHash("sha256").update(spki).digest()))
  const toBeSigned = sequence(
    hex("a003020102"),
    value(0x02, serial),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(-1), time(30)),
    subject,
    spki,
    value(0xa3, sequence(...extensions, identifier)),
  )
  const der = sequence(toBeSigned, ECDSA_WITH_SHA256, value(0x03, hex("00"), sign("sha256", toBeSigned, issuerKey)))
  return { cert: new X509Certificate(der).toString(), serial: serial.toString("hex") }
}

export function makeAuthority(name: string): Authority {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const subject = nameOf(name)
  const { cert } = certify({ subject, publicKey, extensions: EXTENSIONS.authority }, subject, privateKey)
  return { certificate: cert, name: subject, key: privateKey }
}

/** The board that a client's certificate names unless a test says another. */
export const BOARD = "urn:holdfast:board:00000000000000000000000000000000"

/** A fresh key and its certificate for a subject of one or more common names. */
export function makePair(authority: Authority, use: Use, ...commonNames: readonly string[]): Pair {
  return pairOf(authority, commonNames, [...EXTENSIONS[use], ...(use === "client" ? [alternativeName(BOARD)] : [])])
}

/** The same for a client of these alternative names, URIs; none is no extension at all. */
export function makeBoardPair(authority: Authority, commonName: string, ...boards: readonly string[]): Pair {
  const names = boards.length === 0 ? [] : [alternativeName(...boards)]
  return pairOf(authority, [commonName], [...EXTENSIONS.client, ...names])
}

function alternativeName(...boards: readonly string[]): Uint8Array {
  return extension("0603551d11", sequence(...boards.map((board) => value(0x86, Buffer.from(board)))))
}

function pairOf(authority: Authority, commonNames: readonly string[], extensions: readonly Uint8Array[]): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const issued = certify({ subject: nameOf(...commonNames), publicKey, extensions }, authority.name, authority.key)
  return { ...issued, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }
}
