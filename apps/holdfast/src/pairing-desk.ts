/**
 * The desk to which boards that stand alone come: who waits to be paired, and certificates for those who are.
 *
 * Picture a waiting room with a few chairs. A board shows a request that its own key signed and takes a chair; an administrator
 * sees it in the console, compares its fingerprint and signs "lock pair". When the authority log pairs that key with a door,
 * the board gets a certificate for that door's topics. The desk gives nothing before that, and trusts nobody's word for a key
 * but the key's own.
 */
import { X509Certificate } from "node:crypto"
import type { DoorId, SiteId } from "@holdfast/base"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { boardFingerprint, openPairing, type PairingRequest, siteMark } from "@holdfast/lock/pairing"
import { nodeCrypto } from "@holdfast/port-node"
import { hostOf, reachableAt } from "./ports.ts"
import { TlsError } from "./tls.ts"

const WAITING_MAX = 20
/** A board asks every few seconds; one that fell silent leaves its chair. */
const WAITING_MS_MAX = 60_000

/** A board that waits, as the console shows it. */
export type WaitingBoard = {
  readonly journal_key: string
  readonly hpke_key: string
  readonly serial: string
  readonly fingerprint: string
}

export type PairingAnswer = { readonly status: number; readonly body: unknown }

export type PairingDeskOptions = {
  readonly site: SiteId
  /** The port at which the courier hears locks. */
  readonly mqttPort: number
  /** The door that the authority log pairs with this key. */
  pairedWith(journalKey: PublicKey): Promise<DoorId | null>
  /** A certificate, PEM, for a lock's own TLS key; throws a {@link TlsError} for a key that is none. */
  certify(door: DoorId, journalKey: PublicKey, tlsKey: Uint8Array): string
  uptime(): number
}

function refusal(status: number, slug: string, title: string): PairingAnswer {
  return { status, body: { type: `urn:holdfast:pairing:${slug}`, title, status } }
}

/** What a board that stands alone is given: where the desk is, and the mark of the site that it may believe there. */
export function boardsLink(site: SiteId, authorityPem: string, listen: string, port: number): string {
  const authority = new Uint8Array(new X509Certificate(authorityPem).raw)
  return `https://${hostOf(reachableAt(listen))}:${port}/#${siteMark(site, authority, nodeCrypto)}`
}

export class PairingDesk {
  readonly #options: PairingDeskOptions
  readonly #waiting = new Map<string, { readonly board: WaitingBoard; readonly at_ms: number }>()

  constructor(options: PairingDeskOptions) {
    this.#options = options
  }

  /** Boards that asked within the last minute, in the order in which they came. */
  waiting(): readonly WaitingBoard[] {
    const since_ms = this.#options.uptime() - WAITING_MS_MAX
    for (const [key, { at_ms }] of this.#waiting) if (at_ms < since_ms) this.#waiting.delete(key)
    return [...this.#waiting.values()].map(({ board }) => board)
  }

  /** Answers a board's request, as JSON brought it. */
  async answer(body: unknown): Promise<PairingAnswer> {
    const { site, pairedWith } = this.#options
    const text = typeof body === "object" && body !== null && "request" in body ? body.request : null
    const bytes = typeof text === "string" ? fromBase64(text) : null
    const request = bytes === null ? null : openPairing(nodeCrypto, site, bytes)
    if (request === null) return refusal(400, "request", "This is no board's request to this site.")
    const door = await pairedWith(request.journalKey)
    return door === null ? this.#wait(request) : this.#admit(door, request)
  }

  #admit(door: DoorId, { journalKey, tlsKey }: PairingRequest): PairingAnswer {
    try {
      const certificate = this.#options.certify(door, journalKey, tlsKey)
      this.#waiting.delete(toBase64(encodeCoseKey(journalKey)))
      return { status: 200, body: { state: "paired", door, certificate, mqtt_port: this.#options.mqttPort } }
    } catch (error) {
      if (error instanceof TlsError) return refusal(400, "tls-key", "The key of the board's link is no P-256 key.")
      throw error
    }
  }

  #wait({ journalKey, hpkeKey, serial }: PairingRequest): PairingAnswer {
    const journal_key = toBase64(encodeCoseKey(journalKey))
    const fingerprint = boardFingerprint(journalKey, nodeCrypto)
    if (!this.#waiting.has(journal_key) && this.waiting().length >= WAITING_MAX)
      return refusal(429, "full", "Too many boards wait to be paired: try again in a minute.")
    const board = { journal_key, hpke_key: toBase64(hpkeKey), serial, fingerprint }
    this.#waiting.set(journal_key, { board, at_ms: this.#options.uptime() })
    return { status: 202, body: { state: "waiting" } }
  }
}
