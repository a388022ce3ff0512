/**
 * The virtual phones of an example building: a drawer like that of the cards, but each phone made its own key, and whoever
 * enrols it is told the public half alone.
 *
 * What it learnt of locks (their keys when it is held to one, lasting keys from meetings) stays in it. It is part of the world,
 * not of Holdfast: a real phone lies in a real pocket, and its key in its own hardware.
 */
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromHex, toBase64, toHex } from "@holdfast/base/text"
import { phoneAnswers, type PhoneHands, type VirtualPhone, virtualPhone } from "@holdfast/lock/devices"
import { type Disk, type Es256Signer, es256FromPkcs8, newEs256, nodeCrypto } from "@holdfast/port-node"
import { newEphemeral } from "./phone-reader.ts"

/** What the world tells the console about a phone: never its private key. */
export type PhoneView = { readonly phone: string; readonly label: string; readonly key: string }

type Stored = { phone: string; label: string; key: string; lasting: (readonly [string, string])[] }

export class PhonesError extends Error {
  override readonly name = "PhonesError"
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  if (bytes === null) throw new PhonesError("the drawer of virtual phones cannot be read")
  return bytes
}

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
    this.#signer = es256FromPkcs8(bytesOf(stored.key))
    this.#hands = { sign: (bytes) => this.#signer.sign(bytes), newEphemeral, random }
    this.#changed = changed
    const lasting = new Map(stored.lasting.map(([lock, key]) => [lock, bytesOf(key)]))
    this.#state = { ...virtualPhone(this.#signer.publicKey, new Map()), lasting, isArmed: false }
  }

  get told(): VirtualPhone["told"] {
    return this.#state.told
  }

  view(): PhoneView {
    return { phone: this.name, label: this.label, key: toBase64(encodeCoseKey(this.#signer.publicKey)) }
  }

  stored(): Stored {
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

  constructor(disk: Disk, random: (size: number) => Uint8Array) {
    this.#disk = disk
    this.#random = random
    const bytes = disk.read(FILE)
    const stored: Stored[] = bytes === null ? [] : JSON.parse(Buffer.from(bytes).toString("utf8"))
    for (const each of stored) this.#take(each)
  }

  #take(stored: Stored): Phone {
    const phone = new Phone(stored, this.#random, () => this.#save())
    this.#phones.set(stored.phone, phone)
    return phone
  }

  #save(): void {
    const stored = [...this.#phones.values()].map((phone) => phone.stored())
    this.#disk.replace(FILE, Buffer.from(JSON.stringify(stored)))
  }

  get(name: string): Phone | null {
    return this.#phones.get(name) ?? null
  }

  views(): PhoneView[] {
    return [...this.#phones.values()].map((phone) => phone.view())
  }

  /** A phone from the shop, which makes its key. */
  make(label: string): Phone {
    const stored = { phone: toHex(this.#random(8)), label, key: toHex(newEs256().pkcs8()), lasting: [] }
    const phone = this.#take(stored)
    this.#save()
    return phone
  }
}

/** A lock's name as phones know it: site and door, in hex. */
export function lockName(site: string, door: string): string {
  return `${site}${door}`
}
