/**
 * The virtual phones of an example building: a drawer like that of the cards, but each phone made its own key, and whoever
 * enrols it is told the public half alone.
 *
 * What it learnt of locks (their keys when it is held to one, lasting keys from meetings) stays in it. It is part of the world,
 * not of Holdfast: a real phone lies in a real pocket, and its key in its own hardware.
 */
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { toBase64, toHex } from "@holdfast/base/text"
import { phoneAnswers, type PhoneHands, type VirtualPhone, virtualPhone } from "@holdfast/lock/devices"
import { type Disk, type Es256Signer, es256FromPkcs8, newEs256, nodeCrypto } from "@holdfast/port-node"
import { bytes, keep, listOf, made, object, readKept, type Schema, text } from "./kept-json.ts"
import { newEphemeral } from "./phone-reader.ts"

/** What the world tells the console about a phone: never its private key. */
export type PhoneView = { readonly phone: string; readonly label: string; readonly key: string }

type Stored = {
  readonly phone: string
  readonly label: string
  readonly key: Es256Signer
  /** Lasting keys from meetings, each with the lock's name. */
  readonly lasting: ReadonlyMap<string, Uint8Array>
}

type Meeting = readonly [string, Uint8Array]

/** A pair: the lock's name, and the lasting key in hex. */
const MEETING: Schema<Meeting> = (said) => {
  if (!Array.isArray(said) || said.length !== 2) return undefined
  const [lock, key] = [text(said[0]), bytes(32)(said[1])]
  return lock === undefined || key === undefined ? undefined : [lock, key]
}

const STORED: Schema<Stored> = object({
  phone: made(bytes(8), toHex),
  label: text,
  key: made(bytes(1, 512), es256FromPkcs8),
  lasting: made(listOf(MEETING), (meetings) => new Map(meetings)),
})

const FILE = "phones.json"

/** One phone in somebody's hand. */
export class Phone {
  readonly name: string
  readonly label: string
  readonly #signer: Es256Signer
  readonly #hands: PhoneHands
  readonly #changed: () => void
  #state: VirtualPhone

  constructor(stored: Stored, random: (size: number) => Uint8Array, changed: () => void) {
    this.name = stored.phone
    this.label = stored.label
    this.#signer = stored.key
    this.#hands = { sign: (bytes) => this.#signer.sign(bytes), newEphemeral, random }
    this.#changed = changed
    const { lasting } = stored
    this.#state = { ...virtualPhone(this.#signer.publicKey, new Map()), lasting, isArmed: false }
  }

  get told(): VirtualPhone["told"] {
    return this.#state.told
  }

  view(): PhoneView {
    return { phone: this.name, label: this.label, key: toBase64(encodeCoseKey(this.#signer.publicKey)) }
  }

  /** As it is kept. */
  stored() {
    const lasting = [...this.#state.lasting].map(([lock, key]) => [lock, toHex(key)] as const)
    return { phone: this.name, label: this.label, key: toHex(this.#signer.pkcs8()), lasting }
  }

  /** Its holder unlocks it, or puts it back; `locks` are the locks that it was told of when it was enrolled. */
  arm(isArmed: boolean, locks: ReadonlyMap<string, PublicKey>): void {
    this.#state = { ...this.#state, isArmed, locks, greeted: null, channel: null }
  }

  /** Its answer to one command of a reader. */
  answer(command: Uint8Array): Uint8Array {
    const before = this.#state
    const { phone, answer } = phoneAnswers(before, command, this.#hands, nodeCrypto)
    this.#state = phone
    if (phone.lasting !== before.lasting) this.#changed()
    return answer
  }
}

export class Phones {
  readonly #disk: Disk
  readonly #random: (size: number) => Uint8Array
  readonly #phones = new Map<string, Phone>()

  /** The drawer in this directory, which the disk is of. */
  constructor(disk: Disk, random: (size: number) => Uint8Array, directory = "") {
    this.#disk = disk
    this.#random = random
    for (const stored of readKept(disk, directory, FILE, listOf(STORED)) ?? []) this.#take(stored)
  }

  #take(stored: Stored): Phone {
    const phone = new Phone(stored, this.#random, () => this.#save())
    this.#phones.set(stored.phone, phone)
    return phone
  }

  #save(): void {
    keep(
      this.#disk,
      FILE,
      [...this.#phones.values()].map((phone) => phone.stored()),
    )
  }

  get(name: string): Phone | null {
    return this.#phones.get(name) ?? null
  }

  views(): PhoneView[] {
    return [...this.#phones.values()].map((phone) => phone.view())
  }

  /** A phone from the shop, which makes its key. */
  make(label: string): Phone {
    const phone = this.#take({ phone: toHex(this.#random(8)), label, key: newEs256(), lasting: new Map() })
    this.#save()
    return phone
  }
}

/** A lock's name as phones know it: site and door, in hex. */
export function lockName(site: string, door: string): string {
  return `${site}${door}`
}
