/**
 * The front's process: it serves the console's pages, tells everybody which site this is, and passes on what strangers ask.
 *
 * Strangers come with two questions, and the front answers neither itself: "may I take charge with this link?" and "may this
 * board be paired?". It brings them here, to the site's claims and the {@link PairingDesk}, and carries the answer back.
 */
import { toBase64 } from "@holdfast/base/text"
import type { Said } from "./child.ts"
import { KeptChild } from "./kept-child.ts"
import type { PairingDesk } from "./pairing-desk.ts"
import { LOOPBACK } from "./ports.ts"
import { CONSOLE, programOf } from "./program.ts"
import type { Site } from "./site.ts"
import type { TlsNames } from "./tls.ts"

export type FrontOptions = {
  readonly log: string
  readonly site: Site
  readonly origin: string
  readonly port: number
  /** The port of the counter at which boards ask to be paired, and where it is. */
  readonly boardsPort: number
  readonly listen: string
  readonly tls: TlsNames
  readonly pairing: PairingDesk
  /** What everybody is told of this site, at present. */
  siteFile(): object
  gaveUp(error: unknown): void
}

type Answer = { readonly status: number; readonly body: unknown }

export class Front {
  readonly #options: FrontOptions
  readonly #child: KeptChild

  constructor(options: FrontOptions) {
    this.#options = options
    const { site, origin, port, boardsPort, listen, tls } = options
    const { keyPem, certificatePem } = tls.counter()
    const opening = { root: toBase64(site.bytes), authority: tls.authorityPem }
    this.#child = new KeptChild({
      name: "front",
      entry: programOf("front"),
      log: options.log,
      settings: () => ({
        bundle: CONSOLE,
        port,
        address: LOOPBACK,
        origin,
        site: options.siteFile(),
        counter: { key: keyPem, certificate: certificatePem, opening, port: boardsPort, address: listen },
      }),
      ready: () => undefined,
      heard: (said) => void this.#heard(said),
      gaveUp: options.gaveUp,
    })
  }

  async start(): Promise<void> {
    await this.#child.start()
  }

  /** The site file is another one now. */
  siteChanged(): void {
    this.#child.tell({ kind: "site", site: this.#options.siteFile() })
  }

  async #heard(said: Said): Promise<void> {
    const answer = await this.#answer(said).catch((error: unknown): Answer => {
      const title = error instanceof Error ? error.message : String(error)
      return { status: 503, body: { type: `urn:holdfast:${said.kind}:keeper`, title, status: 503, detail: title } }
    })
    if (answer !== null) this.#child.tell({ kind: "answered", id: said["id"], answer })
  }

  async #answer(said: Said): Promise<Answer | null> {
    const { site, pairing } = this.#options
    switch (said.kind) {
      case "claim":
        return site.claims.claim(said["body"])
      case "pair":
        return pairing.answer(said["body"])
      case "waiting":
        return { status: 200, body: pairing.waiting() }
      default:
        return null
    }
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
