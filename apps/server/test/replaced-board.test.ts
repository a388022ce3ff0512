/** Attack 73 end to end: the authority log gives a door another board, and the old one's certificate is worth nothing. */
import { equal, rejects } from "node:assert/strict"
import { furnish, inBuilding, work } from "./living-building.ts"
import { NotLetInError } from "./mqtt-lock.ts"

inBuilding(
  "attack 73: a board that was replaced loses its line at once and gets no other; the new one is heard",
  async (building) => {
    const { founded, client, token } = building
    const { lock: old } = await furnish(building)
    await work(building, old)
    const { door } = old
    const replacing = building.lock(door)
    await rejects(building.link(replacing), NotLetInError, "a board that nobody paired")
    const keys = { journalKey: replacing.journal.publicKey, hpkeKey: replacing.hpke.publicKey, serial: "lock 2" }
    await founded.state(client, token, { change: { kind: "lock pair", door, ...keys } })
    await building.until("the old board's line is closed", async () => !(await building.door(door)).link.up)
    await rejects(building.link(old), NotLetInError)
    replacing.switchOn()
    await building.link(replacing)
    await building.until("the new board is heard", async () => (await building.door(door)).link.up)
    equal((await building.door(door)).serial, "lock 2")
  },
)
