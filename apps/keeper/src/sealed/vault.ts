/**
 * Everything personal or secret that the keeper holds: names, credentials' secrets, what was sealed to which lock, and the
 * details behind journal records. In three encrypted files; in memory are only places and, for codes, what must be compared.
 *
 *   sealed/labels      [object, salt, text]                     the last one that opens the commitment counts
 *   sealed/secrets     [1, credential, PIN, code for duress] or [2, credential, UID] or [4, credential, half of offline PINs],
 *                      and [3, credential, lock, sealed bytes];
 *                      PINs of before there were codes for duress are without one
 *   sealed/openings    [door, first sequence, last sequence, openings as the lock sent them]
 *
 * Losing them loses names and secrets, never a proof. It decides nothing about who may see what.
 */
import { assert, type CredentialId, type Crypto, type DoorId, type Id, idBytes, idOf } from "@holdfast/base"
import { type Cbor, decodeCbor, encodeCbor, readBytes, readText, readUint } from "@holdfast/base/cbor"
import type { Taken, ToldCodes } from "../pin.ts"
import { Segment, type SegmentPorts } from "./segment.ts"

export const LABELS_PATH = "sealed/labels"
export const SECRETS_PATH = "sealed/secrets"
export const OPENINGS_PATH = "sealed/openings"

const KIND_PIN = 1
const KIND_CARD = 2
const KIND_SEALED = 3
const KIND_HALF = 4

export type Label = { readonly salt: Uint8Array; readonly text: string }
/** What makes a credential: the PIN and the code for duress, the card's UID, or half of what makes offline PINs. */
export type Secret =
  | { readonly what: "pin"; readonly codes: ToldCodes }
  | { readonly what: "card"; readonly uid: Uint8Array }
  /** The owner's or the site's half of one person's offline PINs; which of them, the statement says. */
  | { readonly what: "half"; readonly key: Uint8Array }
export type OpeningsPlace = { readonly first: number; readonly last: number; readonly offset: number }

/** Bytes of labels, secrets and openings. */
export type VaultSizes = readonly [number, number, number]

export type VaultOpened = { readonly ok: true; readonly vault: Vault } | { readonly ok: false; readonly fault: string }

type Segments = { readonly labels: Segment; readonly secrets: Segment; readonly openings: Segment }

function fieldsOf(record: Uint8Array): readonly Cbor[] {
  const decoded = decodeCbor(record)
  return decoded.ok && Array.isArray(decoded.value) ? (decoded.value as readonly Cbor[]) : []
}

function pinFields(id: Uint8Array, { pin, duress }: ToldCodes): Cbor {
  return duress === undefined ? [KIND_PIN, id, pin] : [KIND_PIN, id, pin, duress]
}

function secretFields(id: Uint8Array, secret: Secret): Cbor {
  switch (secret.what) {
    case "pin":
      return pinFields(id, secret.codes)
    case "card":
      return [KIND_CARD, id, secret.uid]
    case "half":
      return [KIND_HALF, id, secret.key]
  }
}

export class Vault {
  readonly #crypto: Crypto
  #segments: Segments | null = null
  readonly #labelPlaces = new Map<Id<string>, number[]>()
  readonly #secretOf = new Map<CredentialId, Secret>()
  readonly #pins = new Set<string>()
  readonly #duress = new Set<string>()
  /** By credential and lock: where the sealed secret is, and its hash. */
  readonly #sealed = new Map<string, { offset: number; hash: Uint8Array }>()
  readonly #openingPlaces = new Map<DoorId, OpeningsPlace[]>()

  private constructor(crypto: Crypto) {
    this.#crypto = crypto
  }

  /** `atRest` are the sizes of the three files at the last clean stop, null after any other; `visit` hears all openings. */
  static open(
    ports: SegmentPorts & { readonly crypto: Crypto },
    atRest: VaultSizes | null,
    visit: (door: DoorId, openings: Uint8Array) => void = () => undefined,
  ): VaultOpened {
    const vault = new Vault(ports.crypto)
    const [labels_size, secrets_size, openings_size] = atRest ?? [null, null, null]
    const labels = Segment.open(ports, LABELS_PATH, labels_size, (record, at) => vault.#takeLabel(record, at))
    if (!labels.ok) return labels
    const secrets = Segment.open(ports, SECRETS_PATH, secrets_size, (record, at) => vault.#takeSecret(record, at))
    if (!secrets.ok) return secrets
    const openings = Segment.open(ports, OPENINGS_PATH, openings_size, (record, at) => {
      const taken = vault.#takeOpenings(record, at)
      if (taken !== null) visit(taken.door, taken.bytes)
    })
    if (!openings.ok) return openings
    vault.#segments = { labels: labels.segment, secrets: secrets.segment, openings: openings.segment }
    return { ok: true, vault }
  }

  putLabel(object: Id<string>, { salt, text }: Label): void {
    const record = encodeCbor([idBytes(object), salt, text])
    this.#takeLabel(record, this.#files.labels.append(record))
  }

  /** The last label of an object that fits: a power cut may have left one whose statement never came to be. */
  label(object: Id<string>, fits: (label: Label) => boolean): Label | null {
    for (const offset of (this.#labelPlaces.get(object) ?? []).toReversed()) {
      const record = this.#files.labels.read(offset)
      const [, saltField, textField] = record === null ? [] : fieldsOf(record)
      const salt = readBytes(saltField, 16)
      const text = readText(textField, Number.MAX_SAFE_INTEGER)
      if (salt !== null && text !== null && fits({ salt, text })) return { salt, text }
    }
    return null
  }

  hasLabel(object: Id<string>): boolean {
    return this.#labelPlaces.has(object)
  }

  /** Every code that was ever issued here. */
  get codes(): Taken {
    return { pins: this.#pins, duress: this.#duress }
  }

  putSecret(credential: CredentialId, secret: Secret): void {
    const id = idBytes(credential)
    this.#putSecretRecord(encodeCbor(secretFields(id, secret)))
  }

  secret(credential: CredentialId): Secret | null {
    return this.#secretOf.get(credential) ?? null
  }

  /** `lock` names whoever can open it: a lock's key, in one application. */
  putSealed(credential: CredentialId, lock: string, sealed: Uint8Array): void {
    this.#putSecretRecord(encodeCbor([KIND_SEALED, idBytes(credential), lock, sealed]))
  }

  sealedHash(credential: CredentialId, lock: string): Uint8Array | null {
    return this.#sealed.get(`${credential} ${lock}`)?.hash ?? null
  }

  sealed(credential: CredentialId, lock: string): Uint8Array | null {
    const place = this.#sealed.get(`${credential} ${lock}`)
    const record = place === undefined ? null : this.#files.secrets.read(place.offset)
    const fields = record === null ? [] : fieldsOf(record)
    return readBytes(fields[3], 1, Number.MAX_SAFE_INTEGER)
  }

  putOpenings(door: DoorId, first: number, last: number, openings: Uint8Array): void {
    const offset = this.#files.openings.append(encodeCbor([idBytes(door), first, last, openings]))
    this.#placeOpenings(door, { first, last, offset })
  }

  /** Where the openings of a door's batches are that have a record in this range, in order. */
  openingsOf(door: DoorId, first: number, last: number): OpeningsPlace[] {
    const places = this.#openingPlaces.get(door) ?? []
    let at = Math.max(0, placeAfter(places, first) - 1) // The batch before may reach into the range.
    const found: OpeningsPlace[] = []
    for (let place = places[at]; place !== undefined && place.first <= last; place = places[++at])
      if (place.last >= first) found.push(place)
    return found
  }

  hasOpenings(door: DoorId, first: number): boolean {
    const places = this.#openingPlaces.get(door) ?? []
    return places[placeAfter(places, first) - 1]?.first === first
  }

  /** The openings at a place, as the lock sent them. */
  readOpenings(place: OpeningsPlace): Uint8Array | null {
    const record = this.#files.openings.read(place.offset)
    const fields = record === null ? [] : fieldsOf(record)
    return readBytes(fields[3], 0, Number.MAX_SAFE_INTEGER)
  }

  async syncValues(): Promise<void> {
    await Promise.all([this.#files.labels.sync(), this.#files.secrets.sync()])
  }

  async syncOpenings(): Promise<void> {
    await this.#files.openings.sync()
  }

  /** Everything is durable when it answers. */
  async settle(): Promise<void> {
    await Promise.all([this.syncValues(), this.syncOpenings()])
  }

  get sizes(): VaultSizes {
    const { labels, secrets, openings } = this.#files
    return [labels.size, secrets.size, openings.size]
  }

  close(): void {
    for (const segment of Object.values(this.#files)) segment.close()
  }

  get #files(): Segments {
    assert(this.#segments !== null, "a vault is opened before it is used")
    return this.#segments
  }

  #putSecretRecord(record: Uint8Array): void {
    this.#takeSecret(record, this.#files.secrets.append(record))
  }

  #takeLabel(record: Uint8Array, offset: number): void {
    const [objectField] = fieldsOf(record)
    const object = readBytes(objectField, 16)
    if (object === null) return
    const id = idOf<string>(object)
    this.#labelPlaces.set(id, [...(this.#labelPlaces.get(id) ?? []), offset])
  }

  #takeSecret(record: Uint8Array, offset: number): void {
    const [kind, credentialField, third, fourth] = fieldsOf(record)
    const id = readBytes(credentialField, 16)
    if (id === null) return
    const credential = idOf<"CredentialId">(id)
    if (kind === KIND_PIN && typeof third === "string") {
      const codes = typeof fourth === "string" ? { pin: third, duress: fourth } : { pin: third }
      this.#secretOf.set(credential, { what: "pin", codes })
      this.#pins.add(third)
      if (typeof fourth === "string") this.#duress.add(fourth)
    }
    if (kind === KIND_CARD && third instanceof Uint8Array) this.#secretOf.set(credential, { what: "card", uid: third })
    if (kind === KIND_HALF && third instanceof Uint8Array) this.#secretOf.set(credential, { what: "half", key: third })
    if (kind === KIND_SEALED && typeof third === "string" && fourth instanceof Uint8Array)
      this.#sealed.set(`${credential} ${third}`, { offset, hash: this.#crypto.sha256(fourth) })
  }

  #takeOpenings(record: Uint8Array, offset: number): { readonly door: DoorId; readonly bytes: Uint8Array } | null {
    const [doorField, firstField, lastField, openingsField] = fieldsOf(record)
    const id = readBytes(doorField, 16)
    const first = readUint(firstField)
    const last = readUint(lastField)
    const bytes = readBytes(openingsField, 0, Number.MAX_SAFE_INTEGER)
    if (id === null || first === null || last === null || bytes === null) return null
    const door = idOf<"DoorId">(id)
    this.#placeOpenings(door, { first, last, offset })
    return { door, bytes }
  }

  #placeOpenings(door: DoorId, place: OpeningsPlace): void {
    const places = this.#openingPlaces.get(door) ?? []
    this.#openingPlaces.set(door, places)
    places.splice(placeAfter(places, place.first), 0, place)
  }
}

/** How many places begin at or before a sequence: they are in order, so it is found in halves. */
function placeAfter(places: readonly OpeningsPlace[], sequence: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    const place = places[middle]
    assert(place !== undefined, "the middle lies between the ends")
    if (place.first <= sequence) low = middle + 1
    else high = middle
  }
  return low
}
