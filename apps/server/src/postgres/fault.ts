/** Why the embedded PostgreSQL does not run: one named error, whose message is the one line that an operator reads. */

export type PostgresReason =
  | "no binary for this platform"
  | "the binary does not run"
  | "the operating system user is unsuitable"
  | "the cluster is of another version"
  | "the cluster belongs to another user"
  | "the cluster could not be made"
  | "the server did not start"

export class PostgresError extends Error {
  override readonly name = "PostgresError"
  readonly reason: PostgresReason

  constructor(reason: PostgresReason, detail: string) {
    super(`PostgreSQL: ${reason}: ${detail}`)
    this.reason = reason
  }
}
