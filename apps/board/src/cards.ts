/**
 * The virtual cards of an example building, and what their holders remember.
 *
 * Picture a drawer of cards with names on them. Each card has its own encoder key, so that the keeper can seal the zone keys
 * to it and no courier sees them. It is part of the world, not of Holdfast: a real card lies in a real pocket.
 */
import { decodeIssuedSecret } from "@holdfast/access/issued"
import { type CredentialId, parseId, type SiteId } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { encodeCardFile, type VirtualCard, virtualCard } from "@holdfast/lock/devices"
import { type Disk, type HpkeKeyPair, hpkeInfo, hpkeKeyPair, newHpkeKeyPair, openSealed } from "@holdfast/port-node"
import {
  bytes,
  integerIn,
  keep,
  listOf,
  made,
  object,
  orAbsent,
  orNull,
  readKept,
  type Schema,
  text,
} from "./kept-json.ts"

export type Card = {
  /** Random, in hex: the card's name in this world only. */
  readonly card: string
  /** Seven bytes, as ISO/IEC 14443-3 has them. */
  readonly uid: Uint8Array
  readonly encoder: HpkeKeyPair
  readonly keys: readonly Uint8Array[] | null
  readonly credential: CredentialId | null
  /** Under which epoch of the site's keeper it was written. */
  readonly epoch: number
  /** What is printed on it. */
  readonly label: string
  /** What its holder remembers, where the example gave them a PIN. */
  readonly pin: string | null
  /** What they remember beside it, for use under duress. */
  readonly duress: string | null
}

/** What the world tells the console about a card: never a key of it. */
export type CardView = {
  readonly card: string
  readonly uid: string
  readonly encoder_key: string
  readonly label: string
  readonly pin: string | null
  readonly duress: string | null
  readonly personalised: boolean
  readonly credential: string | null
}

const FILE = "cards.json"

const STORED: Schema<Card> = object({
  card: made(bytes(8), toHex),
  uid: bytes(7),
  encoder: made(bytes(32), hpkeKeyPair),
  keys: orNull(listOf(bytes(16))),
  credential: orNull(made(text, (name) => parseId<"CredentialId">(name))),
  epoch: orAbsent(integerIn(0, Number.MAX_SAFE_INTEGER), 0),
  label: text,
  pin: orNull(text),
  duress: orAbsent(orNull(text), null),
})

function store(card: Card): object {
  return {
    card: card.card,
    uid: toHex(card.uid),
    encoder: toHex(card.encoder.privateKey),
    keys: card.keys?.map(toHex) ?? null,
    credential: card.credential,
    epoch: card.epoch,
    label: card.label,
    pin: card.pin,
    duress: card.duress,
  }
}

/** The card as it enters a reader's field: a key for each zone, and in each zone's application the file that says who it is. */
export function inField({
  uid,
  keys,
  credential,
  epoch,
}: Pick<Card, "uid" | "keys" | "credential" | "epoch">): VirtualCard {
  const file = credential === null ? null : encodeCardFile({ credential, epoch })
  return virtualCard(uid, new Map((keys ?? []).map((key, zone) => [zone, key])), file)
}

export class Cards {
  readonly #disk: Disk
  readonly #cards = new Map<string, Card>()

  /** The drawer in this directory, which the disk is of. */
  constructor(disk: Disk, directory = "") {
    this.#disk = disk
    for (const card of readKept(disk, directory, FILE, listOf(STORED)) ?? []) this.#cards.set(card.card, card)
  }

  #save(): void {
    keep(this.#disk, FILE, [...this.#cards.values()].map(store))
  }

  get(card: string): Card | null {
    return this.#cards.get(card) ?? null
  }

  views(): CardView[] {
    return [...this.#cards.values()].map((card) => ({
      card: card.card,
      uid: toHex(card.uid),
      encoder_key: Buffer.from(card.encoder.publicKey).toString("base64"),
      label: card.label,
      pin: card.pin,
      duress: card.duress,
      personalised: card.keys !== null,
      credential: card.credential,
    }))
  }

  /** A blank card from the box. */
  make(label: string, random: (size: number) => Uint8Array): Card {
    const uid = random(7)
    uid[0] = 0x04 // NXP's manufacturer byte, ISO/IEC 7816-6.
    const card: Card = {
      card: toHex(random(8)),
      uid,
      encoder: newHpkeKeyPair(),
      keys: null,
      credential: null,
      epoch: 0,
      label,
      pin: null,
      duress: null,
    }
    this.#cards.set(card.card, card)
    this.#save()
    return card
  }

  /** Writes what the keeper sealed to the card's encoder. False when it was not sealed to this card or is malformed. */
  personalise(name: string, site: SiteId, epoch: number, sealed: Uint8Array): boolean {
    const card = this.#cards.get(name)
    if (card === undefined) return false
    const plain = openSealed(card.encoder, hpkeInfo("issued", site), sealed)
    const issued = plain === null ? null : decodeIssuedSecret(plain)
    if (issued?.kind !== "card") return false
    const { credential, keys } = issued
    this.#cards.set(name, { ...card, credential, keys, epoch })
    this.#save()
    return true
  }

  remember(name: string, pin: string, duress: string | null): void {
    const card = this.#cards.get(name)
    if (card === undefined) return
    this.#cards.set(name, { ...card, pin, duress })
    this.#save()
  }
}
