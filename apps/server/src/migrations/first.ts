/** The first form of the schema: projections of the two logs, and sessions. */
import { sql, type Transaction } from "kysely"
import type { Migration } from "../postgres/migrate.ts"
import type { Tables } from "../tables.ts"

const STATEMENTS = [
  `create table position (
     site uuid not null, log text not null, period text not null, next bigint not null,
     primary key (site, log))`,
  `create table record (
     site uuid not null, period text not null, place bigint not null,
     door uuid not null, sequence bigint not null,
     kind text not null, result text not null, flags integer not null,
     boot bigint not null, uptime_ms bigint not null, wall_ms bigint,
     admitted_at_ms bigint not null, at_ms bigint not null, commitment bytea not null,
     primary key (site, period, place))`,
  // A page of activity is read from one of these three, backwards, whatever it asks for.
  `create index record_by_time on record (site, at_ms, period, place)`,
  `create index record_by_door on record (site, door, at_ms, period, place)`,
  `create index record_by_kind on record (site, kind, at_ms, period, place)`,
  `create table door (
     site uuid not null, door uuid not null, facts jsonb not null,
     primary key (site, door))`,
  `create table statement (
     site uuid not null, period text not null, place bigint not null,
     statement bytea not null, kind text not null, author uuid not null, person uuid,
     admitted_at_ms bigint not null,
     primary key (site, period, place))`,
  `create index statement_by_person on statement (site, person, period, place)`,
  `create table session (
     site uuid not null, token_sha256 bytea not null, person uuid not null,
     delegation bytea not null, expires_at_ms bigint not null,
     primary key (site, token_sha256))`,
  // A delegation opens one session, ever: the second insert fails.
  `create unique index session_by_delegation on session (site, delegation)`,
]

export const first: Migration<Tables> = {
  name: "first",
  async up(transaction: Transaction<Tables>) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(transaction)
  },
}
