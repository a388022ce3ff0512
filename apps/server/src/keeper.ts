/**
 * What the server needs of the keeper: to ask it, and to hear from it. Whoever offers it deals with the socket.
 *
 * The server has no right at the keeper that anybody else on the socket lacks: all that the keeper believes is signed by
 * somebody else, and what it answers is either public or sealed to one recipient.
 */
import type { Answer, Operation, Request } from "@holdfast/wire"

/** The keeper cannot be reached, or does not answer in time: nobody knows whether it acted. */
export class KeeperError extends Error {
  override readonly name = "KeeperError"
}

export type RequestFor<Asked extends Operation> = Extract<Request, { readonly operation: Asked }>
export type AnswerTo<Asked extends Operation> = Extract<Answer, { readonly operation: Asked | "refused" }>

export type Keeper = {
  /** Rejects with a {@link KeeperError} when there is no answer. */
  ask<Asked extends Operation>(request: RequestFor<Asked>): Promise<AnswerTo<Asked>>
  readonly isUp: boolean
  readonly heard_at_ms: number | null
}
