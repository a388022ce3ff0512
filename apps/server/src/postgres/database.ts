/**
 * The server's way into PostgreSQL: a pool of connections, typed queries, and transactions that try again.
 *
 * It works on the embedded PostgreSQL and on any external one alike, so it uses what distributed engines have too: no
 * notifications, no session locks, and serializable transactions, which any engine may answer with "try again"
 * (SQLSTATE 40001). Work given to {@link transact} therefore runs any number of times and touches nothing outside.
 */
import { assert } from "@holdfast/base"
import { Kysely, PostgresDialect, type Transaction } from "kysely"
import pg from "pg"
import type { Connection } from "./postgres.ts"

const POOL_MAX = 10
const CONNECT_MS_MAX = 10_000
const ATTEMPTS_MAX = 8
/** Serialization failure and deadlock: the transaction did nothing, and the same work may well succeed now. */
const TRY_AGAIN: readonly string[] = ["40001", "40P01"]
const BIGINT_OID = 20

/** Integers stay within 2^53-1 everywhere in Holdfast, so a bigint column is a plain number. */
function parseBigint(text: string): number {
  const value = Number(text)
  assert(Number.isSafeInteger(value), "an integer in the database is within 2^53-1")
  return value
}

const TYPES = new pg.TypeOverrides()
TYPES.setTypeParser(BIGINT_OID, parseBigint)

/**
 * Opens a pool; no connection is made before the first query. A connection that breaks while idle is told to `log`
 * and replaced. `destroy()` of the answer closes all.
 */
export function openDatabase<Schema>(connection: Connection | string, log: (line: string) => void): Kysely<Schema> {
  const target = typeof connection === "string" ? { connectionString: connection } : connection
  const pool = new pg.Pool({ ...target, max: POOL_MAX, connectionTimeoutMillis: CONNECT_MS_MAX, types: TYPES })
  pool.on("error", (error) => log(`database: ${error.message}`))
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
}

/** The engine's own code for what went wrong (SQLSTATE), or null when it was not the engine. */
export function sqlState(error: unknown): string | null {
  return error instanceof pg.DatabaseError ? (error.code ?? null) : null
}

/**
 * Runs `work` in one serializable transaction, again from its start when the engine asks for it, at most
 * {@link ATTEMPTS_MAX} times; then, or on any other failure, the engine's error is the caller's.
 */
export async function transact<Schema, Result>(
  database: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction().setIsolationLevel("serializable").execute(work)
    } catch (error) {
      const state = sqlState(error)
      if (state === null || !TRY_AGAIN.includes(state) || attempt === ATTEMPTS_MAX) throw error
    }
  }
}
