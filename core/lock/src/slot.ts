/**
 * How a new policy comes in: offered by a signed manifest, gathered piece by piece, and put in force in one step.
 *
 *   offer -> manifest signed, for this door, newer, and its authority log continues the one held?
 *         -> incoming: chunks by hash, and of an index that came in chunks the whole by its hash
 *         -> secrets by the hash that the index names, in any order, from any courier
 *         -> all there: whole bytes hash as signed, decode -> written to the other slot -> head points there
 *
 * Until the last step the old policy decides; there is never a mixture. Two manifests of one version with different bytes are
 * equivocation, which is evidence against the keeper and not a fault of the courier.
 */
import {
  CHUNK_SIZE,
  compareVersions,
  decodePolicy,
  type Manifest,
  placeOfSecret,
  type Policy,
  secretNameAt,
  secretsIn,
  type Version,
  verifyManifest,
} from "@holdfast/access/door"
import {
  assert,
  concat,
  type CredentialId,
  type Crypto,
  type DoorId,
  EMPTY,
  equalBytes,
  type SiteId,
} from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readText, readUint } from "@holdfast/base/cbor"
import type { PublicKey } from "@holdfast/base/cose"
import { type TreeHead, verifyConsistency } from "@holdfast/ledger"
import type { PolicyName } from "./lease.ts"
import { readCheckpoint } from "./receipt.ts"
import { areSecrets, isMadeFrom, type Kept, keptIn, type Secrets, secretsFor } from "./secrets.ts"

export type SlotName = "a" | "b"

/** The authority log as far as this lock has followed it. The origin is null until the first policy. */
export type Held = TreeHead & { readonly origin: string | null }

/** The policy in force. */
export type Active = {
  readonly slot: SlotName
  readonly name: PolicyName
  readonly policy: Policy
  readonly secrets: Secrets
}

/** The policy that is being gathered. */
export type Incoming = {
  readonly manifest: Manifest
  readonly manifestBytes: Uint8Array
  readonly held: Held
  /** The index of secrets; empty until all chunks of one that comes in chunks are there. */
  readonly index: Uint8Array
  readonly chunks: readonly (Uint8Array | null)[]
  /** What came of each secret of the index, by its place there: in pages, so that one more copies only its own. */
  readonly pages: readonly (readonly (Kept | null)[])[]
  /** Chunks, and secrets that the index names, which have not come. */
  readonly left: number
}

const PAGE = 128

export type Offer = {
  readonly manifest: Uint8Array
  readonly checkpoint: Uint8Array
  /** Size of the tree from which the proof leads on. */
  readonly from_size: number
  readonly consistency: readonly Uint8Array[]
  readonly secrets: Uint8Array
}

/** Whose words this lock believes. */
export type Trust = {
  readonly site: SiteId
  readonly door: DoorId
  readonly keeper: PublicKey
  readonly logKey: Uint8Array
  readonly epoch: number
}

export type OfferFault =
  | "unreadable"
  | "wrong signature"
  | "wrong door"
  | "old version"
  | "not expected"
  | "hash differs"
export type OfferJudged =
  | { readonly is: "gathering"; readonly incoming: Incoming }
  | { readonly is: "known" }
  | { readonly is: "refused"; readonly fault: OfferFault }
  | { readonly is: "equivocation"; readonly version: Version; readonly hash: Uint8Array }
  | { readonly is: "inconsistent" }
  /** The proof begins at a tree that this lock does not hold (any more): nobody's fault, and nothing is proven. */
  | { readonly is: "from elsewhere" }

const refused = (fault: OfferFault): OfferJudged => ({ is: "refused", fault })

/** Judges an offer against what is in force and what is already being gathered. */
export function judgeOffer(
  crypto: Crypto,
  trust: Trust,
  held: Held,
  active: Active | null,
  incoming: Incoming | null,
  offer: Offer,
): OfferJudged {
  const verified = verifyManifest(trust.site, offer.manifest, trust.keeper, crypto)
  if (!verified.ok) return refused(verified.fault === "wrong signature" ? "wrong signature" : "unreadable")
  const manifest = verified.value
  if (manifest.door !== trust.door) return refused("wrong door")
  const { version, policyHash } = manifest
  for (const name of [incoming === null ? null : nameOf(incoming.manifest), active?.name ?? null]) {
    if (name === null) continue
    const order = compareVersions(version, name.version)
    if (order === 0 && equalBytes(policyHash, name.hash)) return { is: "known" }
    if (order === 0) return { is: "equivocation", version, hash: policyHash }
    if (order < 0) return refused("old version")
  }
  if (version.epoch !== trust.epoch) return refused(version.epoch < trust.epoch ? "old version" : "not expected")
  if (secretsIn(offer.secrets) === null) return refused("unreadable")
  const isInChunks = manifest.chunks.length > policyChunks(manifest)
  const isAsSigned = equalBytes(crypto.sha256(offer.secrets), manifest.secretsHash)
  if (isInChunks ? offer.secrets.length > 0 : !isAsSigned) return refused("hash differs")
  if (offer.from_size !== held.size) return { is: "from elsewhere" }
  const next = followAuthority(crypto, trust, held, manifest, offer)
  if (next === null) return { is: "inconsistent" }
  const chunks = manifest.chunks.map(() => null)
  const pieces = { index: EMPTY, chunks, pages: [], left: chunks.length }
  const offered = { manifest, manifestBytes: offer.manifest, held: next, ...pieces }
  return { is: "gathering", incoming: isInChunks ? offered : withIndex(offered, offer.secrets, active) }
}

function policyChunks({ policySize }: Manifest): number {
  return Math.ceil(policySize / CHUNK_SIZE)
}

/** The head that the offer leads to, if the log's key signed it, the manifest names it, and it continues the one held. */
function followAuthority(crypto: Crypto, trust: Trust, held: Held, manifest: Manifest, offer: Offer): Held | null {
  const checkpoint = readCheckpoint(crypto, `${trust.site}/authority/`, trust.logKey, offer.checkpoint)
  if (checkpoint === null || (held.origin !== null && checkpoint.origin !== held.origin)) return null
  const { size, root, origin } = checkpoint
  if (size !== manifest.authority.size || !equalBytes(root, manifest.authority.root)) return null
  return verifyConsistency(crypto, held, checkpoint, offer.consistency).ok ? { size, root, origin } : null
}

export function nameOf(manifest: Manifest): PolicyName {
  return { version: manifest.version, hash: manifest.policyHash }
}

/** Gathers what the index names. Secrets that it names with the same sealed bytes as before need not come again. */
function withIndex(offered: Incoming, index: Uint8Array, active: Active | null): Incoming {
  const count = secretsIn(index) ?? 0
  const empty = Array.from({ length: PAGE }, () => null)
  const pages = Array.from({ length: Math.ceil(count / PAGE) }, () => empty)
  let incoming: Incoming = { ...offered, index, pages, left: offered.left + count }
  if (active === null) return incoming
  const known = keptIn(active.policy, active.secrets)
  for (let place = 0; place < count; place++) {
    const { credential, sealedHash } = secretNameAt(index, place)
    const kept = known.get(credential)
    if (kept !== undefined && isMadeFrom(kept, sealedHash)) incoming = withSecret(incoming, place, kept)
  }
  return incoming
}

/** With one more chunk; null where its bytes, or the index that they complete, are not what was signed. */
export function withChunk(
  crypto: Crypto,
  incoming: Incoming,
  active: Active | null,
  at: number,
  bytes: Uint8Array,
): Incoming | null {
  const { manifest, left } = incoming
  const hash = manifest.chunks[at]
  if (hash === undefined || !equalBytes(crypto.sha256(bytes), hash)) return null
  if (incoming.chunks[at] instanceof Uint8Array) return incoming
  const chunks = incoming.chunks.with(at, bytes)
  const more = { ...incoming, left: left - 1, chunks }
  const first = policyChunks(manifest)
  const parts = chunks.slice(first)
  if (at < first || parts.includes(null)) return more
  const index = concat(...parts.filter((part) => part !== null))
  if (!equalBytes(crypto.sha256(index), manifest.secretsHash) || secretsIn(index) === null) return null
  const policyOnly = chunks.map((chunk, each) => (each < first ? chunk : EMPTY)) // The others' bytes are in the index now.
  return withIndex({ ...more, chunks: policyOnly }, index, active)
}

/** Where the index names this credential, or null. */
export function placeOf({ index }: Incoming, credential: CredentialId): number | null {
  return placeOfSecret(index, credential)
}

export function hasSecret({ pages }: Incoming, place: number): boolean {
  return (pages[Math.floor(place / PAGE)]?.[place % PAGE] ?? null) !== null
}

/** With one more secret, at its place in the index, where none has come before. */
export function withSecret(incoming: Incoming, place: number, kept: Kept): Incoming {
  const number = Math.floor(place / PAGE)
  const page = incoming.pages[number]
  assert(page !== undefined && !hasSecret(incoming, place), "each secret is missing until it comes")
  const pages = incoming.pages.with(number, page.with(place % PAGE, kept))
  return { ...incoming, left: incoming.left - 1, pages }
}

/** What is still missing, each at most `count_max`, in order. */
export function missing(
  incoming: Incoming,
  count_max: number,
): { readonly chunks: readonly number[]; readonly credentials: readonly CredentialId[] } {
  const chunks: number[] = []
  for (const [at, chunk] of incoming.chunks.entries()) {
    if (chunks.length === count_max) break
    if (chunk === null) chunks.push(at)
  }
  const credentials: CredentialId[] = []
  const count = secretsIn(incoming.index) ?? 0
  for (let place = 0; place < count && credentials.length < count_max; place++)
    if (!hasSecret(incoming, place)) credentials.push(secretNameAt(incoming.index, place).credential)
  return { chunks, credentials }
}

export type Assembled = { readonly active: Active; readonly stored: Uint8Array }

/** The policy in bytes that are whole, are what was signed, and are for this door; else null. */
function policyIn(crypto: Crypto, trust: Trust, manifest: Manifest, bytes: Uint8Array): Policy | null {
  if (bytes.length !== manifest.policySize || !equalBytes(crypto.sha256(bytes), manifest.policyHash)) return null
  const policy = decodePolicy(bytes)
  return policy !== null && policy.site === trust.site && policy.door === trust.door ? policy : null
}

/** The policy, once everything is there; null where the whole is not what was signed or does not read. */
export function assemble(crypto: Crypto, trust: Trust, incoming: Incoming, slot: SlotName): Assembled | null {
  assert(incoming.left === 0, "everything has come")
  const { manifest, manifestBytes, chunks, pages, index } = incoming
  const bytes = concat(...chunks.filter((chunk) => chunk !== null))
  const policy = policyIn(crypto, trust, manifest, bytes)
  if (policy === null) return null
  const kept = new Map<CredentialId, Kept>()
  for (const [place, secret] of pages.flat().entries())
    if (secret !== null) kept.set(secretNameAt(index, place).credential, secret)
  const secrets = secretsFor(policy, kept)
  const { cards, codes, halves } = secrets
  const stored = encodeCbor([manifestBytes, bytes, cards, codes, ...(halves.length > 0 ? [halves] : [])])
  return { active: { slot, name: nameOf(manifest), policy, secrets }, stored }
}

/** Reads a slot back at boot, checking again all that was checked when it was written. */
export function openSlot(crypto: Crypto, trust: Trust, slot: SlotName, stored: Uint8Array): Active | null {
  const decoded = decodeCbor(stored)
  if (!decoded.ok || !Array.isArray(decoded.value)) return null
  const [manifestBytes, bytes, cards, codes, halves = EMPTY] = decoded.value as readonly Cbor[]
  if (!(manifestBytes instanceof Uint8Array) || !(bytes instanceof Uint8Array)) return null
  if (!(cards instanceof Uint8Array) || !(codes instanceof Uint8Array) || !(halves instanceof Uint8Array)) return null
  const verified = verifyManifest(trust.site, manifestBytes, trust.keeper, crypto)
  if (!verified.ok || verified.value.door !== trust.door) return null
  const policy = policyIn(crypto, trust, verified.value, bytes)
  const secrets = { cards, codes, halves }
  if (policy === null || !areSecrets(policy, secrets)) return null
  return { slot, name: nameOf(verified.value), policy, secrets }
}

/** The part that switches: which slot is in force, and which authority log it leads to. */
export function encodeHeldHead(slot: SlotName, held: Held): Uint8Array {
  return encodeCbor([slot, held.origin, held.size, held.root])
}

export function decodeHeldHead(bytes: Uint8Array): { readonly slot: SlotName; readonly held: Held } | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 4) return null
  const [slot, originField, sizeField, rootField] = decoded.value as readonly Cbor[]
  const origin = readText(originField, 128)
  const size = readUint(sizeField)
  const root = readBytes(rootField, 32)
  if ((slot !== "a" && slot !== "b") || origin === null || size === null || root === null) return null
  return { slot, held: { origin, size, root } }
}
