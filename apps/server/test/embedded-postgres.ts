/**
 * One real PostgreSQL for a test process, and fresh databases in it.
 *
 * `postgresForTests` gives a running server on a folder of its own; `withDatabase` gives an empty database of that server
 * by copying a template, which costs a fraction of making a cluster.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before } from "node:test"
import { assert } from "@holdfast/base"
import pg from "pg"
import { type Connection, type Postgres, startPostgres } from "../src/postgres/postgres.ts"

export function freshFolder(): string {
  return mkdtempSync(join(tmpdir(), "holdfast-test-"))
}

/** Runs one statement on a connection of its own and answers its rows. */
export async function query(connection: Connection, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(text)).rows
  } finally {
    await client.end()
  }
}

/** A server on a fresh folder from before the first test of the calling file until after its last. */
export function postgresForTests(): () => Postgres {
  const folder = freshFolder()
  let postgres: Postgres | null = null
  before(async () => {
    postgres = await startPostgres({ directory: join(folder, "postgres"), log: () => {} })
  })
  after(async () => {
    await postgres?.stop()
    rmSync(folder, { recursive: true })
  })
  return () => {
    assert(postgres !== null, "the tests run after the server started")
    return postgres
  }
}

let databases_count = 0

/** An empty database of that server for as long as `use` runs. */
export async function withDatabase<Result>(
  { connection }: Postgres,
  use: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const database = `test_${++databases_count}`
  await query({ ...connection, database: "postgres" }, `create database ${database}`)
  try {
    return await use({ ...connection, database })
  } finally {
    await query({ ...connection, database: "postgres" }, `drop database ${database} with (force)`)
  }
}
