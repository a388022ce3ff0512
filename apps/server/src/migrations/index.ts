/** The steps of the schema in order. It only grows at its end. */
import type { Migration } from "../postgres/migrate.ts"
import type { Tables } from "../tables.ts"
import { first } from "./first.ts"

export const MIGRATIONS: readonly Migration<Tables>[] = [first]
