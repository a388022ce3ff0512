/**
 * Door policies: compiled from the state, signed, noted in the authority log, and offered to locks.
 *
 *   policies/<sha256>       the policy's bytes, and the index of its secrets where that comes in chunks, for any courier
 *   keeper/offers/<door>    CBOR [manifest, authority checkpoint, secrets index] of the policy that was issued last
 *
 * An offer is bound to the checkpoint of the very tree that it was compiled from, so a lock can check that this tree goes on
 * from the one it knows. Nothing is offered before the note about it is durable in the log. Compiling is `core/access`'s and
 * pure; whoever doubts an offer compiles again.
 */
import {
  compile,
  ENTRY_ISSUED,
  encodeIssued,
  encodeSecretsIndex,
  type Issued,
  type Policy,
  type SecretName,
} from "@holdfast/access"
import {
  compareVersions,
  manifestToSign,
  piecesOf,
  placeOfSecret,
  secretNameAt,
  secretsIn,
  verifyManifest,
} from "@holdfast/access/door"
import { assert, type CredentialId, type DoorId, EMPTY, equalBytes, idOf, secondsOf } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes } from "@holdfast/base/cbor"
import { toHex } from "@holdfast/base/text"
import type { Authority } from "./authority.ts"
import type { Credentials, LockPlace } from "./credentials.ts"
import type { Keeping } from "./keeping.ts"

export const POLICIES_DIRECTORY = "policies"
const OFFERS_DIRECTORY = "keeper/offers"
const CREDENTIAL_ROW = 24
const PART_SIZE_MAX = 8 << 20

/** What a lock is offered, without the way from the tree that it knows. */
export type Offer = { readonly manifest: Uint8Array; readonly checkpoint: Uint8Array; readonly secrets: Uint8Array }

export type OfferAnswer =
  | { readonly ok: true; readonly offer: Offer; readonly consistency: readonly Uint8Array[] }
  | { readonly ok: false; readonly fault: "unknown door" | "no policy was issued" | "a newer tree is held" }

export function policyPath(hash: Uint8Array): string {
  return `${POLICIES_DIRECTORY}/${toHex(hash)}`
}

function offerPath(door: DoorId): string {
  return `${OFFERS_DIRECTORY}/${door}`
}

function decodeOffer(bytes: Uint8Array): Offer | null {
  const decoded = decodeCbor(bytes)
  if (!decoded.ok || !Array.isArray(decoded.value) || decoded.value.length !== 3) return null
  const [first, second, third] = decoded.value as readonly Cbor[]
  const manifest = readBytes(first, 1, PART_SIZE_MAX)
  const checkpoint = readBytes(second, 1, PART_SIZE_MAX)
  const secrets = readBytes(third, 0, PART_SIZE_MAX)
  return manifest === null || checkpoint === null || secrets === null ? null : { manifest, checkpoint, secrets }
}

/** The credentials in a policy's table. */
function credentialsOf(policy: Policy): CredentialId[] {
  const ids: CredentialId[] = []
  for (let at = 0; at < policy.credentials.length; at += CREDENTIAL_ROW)
    ids.push(idOf<"CredentialId">(policy.credentials.subarray(at, at + 16)))
  return ids
}

export class Policies {
  readonly #keeping: Keeping
  readonly #authority: Authority
  readonly #credentials: Credentials
  readonly #offers = new Map<DoorId, Offer & { readonly size: number }>()

  constructor(keeping: Keeping, authority: Authority, credentials: Credentials) {
    this.#keeping = keeping
    this.#authority = authority
    this.#credentials = credentials
  }

  /**
   * Reads the offers that were made before; answers the doors that need a new one. An offer that does not belong to the
   * last note in the log was never made: the power went between the two.
   */
  load(): DoorId[] {
    const { state } = this.#authority
    const without: DoorId[] = []
    for (const door of state.doors.keys()) {
      const issued = state.issued.get(door)
      const bytes = this.#keeping.ports.disk.read(offerPath(door))
      const offer = bytes === null ? null : decodeOffer(bytes)
      if (issued !== undefined && offer !== null && this.#belongs(offer, issued))
        this.#offers.set(door, { ...offer, size: issued.version.size })
      else without.push(door)
    }
    return without
  }

  /** Whether a stored offer is whole and is the one that the log's note speaks of. */
  #belongs(offer: Offer, issued: Issued): boolean {
    const { site, keys, ports } = this.#keeping
    const manifest = verifyManifest(site, offer.manifest, keys.policy.publicKey, ports.crypto)
    if (!manifest.ok || manifest.value.door !== issued.door) return false
    const { version, policyHash, secretsHash, authority } = manifest.value
    if (compareVersions(version, issued.version) !== 0 || !equalBytes(policyHash, issued.policyHash)) return false
    if (!equalBytes(secretsHash, issued.secretsHash)) return false
    if (!equalBytes(ports.crypto.sha256(offer.secrets), secretsHash)) return false
    const isInChunks = piecesOf(EMPTY, offer.secrets).chunks.length > 0
    if (isInChunks && ports.disk.size(policyPath(secretsHash)) === null) return false
    const checkpoint = this.#authority.log.open(offer.checkpoint)
    if (checkpoint?.size !== authority.size || !equalBytes(checkpoint.root, authority.root)) return false
    const names = Array.from({ length: secretsIn(offer.secrets) ?? 0 }, (_, at) => secretNameAt(offer.secrets, at))
    return names.every(({ credential, sealedHash }) => {
      const sealed = this.#sealed(issued.door, credential)
      return sealed !== null && equalBytes(ports.crypto.sha256(sealed), sealedHash)
    })
  }

  /** Compiles, signs, notes and offers. Answers the doors that have a new policy. */
  async issue(doors: readonly DoorId[]): Promise<DoorId[]> {
    const { ports, vault } = this.#keeping
    const made = doors.map((door) => this.#make(door)).filter((each) => each !== null)
    if (made.length === 0) return []
    const paths: string[] = []
    for (const { issued, forCouriers, offer } of made) {
      const files: readonly (readonly [string, Uint8Array])[] = [
        ...forCouriers.map((bytes) => [policyPath(ports.crypto.sha256(bytes)), bytes] as const),
        [offerPath(issued.door), encodeCbor([offer.manifest, offer.checkpoint, offer.secrets])],
      ]
      for (const [path, bytes] of files) {
        const there = ports.disk.read(path)
        // What a note of before speaks of, as an index may be, is not written again: the power would tear it.
        if (there === null || !equalBytes(there, bytes)) ports.disk.write(path, bytes)
        paths.push(path)
      }
    }
    await Promise.all([vault.syncValues(), ports.disk.sync(paths)])
    await this.#authority.append(made.map(({ issued }) => ({ type: ENTRY_ISSUED, bytes: encodeIssued(issued) })))
    for (const { issued, offer } of made) this.#offers.set(issued.door, { ...offer, size: issued.version.size })
    return made.map(({ issued }) => issued.door)
  }

  /** The offer for a door's lock that knows the authority log up to `held_size` entries. */
  offer(door: DoorId, held_size: number): OfferAnswer {
    if (!this.#authority.state.doors.has(door)) return { ok: false, fault: "unknown door" }
    const offer = this.#offers.get(door)
    if (offer === undefined) return { ok: false, fault: "no policy was issued" }
    if (held_size > offer.size) return { ok: false, fault: "a newer tree is held" }
    const { secrets } = piecesOf(EMPTY, offer.secrets)
    return {
      ok: true,
      offer: { ...offer, secrets },
      consistency: this.#authority.log.consistency(held_size, offer.size),
    }
  }

  /** A credential's secret as it was sealed to the door's lock, if the door's offer names it. */
  secret(door: DoorId, credential: CredentialId): Uint8Array | null {
    const offer = this.#offers.get(door)
    if (offer === undefined || placeOfSecret(offer.secrets, credential) === null) return null
    return this.#sealed(door, credential)
  }

  #sealed(door: DoorId, credential: CredentialId): Uint8Array | null {
    const { lock, config } = this.#authority.state.doors.get(door) ?? { lock: null, config: null }
    if (lock === null || config === null) return null
    return this.#credentials.sealed(credential, lock, this.#placeOf(door, credential, config.zoneApplication))
  }

  #placeOf(door: DoorId, credential: CredentialId, zone: number): LockPlace {
    return { door, zone, isSiteHalf: this.#authority.state.credentials.get(credential)?.what === "site half" }
  }

  #make(door: DoorId): { issued: Issued; forCouriers: readonly Uint8Array[]; offer: Offer } | null {
    const { site, keys, clock, ports } = this.#keeping
    const { state, log } = this.#authority
    assert(state.size === log.head.size, "what is compiled from is what the checkpoint covers")
    const compiledAt = secondsOf(clock.admission())
    const compiled = compile(state, door, compiledAt)
    if (!compiled.ok) return null // The door is gone, or a limit that admission also checks: the last policy stands.
    const secrets = encodeSecretsIndex(this.#secretNames(door, compiled.policy))
    const pieces = piecesOf(compiled.bytes, secrets)
    const version = { epoch: state.root.epoch, size: state.size }
    const policyHash = ports.crypto.sha256(compiled.bytes)
    const secretsHash = ports.crypto.sha256(secrets)
    const manifest = manifestToSign(
      {
        site,
        door,
        version,
        policyHash,
        authority: { size: log.head.size, root: log.head.root },
        tzdata: compiled.policy.tzdata,
        compiledAt,
        chunks: pieces.chunks.map((chunk) => ports.crypto.sha256(chunk)),
        policySize: compiled.bytes.length,
        secretsHash,
      },
      keys.policy.publicKey,
      ports.crypto,
    )
    const signed = manifest.finish(keys.policy.sign(manifest.bytes))
    const issued = { door, version, policyHash, secretsHash, compiledAt }
    const forCouriers = pieces.secrets === secrets ? [compiled.bytes] : [compiled.bytes, secrets]
    return { issued, forCouriers, offer: { manifest: signed, checkpoint: log.head.note, secrets } }
  }

  /** The secrets of the credentials in the policy, each as it is sealed to the door's lock; none without a lock. */
  #secretNames(door: DoorId, policy: Policy): SecretName[] {
    const { lock, config } = this.#authority.state.doors.get(door) ?? { lock: null, config: null }
    if (lock === null || config === null) return []
    const names: SecretName[] = []
    for (const credential of credentialsOf(policy)) {
      const place = this.#placeOf(door, credential, config.zoneApplication)
      const sealedHash = this.#credentials.sealedHash(credential, lock, place)
      if (sealedHash !== null) names.push({ credential, sealedHash })
    }
    return names
  }
}
