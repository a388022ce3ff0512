/**
 * A board that stands alone: it asks a site to pair it, waits until an administrator did, and then is that door's lock.
 *
 * Picture a new employee with a letter of introduction: the letter is the link, which names the counter and the site's mark.
 * What the counter says is held against the mark before anything is believed, and the board follows no other site from then
 * on. Its directory keeps its keys, the site and its certificate, so that it starts without the counter later.
 */
import { verifyFirstRoot } from "@holdfast/access/author"
import { type DoorId, encodeCoseKey, fromBase64, parseId, toBase64, utf8 } from "@holdfast/base"
import { boardFingerprint, pairingToSign, siteMark } from "@holdfast/lock/pairing"
import { NodeDisk, nodeCrypto } from "@holdfast/port-node"
import { X509Certificate } from "node:crypto"
import { existsSync, renameSync } from "node:fs"
import { type IncomingMessage, request as httpRequest } from "node:http"
import { request as httpsRequest } from "node:https"
import { join } from "node:path"
import type { SiteTrust } from "./building.ts"
import type { FailMode } from "./hardware.ts"
import { type BoardKeys, boardKeys, tlsPublicKey } from "./keys.ts"

/** What stands in the way of a board's pairing; the message is a line for a person. */
export class PairingError extends Error {
  override readonly name = "PairingError"
}

/** Where the counter is, and the mark that the person read in the console or on the terminal. */
export type Link = { readonly host: string; readonly port: number; readonly mark: string }

/** What a paired board remembers of its site. */
export type Kept = {
  readonly link: Link
  readonly root: string
  readonly authority: string
  readonly door: DoorId
  readonly certificate: string
  readonly mqtt_port: number
}

export type Shown = { readonly serial: string; readonly fingerprint: string; readonly text: string }

/** The counter's own name: the server has no certificate for it. */
const COUNTER = "pairing.holdfast.internal"
const ANSWER_BYTES_MAX = 64 * 1024
const SITE = "site.json"
const UNPAIRED = "unpaired"
const TIMEOUT_MS = 10_000

/** Reads `https://HOST:PORT/#MARK`. */
export function readLink(text: string): Link {
  const url = URL.canParse(text) ? new URL(text) : null
  const mark = url?.hash.slice(1) ?? ""
  if (url?.protocol !== "https:" || url.port === "" || !/^[0-9a-f]{32}$/.test(mark))
    throw new PairingError(`"${text}" is no link of a site: npm start prints it as Boards, https://HOST:PORT/#MARK.`)
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port), mark }
}

type Answer = { readonly status: number; readonly body: ReadonlyMap<string, unknown> }

/** Asks the counter: in the clear, when nothing that it says is believed yet, or under the authority that the mark names. */
function ask(link: Link, path: string, body: unknown, authority: string | null): Promise<Answer> {
  const { host, port } = link
  const method = body === null ? "GET" : "POST"
  const way = { host, port, path, method, headers: { connection: "close" }, timeout: TIMEOUT_MS }
  return new Promise((resolve, reject) => {
    const away = (): void => reject(new PairingError(`Nobody answers at ${host}:${port}.`))
    const hear = (response: IncomingMessage): void => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (part: string) => {
        text += part
        if (text.length > ANSWER_BYTES_MAX) request.destroy()
      })
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: fieldsOf(text) }))
      response.on("error", away)
    }
    const request =
      authority === null
        ? httpRequest(way, hear)
        : httpsRequest({ ...way, ca: authority, servername: COUNTER, minVersion: "TLSv1.3" }, hear)
    request.on("timeout", () => request.destroy()).on("error", away)
    request.end(body === null ? undefined : JSON.stringify(body))
  })
}

function fieldsOf(text: string): ReadonlyMap<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return new Map(typeof value === "object" && value !== null ? Object.entries(value) : [])
  } catch {
    return new Map()
  }
}

type Site = Pick<Kept, "root" | "authority"> & { readonly trust: SiteTrust }

/** The site that a root and an authority describe, if the mark stands for the two of them; else null. */
function siteOf(mark: string, root: unknown, authority: unknown): Site | null {
  const bytes = typeof root === "string" ? fromBase64(root) : null
  if (bytes === null || typeof root !== "string" || typeof authority !== "string") return null
  const verified = verifyFirstRoot(bytes, nodeCrypto)
  if (!verified.ok) return null
  const { site, root: told } = verified
  try {
    const der = new Uint8Array(new X509Certificate(authority).raw)
    if (siteMark(site, der, nodeCrypto) !== mark) return null
  } catch {
    return null // No certificate.
  }
  const trust: SiteTrust = {
    site,
    keeper: toBase64(encodeCoseKey(told.keeper)),
    logKey: toBase64(told.logKey),
    keeperHpke: toBase64(told.keeperHpke),
    epoch: told.epoch,
  }
  return { root, authority, trust }
}

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
    const bytes = this.#disk.read(SITE)
    if (bytes === null) return null
    const kept: Kept = JSON.parse(Buffer.from(bytes).toString("utf8"))
    const site = siteOf(kept.link.mark, kept.root, kept.authority)
    if (site === null) throw new PairingError(`${this.#place(SITE)} cannot be read: restore it from a backup.`)
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
    const stored = utf8(JSON.stringify({ failMode: this.#options.failMode }))
    new NodeDisk(this.#place(UNPAIRED)).replace("board.json", stored)
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
    this.#disk.replace(SITE, utf8(JSON.stringify(kept)))
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
