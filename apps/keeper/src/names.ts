/** Names as the keeper may tell them: those in the vault that open the commitment that stands now. */
import type { State } from "@holdfast/access"
import { labelCommitment } from "@holdfast/access/author"
import { equalBytes, type Id, parseId } from "@holdfast/base"
import type { Keeping } from "./keeping.ts"
import type { Label } from "./sealed/vault.ts"

/** The name of a person or a door, or null. */
export function nameOf({ vault, ports }: Keeping, state: State, object: Id<string>): Label | null {
  const committed = commitmentOf(state, object)
  if (committed === null) return null
  return vault.label(object, ({ salt, text }) => equalBytes(labelCommitment(salt, text, ports.crypto), committed))
}

/** The commitment of a person's or a door's name, as the state has it now. */
function commitmentOf(state: State, object: Id<string>): Uint8Array | null {
  const person = parseId<"PersonId">(object)
  const door = parseId<"DoorId">(object)
  const found = person === null ? undefined : state.people.get(person)
  return found?.commitment ?? (door === null ? undefined : state.doors.get(door))?.commitment ?? null
}
