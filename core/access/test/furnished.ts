/** A building with two administrators, a door, a group and its hours: what most tests of the gate start from. */
import { type PersonId, unixMillis } from "@holdfast/base"
import type { Change, StatementId } from "../src/index.ts"
import { Building, group, type Voice } from "./building.ts"

export const START = 1_795_392_000
export const OFFICE = { days: 0b0011111, from_min: 540, until_min: 1020 }

/** Ada administers with a passkey, Max with a software key; Staff open the lab in office hours. */
export type Furnished = { building: Building; ada: Voice; max: Voice; session: Voice }
let made: Furnished | null = null

/** States never change, so the furnished one is made once and each test goes on from it. */
export function furnished(): Furnished {
  made ??= furnish()
  return { ...made, building: made.building.copy() }
}

function furnish(): Furnished {
  const building = new Building(START)
  for (const name of ["ada", "max", "ana", "bo"]) building.addPerson(name)
  building.says(building.hours("office", [OFFICE]))
  building.says({ kind: "group set", group: group("staff"), name: "Staff" })
  building.setDoor("lab")
  building.says(building.grantTo("staff", ["lab"], "office"))
  building.says(building.member("staff", "ana"))
  const ada = building.appoint("ada", "passkey")
  const max = building.appoint("max", "software")
  return { building, ada, max, session: building.signIn(ada, "ada's session") }
}

export const DAY_MS = 86_400_000
export const later = (building: Building, ms: number): void => void (building.now = unixMillis(building.now + ms))

/** How one of two can be rid of the other. */
export const ENDINGS: readonly (readonly [string, (other: Voice) => Change])[] = [
  ["revokes", ({ author }) => ({ kind: "person revoke", person: author as PersonId })],
  ["denies", ({ author }) => ({ kind: "deny", person: author as PersonId, credential: null })],
  ["takes the key of", ({ chain: [own] }) => ({ kind: "delegation revoke", delegation: own as StatementId })],
]
