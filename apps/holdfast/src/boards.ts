/**
 * The process of the virtual boards, as the command speaks to it: questions with ids, and certificates given on demand.
 *
 * A program that crashes or hangs is started again, and goes on at the same port: its doors are not connected meanwhile. How
 * often is the same as for a board by itself, whose launcher counts (see apps/board).
 */
import type { BatteryPack, FailMode } from "@holdfast/access/door"
import { type DoorId, EMPTY, parseId, type SiteId } from "@holdfast/base"
import { decodeCoseKey, encodeCoseKey } from "@holdfast/base/cose"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { ChildError, type Said } from "./child.ts"
import { KeptChild, type KeptOptions } from "./kept-child.ts"
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

export type BoardsOptions = Pick<KeptOptions, "log" | "gaveUp"> & {
  readonly program: Program
  readonly tls: TlsNames
  readonly settings: BoardSettings
  /** The boards run, for the first time or again, with the virtual hardware at this port. */
  ready(port: number): void
}

/** As long as a board's own launcher wants it: a program that crashes again and again within the hour needs somebody. */
const HEALTHY_MS = 3_600_000

export type AttachedBoard = { readonly journal_key: string; readonly hpke_key: string; readonly serial: string }
export type BlankCard = { readonly card: string; readonly uid: string; readonly encoder_key: string }

function text(said: unknown, name: string): string {
  const value =
    typeof said === "object" && said !== null ? Object.entries(said).find(([key]) => key === name)?.[1] : null
  if (typeof value !== "string") throw new ChildError(`the boards left out ${name}`)
  return value
}

type Waiting = { answer(said: unknown): void; fail(error: ChildError): void }

export class Boards {
  readonly #child: KeptChild
  readonly #tls: TlsNames
  readonly #waiting = new Map<number, Waiting>()
  #asked = 0
  /** Where the virtual hardware is; any free port until there was one. */
  #port = 0

  constructor({ program, log, tls, settings, ready, gaveUp }: BoardsOptions) {
    this.#tls = tls
    this.#child = new KeptChild({
      name: "boards",
      ...program,
      log,
      healthy_ms: HEALTHY_MS,
      settings: () => ({ ...settings, world: { ...settings.world, port: this.#port } }),
      ready: (said) => {
        this.#port = Number(said["port"])
        ready(this.#port)
      },
      heard: (said) => this.#heard(said),
      crashed: () => this.#crashed(),
      gaveUp,
    })
  }

  /** Starts every board that has a directory. */
  async start(): Promise<void> {
    await this.#child.start()
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }

  #heard(said: Said): void {
    if (said.kind === "certify") return this.#certify(said)
    if (said.kind !== "answer") return
    const id = Number(said["id"])
    this.#waiting.get(id)?.answer(said["said"])
    this.#waiting.delete(id)
  }

  #crashed(): void {
    for (const { fail } of this.#waiting.values()) fail(new ChildError("the boards ended before they answered"))
    this.#waiting.clear()
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
    return new Promise((answer, fail) => {
      this.#waiting.set(id, { answer, fail })
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
      throw new ChildError("a card did not take the keys that were sealed to it")
  }

  async remember(card: string, pin: string, duress: string | null): Promise<void> {
    await this.#ask({ kind: "remember", card, pin, duress })
  }
}
