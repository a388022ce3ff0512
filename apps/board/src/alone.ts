/**
 * A board that stands alone: it asks a site to pair it, waits until an administrator did, and then is that door's lock.
 *
 * Picture a new employee with a letter of introduction: the letter is the link, which names the counter and the site's mark.
 * What the counter says is held against the mark before anything is believed, and the board follows no other site from then
 * on. Its directory keeps its keys, the site and its certificate, so that it starts without the counter later.
 */
import type { FailMode } from "@holdfast/access/door"
import { type DoorId, parseId } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { boardFingerprint, pairingToSign } from "@holdfast/lock/pairing"
import { NodeDisk, nodeCrypto } from "@holdfast/port-node"
import { existsSync, renameSync } from "node:fs"
import { join } from "node:path"
import type { SiteTrust } from "./building.ts"
import { ask, type Link, PairingError, type Site, siteOf } from "./counter.ts"
import { FITTING } from "./fitting.ts"
import { integerIn, keep, made, object, readKept, type Schema, text } from "./kept-json.ts"
import { type BoardKeys, boardKeys, tlsPublicKey } from "./keys.ts"

/** What a paired board remembers of its site. */
export type Kept = {
  readonly link: Link
  readonly root: string
  readonly authority: string
  readonly door: DoorId
  readonly certificate: string
  readonly mqtt_port: number
}

const PORT = integerIn(1, 65_535)
const KEPT: Schema<Kept> = object({
  link: object({ host: text, port: PORT, mark: text }),
  root: text,
  authority: text,
  door: made(text, (name) => parseId<"DoorId">(name)),
  certificate: text,
  mqtt_port: PORT,
})
/** With the site that it describes, which has to be the one of the link's mark. */
const STORED = made(KEPT, (kept) => {
  const site = siteOf(kept.link.mark, kept.root, kept.authority)
  return site === null ? null : { kept, site }
})

export type Shown = { readonly serial: string; readonly fingerprint: string; readonly text: string }

const SITE = "site.json"
const UNPAIRED = "unpaired"

export type AloneOptions = {
  readonly directory: string
  readonly failMode: FailMode
  random(size: number): Uint8Array
}

export class LoneBoard {
  readonly #options: AloneOptions
  readonly #disk: NodeDisk

  constructor(options: AloneOptions) {
    this.#options = options
    this.#disk = new NodeDisk(options.directory)
  }

  /** What it remembers of its site; null for a board that was never paired, or that left its site by the rules. */
  kept(): { readonly kept: Kept; readonly trust: SiteTrust } | null {
    const read = readKept(this.#disk, this.#options.directory, SITE, STORED)
    if (read === null) return null
    const { kept, site } = read
    this.#settle(kept.door)
    if (existsSync(this.#place(kept.door))) return { kept, trust: site.trust }
    this.#disk.remove(SITE)
    return null
  }

  /** The board's keys, made at its first start. */
  #keys(door: DoorId | null): BoardKeys {
    return boardKeys(new NodeDisk(this.#place(door ?? UNPAIRED)), this.#options.random)
  }

  /** What the board shows to whoever pairs it. */
  shown(): Shown {
    const { journal, hpke, serial } = this.#keys(null)
    const fingerprint = boardFingerprint(journal.publicKey, nodeCrypto)
    const journal_key = toBase64(encodeCoseKey(journal.publicKey))
    const text = JSON.stringify({ journal_key, hpke_key: toBase64(hpke.publicKey), serial, fingerprint })
    return { serial, fingerprint, text }
  }

  /** Fetches what the link's mark stands for; a {@link PairingError} when the counter tells of another site. */
  async meet(link: Link): Promise<Site> {
    const { body } = await ask(link, "/site", null, null)
    const site = siteOf(link.mark, body.get("root"), body.get("authority"))
    if (site !== null) return site
    throw new PairingError(`Whoever answers at ${link.host}:${link.port} is not the site of this link.`)
  }

  /** Asks once: true when the board is paired now and everything it needs is durable, false while it has to wait. */
  async askFor(link: Link, site: Site): Promise<boolean> {
    const answer = await this.#request(link, site, this.#keys(null))
    if (answer === null) return false
    const { door, certificate, mqtt_port } = answer
    keep(new NodeDisk(this.#place(UNPAIRED)), FITTING, { failMode: this.#options.failMode })
    this.#keep({ link, root: site.root, authority: site.authority, door, certificate, mqtt_port })
    this.#settle(door)
    return true
  }

  #place(name: string): string {
    return join(this.#options.directory, name)
  }

  /** The keys move to the door's name; when the power went between, at the next start. */
  #settle(door: DoorId): void {
    if (!existsSync(this.#place(door)) && existsSync(this.#place(UNPAIRED)))
      renameSync(this.#place(UNPAIRED), this.#place(door))
  }

  /**
   * Asks for a certificate for the time to come; what is remembered then. Where the counter does not answer, or knows the board
   * no more, everything stays as it is: the lock works on without a line.
   */
  async renew({ kept, trust }: { readonly kept: Kept; readonly trust: SiteTrust }): Promise<Kept> {
    const answer = await this.#request(kept.link, { ...kept, trust }, this.#keys(kept.door)).catch((error: unknown) => {
      if (error instanceof PairingError) return null
      throw error
    })
    if (answer === null || answer.door !== kept.door) return kept
    const renewed = { ...kept, certificate: answer.certificate, mqtt_port: answer.mqtt_port }
    this.#keep(renewed)
    return renewed
  }

  #keep(kept: Kept): void {
    keep(this.#disk, SITE, kept)
  }

  async #request(
    link: Link,
    { trust, authority }: Site,
    keys: BoardKeys,
  ): Promise<Pick<Kept, "door" | "certificate" | "mqtt_port"> | null> {
    const { journal, hpke, serial } = keys
    const request = { journalKey: journal.publicKey, hpkeKey: hpke.publicKey, tlsKey: tlsPublicKey(keys), serial }
    const signable = pairingToSign(nodeCrypto, trust.site, request)
    const signed = toBase64(signable.finish(journal.sign(signable.bytes)))
    const { status, body } = await ask(link, "/boards", { request: signed }, authority)
    if (status === 202) return null
    const [door, certificate, mqtt_port] = [body.get("door"), body.get("certificate"), body.get("mqtt_port")]
    const id = typeof door === "string" ? parseId<"DoorId">(door) : null
    if (status === 200 && id !== null && typeof certificate === "string" && typeof mqtt_port === "number")
      return { door: id, certificate, mqtt_port }
    const title = body.get("title")
    throw new PairingError(`The site refused: ${typeof title === "string" ? title : `status ${status}`}`)
  }
}
