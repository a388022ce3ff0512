/**
 * Ids between their two forms: 16 bytes on the wire, 32 lower-case hex digits inside the program.
 */
import { assert } from "./assert.ts"
import { fromHex, toHex } from "./text.ts"
import { ID_SIZE, type Id } from "./units.ts"

/** The id that 16 bytes spell. */
export function idOf<Name extends string>(bytes: Uint8Array): Id<Name> {
  assert(bytes.length === ID_SIZE, "an id is 16 bytes")
  return toHex(bytes) as Id<Name>
}

export function idBytes(id: Id<string>): Uint8Array {
  const bytes = fromHex(id)
  assert(bytes !== null && bytes.length === ID_SIZE, "an id is 32 hex digits")
  return bytes
}

/** The id that a text from outside spells, or null. */
export function parseId<Name extends string>(text: string): Id<Name> | null {
  return /^[0-9a-f]{32}$/.test(text) ? (text as Id<Name>) : null
}
