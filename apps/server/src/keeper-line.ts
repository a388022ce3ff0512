/**
 * The line to the keeper: `core/wire`'s frames over the socket of `ports/node`, with a bound on waiting.
 */
import {
  encodeFrame,
  FrameReader,
  type Notice,
  type Operation,
  readAnswer,
  readNotice,
  requestFrame,
} from "@holdfast/wire"
import { KeeperClient, KeeperLineError } from "@holdfast/port-node"
import { type AnswerTo, type Keeper, KeeperError, type RequestFor } from "./keeper.ts"

const ANSWER_MS_MAX = 20_000
/** While the line is down: long enough for a keeper that starts again. */
const LINE_MS_MAX = 3_000

export type KeeperLineOptions = {
  readonly path: string
  readonly onNotice: (notice: Notice) => void
  readonly onLine: (up: boolean) => void
  now(): number
}

export class KeeperLine implements Keeper {
  readonly #client: KeeperClient
  readonly #now: () => number
  #up = false
  #heard_at_ms: number | null = null

  constructor({ path, onNotice, onLine, now }: KeeperLineOptions) {
    this.#now = now
    this.#client = new KeeperClient({
      path,
      framing: { encode: encodeFrame, reader: () => new FrameReader() },
      onNotice: (frame) => {
        this.#heard_at_ms = this.#now()
        const notice = readNotice(frame)
        if (notice !== null) onNotice(notice)
      },
      onLine: (up) => {
        this.#up = up
        onLine(up)
      },
    })
  }

  get isUp(): boolean {
    return this.#up
  }

  get heard_at_ms(): number | null {
    return this.#heard_at_ms
  }

  async ask<Asked extends Operation>(request: RequestFor<Asked>): Promise<AnswerTo<Asked>> {
    const { operation, body } = requestFrame(1, request)
    const frame = await this.#inTime(this.#client.request(operation, body))
    this.#heard_at_ms = this.#now()
    const answer = readAnswer(frame)
    if (answer === null || (answer.operation !== request.operation && answer.operation !== "refused"))
      throw new KeeperError("the keeper answered something else")
    return answer as AnswerTo<Asked>
  }

  /** Nobody waits for ever: after a bound the answer counts as not given, whatever still comes. */
  async #inTime<Frame>(answer: Promise<Frame>): Promise<Frame> {
    const late = Promise.withResolvers<never>()
    const error = new KeeperError("the keeper does not answer in time")
    const timer = setTimeout(() => late.reject(error), this.#up ? ANSWER_MS_MAX : LINE_MS_MAX)
    try {
      return await Promise.race([answer, late.promise])
    } catch (error) {
      throw error instanceof KeeperLineError ? new KeeperError(error.message, { cause: error }) : error
    } finally {
      clearTimeout(timer)
    }
  }

  close(): void {
    this.#client.close()
  }
}
