/**
 * The process of the virtual boards, as the command speaks to it: questions with ids, and certificates given on demand.
 */
import type { BatteryPack, FailMode } from "@holdfast/access/door"
import {
  decodeCoseKey,
  type DoorId,
  EMPTY,
  encodeCoseKey,
  fromBase64,
  parseId,
  type SiteId,
  toBase64,
} from "@holdfast/base"
import { Child, ChildError, type Said } from "./child.ts"
import type { Program } from "./program.ts"
import type { Site } from "./site.ts"
import type { TlsNames } from "./tls.ts"

/** What a board of this site believes from its first minute: whose signatures count. */
type Trust = {
  readonly site: SiteId
  readonly keeper: string
  readonly logKey: string
  readonly keeperHpke: string
  readonly epoch: number
}

export function trustOf({ id, root }: Site): Trust {
  return {
    site: id,
    keeper: toBase64(encodeCoseKey(root.keeper)),
    logKey: toBase64(root.logKey),
    keeperHpke: toBase64(root.keeperHpke),
    epoch: root.epoch,
  }
}

export type BoardSettings = {
  readonly directory: string
  readonly trust: Trust
  readonly courier: { readonly host: string; readonly port: number; readonly authorityPem: string }
  readonly world: { readonly token: string; readonly origin: string }
}

/** What a board is built of; absent: a motor, on mains. */
export type Fitting = { readonly failMode: FailMode; readonly battery?: BatteryPack }

export type AttachedBoard = { readonly journal_key: string; readonly hpke_key: string; readonly serial: string }
export type BlankCard = { readonly card: string; readonly uid: string; readonly encoder_key: string }

function text(said: unknown, name: string): string {
  const value =
    typeof said === "object" && said !== null ? Object.entries(said).find(([key]) => key === name)?.[1] : null
  if (typeof value !== "string") throw new ChildError(`the boards left out ${name}`, "")
  return value
}

export class Boards {
  readonly #child: Child
  readonly #tls: TlsNames
  readonly #waiting = new Map<number, (said: unknown) => void>()
  #asked = 0

  constructor({ entry, words }: Program, log: string, tls: TlsNames, gaveUp: (error: ChildError) => void) {
    this.#tls = tls
    this.#child = new Child({
      name: "boards",
      entry,
      words,
      log,
      heard: (said) => this.#heard(said),
      ended: () => gaveUp(new ChildError("the boards ended", "")),
    })
  }

  /** Starts every board that has a directory; answers the port of the virtual hardware. */
  async start(settings: BoardSettings): Promise<number> {
    this.#child.tell({ kind: "settings", settings })
    return Number((await this.#child.ready())["port"])
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }

  #heard(said: Said): void {
    if (said.kind === "certify") return this.#certify(said)
    if (said.kind !== "answer") return
    const id = Number(said["id"])
    this.#waiting.get(id)?.(said["said"])
    this.#waiting.delete(id)
  }

  #certify(said: Said): void {
    const door = parseId<"DoorId">(text(said, "door"))
    const journalKey = decodeCoseKey(fromBase64(text(said, "journal_key")) ?? EMPTY)
    const tlsKey = fromBase64(text(said, "tls_key"))
    if (door === null || journalKey === null || tlsKey === null) return
    this.#child.tell({ kind: "certificate", id: said["id"], pem: this.#tls.lock(door, journalKey, tlsKey) })
  }

  #ask(question: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = ++this.#asked
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.#child.tell({ ...question, id })
    })
  }

  async attach(door: DoorId, fitting: Fitting): Promise<AttachedBoard> {
    const said = await this.#ask({ kind: "attach", door, fitting })
    return { journal_key: text(said, "journal_key"), hpke_key: text(said, "hpke_key"), serial: text(said, "serial") }
  }

  async makeCard(label: string): Promise<BlankCard> {
    const said = await this.#ask({ kind: "make card", label })
    return { card: text(said, "card"), uid: text(said, "uid"), encoder_key: text(said, "encoder_key") }
  }

  async personalise(card: string, issued: string): Promise<void> {
    if ((await this.#ask({ kind: "personalise", card, issued })) !== true)
      throw new ChildError("a card did not take the keys that were sealed to it", "")
  }

  async remember(card: string, pin: string, duress: string | null): Promise<void> {
    await this.#ask({ kind: "remember", card, pin, duress })
  }
}
