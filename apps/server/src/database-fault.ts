/** What goes wrong between the server and its database, under one name. */
import { sqlState } from "./postgres/database.ts"

/** The database does not answer, or answers that it cannot. The cause is for the log. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError"
}

/** Classes of SQLSTATE that blame the engine or the line: connection, resources, operator, system. */
const ENGINE_CLASSES: readonly string[] = ["08", "53", "57", "58", "40", "XX"]

/** Waits for a query. A fault of the engine or the line becomes a {@link DatabaseError}; a wrong query stays our bug. */
export async function reach<Answer>(query: Promise<Answer>): Promise<Answer> {
  try {
    return await query
  } catch (error) {
    const state = sqlState(error)
    if (state !== null && !ENGINE_CLASSES.includes(state.slice(0, 2))) throw error
    throw new DatabaseError("the database does not answer", { cause: error })
  }
}
