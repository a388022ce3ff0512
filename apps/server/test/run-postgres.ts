/**
 * A program for the tests to kill: starts PostgreSQL on the folder it is given, inserts rows without end and prints
 * the number of each one that is committed. SIGINT, which Ctrl-C sends to the whole group, is left to PostgreSQL.
 */
import pg from "pg"
import { startPostgres } from "../src/postgres/postgres.ts"

process.on("SIGINT", () => console.log("interrupted"))
const { connection } = await startPostgres({ directory: process.argv[2] ?? "", log: () => {} })
const client = new pg.Client(connection)
await client.connect()
await client.query("create table if not exists row (number bigint primary key)")
for (let number = 1; ; number++) {
  await client.query("insert into row values ($1)", [number])
  console.log(`committed ${number}`)
}
