/** What answers a request: a function of the context, the checked request and the session. */
import type { AnswerOf, Fault, RequestOf, RouteName, Routes } from "@holdfast/contract"
import type { Context } from "../context.ts"
import type { Session } from "../sessions.ts"

export type Result<Answer> =
  | { readonly ok: true; readonly answer: Answer; readonly isImmutable?: boolean }
  | { readonly ok: false; readonly fault: Fault; readonly detail?: string }

export type SessionFor<Name extends RouteName> = Routes[Name]["session"] extends "needed" ? Session : null

export type Handler<Name extends RouteName> = (
  context: Context,
  request: RequestOf<Name>,
  session: SessionFor<Name>,
) => Promise<Result<AnswerOf<Name>>>
