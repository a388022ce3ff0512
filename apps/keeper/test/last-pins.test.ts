/** The last PINs of a site: whoever asks for more of them at once than there are gets an answer, and the keeper goes on. */
import { MemoryDisk, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { keeperKeys, noteRest } from "../src/founding.ts"
import { Keeper } from "../src/keeper.ts"
import { CODES_MAX } from "../src/pin.ts"
import { Vault } from "../src/sealed/vault.ts"
import { ANA, BO, foundedSite, idFor, portsOf, random, type TestClock } from "./site.ts"

/** Keeps codes as if they had been issued, until there are some for so many people more. */
async function issueAllBut(left: number, disk: MemoryDisk, clock: TestClock): Promise<void> {
  const ports = portsOf(disk, clock)
  const opened = Vault.open({ disk, random, crypto: nodeCrypto, key: keeperKeys(ports).storage }, null)
  ok(opened.ok)
  const { vault } = opened
  const taken = (): number => vault.codes.pins.size + vault.codes.duress.size
  for (let at = 0; taken() < CODES_MAX - 2 * left; at++) {
    const [pin, duress] = [at, 500_000 + at].map((code) => String(code).padStart(6, "0"))
    ok(pin !== undefined && duress !== undefined)
    vault.putSecret(idFor<"CredentialId">(`credential ${at}`), { what: "pin", codes: { pin, duress } })
  }
  await vault.settle()
  noteRest(ports, null)
}

test("of two PINs in one request the second is refused when there is one left, and none is issued later", async () => {
  const disk = new MemoryDisk()
  const { keeper, owner, clock, enroller } = await foundedSite(disk)
  await keeper.close()
  await issueAllBut(1, disk, clock)
  const again = await Keeper.open(portsOf(disk, clock))
  const size = again.state.size
  const pin = (name: string, person: string) => owner.pin(name, person, enroller.publicKey)
  const { outcomes } = await owner.submit(again, [pin("bo's", BO), pin("ana's second", ANA)])
  deepEqual(
    outcomes.map((outcome) => (outcome.admitted ? "admitted" : outcome.fault)),
    ["admitted", "no PIN left"],
  )
  equal(again.state.size, size + 1)
  const [later] = (await owner.submit(again, [pin("ana's third", ANA)])).outcomes
  deepEqual([later?.admitted, again.state.size], [false, size + 1])
  const known = (name: string): boolean => again.state.credentials.has(idFor<"CredentialId">(name))
  deepEqual(["bo's", "ana's second", "ana's third"].map(known), [true, false, false])
  await again.close()
})
