/**
 * By what code the outside says what went wrong: the operating system's and Node's own errors carry one. What it means is the
 * caller's to know; errors of ours have names instead.
 */

/** Such as "ENOENT"; empty for anything that carries none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : ""
}
