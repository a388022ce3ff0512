/**
 * What the server writes down about itself: one JSON object a line on standard output.
 *
 * Whoever started the process keeps the lines and turns the files over. A line names requests, doors and faults; never a
 * token, a body, a signature or anything else that came in, so there is nothing to redact.
 */
export type Level = "info" | "warning" | "fault"
export type Fields = Readonly<Record<string, string | number | boolean | null>>

export type Log = (level: Level, what: string, fields?: Fields) => void

const TEXT_LENGTH_MAX = 500

/** A log whose lines go to `write`. */
export function lineLog(write: (line: string) => void, now: () => number): Log {
  return (level, what, fields = {}) => {
    const short = Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" ? value.slice(0, TEXT_LENGTH_MAX) : value,
    ])
    write(JSON.stringify({ at: new Date(now()).toISOString(), level, what, ...Object.fromEntries(short) }))
  }
}

/** What an error says, without its stack's paths. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
}
