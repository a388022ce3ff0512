/**
 * The launcher's line to its keeper: founding through the parent's channel, statements through the socket like any courier.
 */
import { assert } from "@holdfast/base"
import { KeeperClient } from "@holdfast/port-node"
import { encodeFrame, FrameReader, readAnswer, requestFrame } from "@holdfast/wire"
import { FoundingError, type Submit } from "./founder.ts"

/** A client of the keeper that only submits. */
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

  close(): void {
    this.#client.close()
  }
}
