/**
 * What a launched program says now and then, only to be heard: its launcher kills one that falls silent. It says that the program's
 * loop turns, and nothing about how well.
 */
export const SIGN_OF_LIFE = { kind: "alive" } as const
export const SIGN_OF_LIFE_MS = 5_000

export function isSignOfLife(message: unknown): boolean {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === SIGN_OF_LIFE.kind
}
