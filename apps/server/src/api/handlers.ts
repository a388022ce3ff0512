/**
 * Which function answers which request of the contract. A request that nobody answers does not compile.
 *
 * Two are not here: `live`, which does not end with an answer, and `uploadImage`, whose body is a file. http.ts has their doors.
 */
import type { RouteName } from "@holdfast/contract"
import { activity } from "./activity.ts"
import { askNonce } from "./ask-nonce.ts"
import { door } from "./door.ts"
import { doors } from "./doors.ts"
import { health } from "./health.ts"
import { heat } from "./heat.ts"
import { images } from "./images.ts"
import { ledger } from "./ledger.ts"
import { logs } from "./logs.ts"
import { look } from "./look.ts"
import { order } from "./order.ts"
import { policy } from "./policy.ts"
import { revocation } from "./revocation.ts"
import { session } from "./session.ts"
import { signIn } from "./sign-in.ts"
import { signOut } from "./sign-out.ts"
import { submit } from "./submit.ts"
import type { Handler } from "./handler.ts"

export type Handled = Exclude<RouteName, "live" | "uploadImage">

export const HANDLERS: { readonly [Name in Handled]: Handler<Name> } = {
  activity,
  askNonce,
  door,
  doors,
  health,
  heat,
  images,
  ledger,
  logs,
  look,
  order,
  policy,
  revocation,
  session,
  signIn,
  signOut,
  submit,
}

export function isHandled(name: string): name is Handled {
  return Object.hasOwn(HANDLERS, name)
}
