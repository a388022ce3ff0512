/** The TLS authority, judged by OpenSSL: through node's X509Certificate and real TLS 1.3 connections. */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { generateKeyPairSync, X509Certificate } from "node:crypto"
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { test } from "node:test"
import { connect, createServer, type TLSSocket } from "node:tls"
import { type Id, type UnixSeconds, unixSeconds } from "@holdfast/base"
import {
  type Authority,
  CERTIFICATE_DAYS,
  type Certificate,
  issueLockCertificate,
  issueServerCertificate,
  makeAuthority,
  type ServerIdentity,
} from "../src/identities.ts"

const NOW = unixSeconds(Math.floor(Date.now() / 1000))
const LOCK = "00112233445566778899aabbccddeeff" as Id<"DoorId">
const BOARD = "urn:holdfast:board:0123456789abcdef0123456789abcdef"
const YEAR_S = CERTIFICATE_DAYS * 86_400

type LockIdentity = Certificate & { readonly keyPem: string }

function serverOf(authority: Authority, names: readonly string[] = ["localhost"], now = NOW): ServerIdentity {
  const identity = issueServerCertificate(authority, names, now)
  ok(!("fault" in identity), "the names are good")
  return identity
}

function lockOf(authority: Authority, now: UnixSeconds = NOW): LockIdentity {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const certificate = issueLockCertificate(
    authority,
    LOCK,
    BOARD,
    publicKey.export({ type: "spki", format: "der" }),
    now,
  )
  ok(!("fault" in certificate), "the key is good")
  return { ...certificate, keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString() }
}

/** One mutual TLS connection; answers who the server saw, or why either side refused. */
async function meet(
  authority: Authority,
  server: { certificatePem: string; keyPem: string },
  client: { certificatePem: string; keyPem: string } | null,
  trusted: Authority = authority,
): Promise<string> {
  const listener = createServer({
    cert: server.certificatePem,
    key: server.keyPem,
    ca: authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
  })
  listener.listen(0, "127.0.0.1")
  await once(listener, "listening")
  const outcome = new Promise<string>((resolve) => {
    listener.on("tlsClientError", (error: NodeJS.ErrnoException) => resolve(`server: ${error.code}`))
    listener.on("secureConnection", (socket: TLSSocket) => {
      resolve(`${socket.getPeerX509Certificate()?.subject} ${socket.getProtocol()}`)
      socket.destroy()
    })
    const options = client === null ? {} : { cert: client.certificatePem, key: client.keyPem }
    const { port } = listener.address() as AddressInfo
    const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: trusted.certificatePem, ...options })
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(`client: ${error.code}`))
    socket.on("secureConnect", () => socket.resume())
  })
  const word = await outcome
  listener.close()
  return word
}

test("a lock without a certificate is refused", async () => {
  const authority = makeAuthority(NOW)
  equal(await meet(authority, serverOf(authority), null), "server: ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE")
})

test("a certificate of another site's authority is refused, on either side", async () => {
  const [ours, theirs] = [makeAuthority(NOW), makeAuthority(NOW)]
  // Node's server closes without naming the reason; that it did not let the lock in is what counts.
  equal(await meet(ours, serverOf(ours), lockOf(theirs)), "server: ECONNRESET")
  equal(await meet(ours, serverOf(ours), lockOf(ours), theirs), "client: SELF_SIGNED_CERT_IN_CHAIN")
})

test("a lock's certificate is no server's, and a server's is no lock's", async () => {
  const authority = makeAuthority(NOW)
  const [server, lock] = [serverOf(authority), lockOf(authority)]
  equal(await meet(authority, lock, lock), "client: INVALID_PURPOSE")
  match(await meet(authority, server, server), /^server: /)
})

test("an expired certificate is refused", async () => {
  const longAgo = unixSeconds(NOW - YEAR_S - 86_400)
  const authority = makeAuthority(longAgo)
  match(await meet(authority, serverOf(authority), lockOf(authority, longAgo)), /^server: /)
  equal(
    await meet(authority, serverOf(authority, ["localhost"], longAgo), lockOf(authority)),
    "client: CERT_HAS_EXPIRED",
  )
})

test("a lock and the server meet over TLS 1.3 and the server knows the lock by its name", async () => {
  const authority = makeAuthority(NOW)
  equal(await meet(authority, serverOf(authority), lockOf(authority)), `CN=lock:${LOCK} TLSv1.3`)
})

test("a stored authority goes on issuing", async () => {
  const stored: Authority = JSON.parse(JSON.stringify(makeAuthority(NOW)))
  equal(await meet(stored, serverOf(stored), lockOf(stored)), `CN=lock:${LOCK} TLSv1.3`)
})

test("a certificate says what RFC 5280 asks of it", () => {
  const authority = makeAuthority(NOW)
  const root = new X509Certificate(authority.certificatePem)
  equal(root.ca, true)
  ok(root.verify(root.publicKey))
  const lock = lockOf(authority)
  const leaf = new X509Certificate(lock.certificatePem)
  equal(leaf.ca, false)
  ok(leaf.verify(root.publicKey) && leaf.checkIssued(root))
  deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.2"])
  equal(leaf.serialNumber.toLowerCase(), lock.serial)
  equal(Date.parse(leaf.validTo) / 1000, NOW + YEAR_S)
  ok(leaf.validFromDate.getTime() / 1000 < NOW)
  equal(leaf.subjectAltName, `URI:${BOARD}`)
})

test("the server's certificate carries its names, addresses included", () => {
  const names = ["localhost", "door.example.org", "192.0.2.7", "::1", "2001:db8::5:0:0:1", "::"]
  const leaf = new X509Certificate(serverOf(makeAuthority(NOW), names).certificatePem)
  deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"])
  equal(leaf.checkHost("door.example.org"), "door.example.org")
  equal(leaf.checkHost("other.example.org"), undefined)
  for (const address of ["192.0.2.7", "::1", "2001:db8::5:0:0:1", "::"]) equal(leaf.checkIP(address), address)
  equal(leaf.checkIP("2001:db8::6"), undefined)
})

test("every certificate has its own serial number, and OpenSSL spells it as we do", () => {
  const authority = makeAuthority(NOW)
  const seen = new Set<string>()
  for (let i = 0; i < 64; i++) {
    const { serial, certificatePem } = serverOf(authority)
    equal(new X509Certificate(certificatePem).serialNumber.toLowerCase(), serial)
    seen.add(serial)
  }
  equal(seen.size, 64)
})

test("times past 2049 are written as RFC 5280, 4.1.2.5 asks", () => {
  const last = unixSeconds(Date.UTC(2049, 11, 31, 23, 59, 59) / 1000)
  const authority = makeAuthority(unixSeconds(last - YEAR_S))
  const before = new X509Certificate(serverOf(authority, ["localhost"], unixSeconds(last - YEAR_S)).certificatePem)
  equal(before.validToDate.toISOString(), "2049-12-31T23:59:59.000Z")
  const after = new X509Certificate(serverOf(authority, ["localhost"], unixSeconds(last - YEAR_S + 1)).certificatePem)
  equal(after.validToDate.toISOString(), "2050-01-01T00:00:00.000Z")
})

for (const name of ["", "a b", "-a.org", "a..b", "ümlaut.org", "a".repeat(64), "1.2.3.4/8", "fe80::1%lo"]) {
  test(`a server is not named ${JSON.stringify(name)}`, () => {
    const answer = issueServerCertificate(makeAuthority(NOW), ["localhost", name], NOW)
    deepEqual(answer, { fault: "not a name or an address" })
  })
}

test("a server has a name", () => {
  deepEqual(issueServerCertificate(makeAuthority(NOW), [], NOW), { fault: "no name" })
})

const spki = { type: "spki", format: "der" } as const
const good = new Uint8Array(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export(spki))
const badKeys: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array(0)],
  ["noise", new Uint8Array(91).fill(7)],
  ["a P-384 key", new Uint8Array(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export(spki))],
  ["an Ed25519 key", new Uint8Array(generateKeyPairSync("ed25519").publicKey.export(spki))],
  ["a key with a byte behind it", Uint8Array.of(...good, 0)],
  ["a point off the curve", good.with(-1, (good.at(-1) ?? 0) ^ 1)],
]
for (const [what, bytes] of badKeys) {
  test(`a lock's key is not ${what}`, () => {
    deepEqual(issueLockCertificate(makeAuthority(NOW), LOCK, BOARD, bytes, NOW), { fault: "not a P-256 public key" })
  })
}
const ofCurve = (namedCurve: string) => generateKeyPairSync("ec", { namedCurve }).publicKey.export(spki)
const weakKeys: readonly (readonly [string, Uint8Array])[] = [
  ["P-192", ofCurve("prime192v1")],
  ["P-224", ofCurve("secp224r1")],
  ["RSA of 1,024 bits", generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey.export(spki)],
  ["RSA of 2,048 bits", generateKeyPairSync("rsa", { modulusLength: 2_048 }).publicKey.export(spki)],
]
for (const [what, bytes] of weakKeys) {
  test(`R30: a key of fewer than 128 bits of security gets no certificate: ${what}`, () => {
    const answer = issueLockCertificate(makeAuthority(NOW), LOCK, BOARD, new Uint8Array(bytes), NOW)
    deepEqual(answer, { fault: "not a P-256 public key" })
  })
}

test("a lock's key is not cut anywhere", () => {
  const authority = makeAuthority(NOW)
  for (let size = 0; size < good.length; size++) {
    const answer = issueLockCertificate(authority, LOCK, BOARD, good.subarray(0, size), NOW)
    deepEqual(answer, { fault: "not a P-256 public key" }, `cut after ${size} bytes`)
  }
})
