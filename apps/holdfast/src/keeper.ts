/**
 * The keeper's process, and the command's line to it.
 *
 * Two ways lead there. The channel of a parent to its child carries what belongs to the process: where its data are, its
 * public keys, the deed that founds the site. Everything else goes through its socket, where the command is a courier like
 * any other and is believed for nothing but signatures.
 */
import { assert, type DoorId } from "@holdfast/base"
import { encodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { KeeperClient } from "@holdfast/port-node"
import { encodeFrame, FrameReader, readAnswer, requestFrame } from "@holdfast/wire"
import type { Said } from "./child.ts"
import { FoundingError, type KeeperKeys, type Submit } from "./founder.ts"
import { KeptChild } from "./kept-child.ts"
import { programOf } from "./program.ts"

export type KeeperOptions = {
  /** The data directory. */
  readonly data: string
  readonly log: string
  gaveUp(error: unknown): void
}

export class Keeper {
  readonly #child: KeptChild
  #keys: KeeperKeys | null = null
  #socket: string | null = null
  #founding: PromiseWithResolvers<void> | null = null
  #client: KeeperClient | null = null

  constructor({ data, log, gaveUp }: KeeperOptions) {
    this.#child = new KeptChild({
      name: "keeper",
      entry: programOf("keeper"),
      log,
      settings: () => ({ data, ...(this.#socket === null ? {} : { socket: this.#socket }) }),
      ready: (said) => this.#ready(said),
      heard: (said) => this.#heard(said),
      gaveUp,
    })
  }

  async start(): Promise<void> {
    await this.#child.start()
  }

  #ready(said: Said): void {
    this.#socket = String(said["socket"])
    this.#keys = said["keys"] as KeeperKeys
  }

  #heard(said: Said): void {
    if (said.kind === "founded") this.#founding?.resolve()
    else if (said.kind === "not founded")
      this.#founding?.reject(new FoundingError(`the keeper did not found the site: ${String(said["message"])}`))
  }

  /** Where it hears couriers; the same after it was started again. */
  get socket(): string {
    assert(this.#socket !== null, "a keeper that is ready told its socket")
    return this.#socket
  }

  /** Its public half, which the deed names. */
  get keys(): KeeperKeys {
    assert(this.#keys !== null, "a keeper that is ready told its keys")
    return this.#keys
  }

  /** Has a fresh keeper keep the site of this signed root metadata from now on; fails with a {@link FoundingError}. */
  found(deed: Uint8Array): Promise<void> {
    this.#founding = Promise.withResolvers()
    this.#child.tell({ kind: "found", root: deed })
    return this.#founding.promise
  }

  #line(): KeeperClient {
    this.#client ??= new KeeperClient({
      path: this.socket,
      framing: { encode: encodeFrame, reader: () => new FrameReader() },
    })
    return this.#client
  }

  readonly submit: Submit = async (statements, attachments) => {
    const { operation, body } = requestFrame(1, { operation: "submit", statements, attachments })
    const answer = readAnswer(await this.#line().request(operation, body))
    if (answer === null || answer.operation === "refused")
      throw new FoundingError(answer === null ? "the keeper's answer was not understood" : answer.fault)
    assert(answer.operation === "submit", "an answer is of the kind that was asked for")
    return answer
  }

  /** The door that the authority log pairs with this journal key, or null. */
  async pairedWith(journalKey: PublicKey): Promise<DoorId | null> {
    const { operation, body } = requestFrame(1, { operation: "pairing", journalKey: encodeCoseKey(journalKey) })
    const answer = readAnswer(await this.#line().request(operation, body))
    return answer?.operation === "pairing" ? answer.door : null
  }

  /** Asks nothing more through the socket: whoever waits for an answer hears that there will be none. */
  hangUp(): void {
    this.#client?.close()
  }

  stop(): Promise<void> {
    return this.#child.stop()
  }
}
