/**
 * The TLS names of this building, kept in DATA/tls: the authority, and the server's certificate while it lasts.
 *
 * The authority's key stays on this side; the server is handed its own certificate and key only. Boards bring their own keys
 * and get certificates for them.
 */
import { type DoorId, secondsOf, type UnixMillis, unixSeconds } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { utf8 } from "@holdfast/base/text"
import { boardName } from "@holdfast/lock/pairing"
import { type Disk, nodeCrypto } from "@holdfast/port-node"
import {
  type Authority,
  CERTIFICATE_DAYS,
  issueLockCertificate,
  issueServerCertificate,
  makeAuthority,
  type ServerIdentity,
} from "./identities.ts"

const AUTHORITY = "tls/authority.json"
const SERVER = "tls/server.json"
/** The server has no certificate for this name, so it cannot stand in the counter's place. */
const COUNTER_NAMES: readonly string[] = ["pairing.holdfast.internal"]
const SERVER_NAMES: readonly string[] = ["localhost", "127.0.0.1"]
/** Certificates are renewed when a third of their life is left. */
const RENEW_LEFT_S = (CERTIFICATE_DAYS * 86_400) / 3

export class TlsError extends Error {
  override readonly name = "TlsError"
}

export type TlsNames = {
  readonly authorityPem: string
  readonly server: ServerIdentity
  /** A certificate for the board with this journal key at `door`, over its link's public key (SubjectPublicKeyInfo, DER). */
  lock(door: DoorId, journalKey: PublicKey, publicKeySpki: Uint8Array): string
  /** A fresh key and certificate for the counter at which boards ask to be paired. */
  counter(): ServerIdentity
}

/** What is no JSON says nothing. */
function readJson(disk: Disk, path: string): unknown {
  const bytes = disk.read(path)
  try {
    return bytes === null ? null : JSON.parse(Buffer.from(bytes).toString("utf8"))
  } catch {
    return null
  }
}

function texts(value: unknown, ...names: readonly string[]): Record<string, string> | null {
  if (typeof value !== "object" || value === null) return null
  const entries = new Map<string, unknown>(Object.entries(value))
  const read: Record<string, string> = {}
  for (const name of names) {
    const text = entries.get(name)
    if (typeof text !== "string") return null
    read[name] = text
  }
  return read
}

function loadAuthority(disk: Disk, now: UnixMillis): Authority {
  const stored = texts(readJson(disk, AUTHORITY), "certificatePem", "keyPem", "name")
  if (stored !== null) {
    const { certificatePem = "", keyPem = "", name = "" } = stored
    return { certificatePem, keyPem, name }
  }
  // Another authority would shut out every lock there is.
  if (disk.size(AUTHORITY) !== null)
    throw new TlsError(`${AUTHORITY} in the data directory cannot be read: restore it from a backup.`)
  const made = makeAuthority(secondsOf(now))
  disk.replace(AUTHORITY, utf8(JSON.stringify(made)))
  return made
}

function issued(authority: Authority, names: readonly string[], now: UnixMillis): ServerIdentity {
  const made = issueServerCertificate(authority, names, secondsOf(now))
  if ("fault" in made) throw new TlsError(`no certificate for ${names.join(", ")}: ${made.fault}`)
  return made
}

function loadServer(disk: Disk, authority: Authority, now: UnixMillis): ServerIdentity {
  const stored = readJson(disk, SERVER)
  const known = texts(stored, "certificatePem", "keyPem", "serial")
  const until = typeof stored === "object" && stored !== null && "until" in stored ? Number(stored.until) : 0
  if (known !== null && until - secondsOf(now) > RENEW_LEFT_S) {
    const { certificatePem = "", keyPem = "", serial = "" } = known
    return { certificatePem, keyPem, serial, until: unixSeconds(until) }
  }
  const made = issued(authority, SERVER_NAMES, now)
  disk.replace(SERVER, utf8(JSON.stringify(made)))
  return made
}

/** Reads or makes the names. The disk is the data directory; `tls` is secret there. */
export function tlsNames(disk: Disk, now: () => UnixMillis): TlsNames {
  const authority = loadAuthority(disk, now())
  const server = loadServer(disk, authority, now())
  return {
    authorityPem: authority.certificatePem,
    server,
    lock(door, journalKey, publicKeySpki) {
      const board = boardName(journalKey, nodeCrypto)
      const made = issueLockCertificate(authority, door, board, publicKeySpki, secondsOf(now()))
      if ("fault" in made) throw new TlsError(`no certificate for the lock: ${made.fault}`)
      return made.certificatePem
    },
    counter: () => issued(authority, COUNTER_NAMES, now()),
  }
}
