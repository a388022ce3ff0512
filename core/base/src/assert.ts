/**
 * Our own promises, checked while the program runs, in production too.
 *
 * An assertion states a true sentence about our own code. It is never how bad input is answered: bytes from outside
 * are expected to be wrong and get a fault union. What "stop" means is decided by the app: a lock restarts into its
 * safe state, the keeper exits, the server fails the one request.
 */

/** A broken assertion: our bug, never bad input. */
export class AssertionError extends Error {
  override readonly name = "AssertionError"
}

/** Stops rather than going on with a wrong state. The claim is a sentence that is true. */
export function assert(fact: boolean, claim: string): asserts fact {
  if (!fact) throw new AssertionError(claim)
}

/** The case that the compiler proved away; reaching it means a union grew and a cast hid it. */
export function unreachable(value: never): never {
  throw new AssertionError(`this case cannot happen: ${String(value)}`)
}
