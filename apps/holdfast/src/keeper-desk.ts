/**
 * The launcher's line to its keeper: founding through the parent's channel, statements through the socket like any courier.
 */
import { assert, type DoorId, encodeCoseKey, type PublicKey } from "@holdfast/base"
import { KeeperClient } from "@holdfast/port-node"
import { encodeFrame, FrameReader, readAnswer, requestFrame } from "@holdfast/wire"
import { FoundingError, type Submit } from "./founder.ts"

/** A client of the keeper that submits, and asks which door a lock is paired with. */
export class KeeperDesk {
  readonly #client: KeeperClient

  constructor(socket: string) {
    this.#client = new KeeperClient({
      path: socket,
      framing: { encode: encodeFrame, reader: () => new FrameReader() },
    })
  }

  readonly submit: Submit = async (statements, attachments) => {
    const { operation, body } = requestFrame(1, { operation: "submit", statements, attachments })
    const answer = readAnswer(await this.#client.request(operation, body))
    if (answer === null || answer.operation === "refused")
      throw new FoundingError(answer === null ? "the keeper's answer was not understood" : answer.fault)
    assert(answer.operation === "submit", "an answer is of the kind that was asked for")
    return answer
  }

  /** The door that the authority log pairs with this journal key, or null. */
  async pairedWith(journalKey: PublicKey): Promise<DoorId | null> {
    const { operation, body } = requestFrame(1, { operation: "pairing", journalKey: encodeCoseKey(journalKey) })
    const answer = readAnswer(await this.#client.request(operation, body))
    return answer?.operation === "pairing" ? answer.door : null
  }

  close(): void {
    this.#client.close()
  }
}
