/** A data directory that was changed while the keeper was away: it does not start, and says in one line what differs. */
import { toHex } from "@holdfast/base/text"
import { Keeper, KeeperRefusal } from "@holdfast/keeper"
import { MemoryDisk } from "@holdfast/port-node"
import { equal, match, ok } from "node:assert/strict"
import { test } from "node:test"
import { ANA, foundedSite, idFor, portsOf, TestClock } from "./site.ts"

const disk = new MemoryDisk()
const site = await foundedSite(disk)
for (let i = 0; i < 3; i++) {
  const { entry, openings } = site.lock.batch(2)
  ok((await site.keeper.batch(entry, openings)).ok)
}
const replaced = site.keeper.state.issued.get(site.lock.door)?.policyHash ?? new Uint8Array(0)
await site.owner.state(site.keeper, [{ change: { kind: "person revoke", person: idFor<"PersonId">(ANA) } }])
await site.keeper.close()

async function refusalOf(change: (copy: MemoryDisk) => void): Promise<string> {
  const copy = disk.afterPowerCut(() => "kept")
  change(copy)
  try {
    const keeper = await Keeper.open(portsOf(copy, new TestClock()))
    return `opened with ${keeper.head("authority").size} entries`
  } catch (error) {
    if (error instanceof KeeperRefusal) return error.message
    throw error
  }
}

function edited(copy: MemoryDisk, path: string, edit: (bytes: Uint8Array) => Uint8Array): void {
  const bytes = copy.read(path)
  ok(bytes !== null, `${path} is there`)
  copy.replace(path, edit(bytes))
}

const paths = [...disk.contents().keys()]

test("the untouched copy opens", async () => {
  match(await refusalOf(() => undefined), /^opened with /)
})

/** Made again from what the log says, or from nothing: an offer, the note of a clean stop, a log without entries. */
const REMADE = /^keeper\/(offers\/|rest$|write-ahead-looks$)/
/** Of a policy that is no longer in force: nobody is offered it, and an auditor compiles it again. */
const REPLACED = `policies/${toHex(replaced)}`

for (const path of paths.filter((each) => !REMADE.test(each) && each !== REPLACED))
  test(`${path}: any byte changed, cut or gone is noticed`, async () => {
    const size = disk.read(path)?.length ?? 0
    for (const at of new Set([0, 1, 7, size >> 2, size >> 1, size - 2, size - 1])) {
      const flip = (bytes: Uint8Array): Uint8Array => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
      const refusal = await refusalOf((copy) => edited(copy, path, flip))
      ok(!refusal.startsWith("opened"), `byte ${at} of ${size} was flipped: ${refusal}`)
    }
    const cut = await refusalOf((copy) => edited(copy, path, (bytes) => bytes.subarray(0, size >> 1)))
    ok(!cut.startsWith("opened"), `cut in half: ${cut}`)
    const gone = await refusalOf((copy) => copy.remove(path))
    ok(!gone.startsWith("opened"), `removed: ${gone}`)
  })

test("an offer that was changed is made again from what the log says", async () => {
  const offer = paths.find((path) => path.startsWith("keeper/offers/"))
  ok(offer !== undefined)
  match(await refusalOf((copy) => edited(copy, offer, (bytes) => bytes.subarray(1))), /^opened with /)
  match(await refusalOf((copy) => copy.remove(offer)), /^opened with /)
})

test("what is said names the file, the entry or the object", async () => {
  const flipLast = (bytes: Uint8Array): Uint8Array =>
    bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte))
  const bundle = paths.find((path) => path.startsWith("ledger/events/2026Q4/tile/entries/"))
  const policy = paths.find((path) => path.startsWith("policies/") && path !== REPLACED)
  ok(bundle !== undefined && policy !== undefined)
  const unclean = (path: string) => (copy: MemoryDisk) => {
    copy.remove("keeper/rest") // As after a power cut, when the end of a sealed file may be torn.
    copy.remove(path)
  }
  match(
    await refusalOf((copy) => edited(copy, bundle, flipLast)),
    /^ledger\/events\/2026Q4\/tile\/entries\/000\.p\/3: entry 2 /,
  )
  equal(await refusalOf((copy) => copy.remove("keeper/keys")), "keeper/keys: missing, but there is a site")
  equal(await refusalOf((copy) => copy.remove("keeper/site")), "keeper/site: missing, but there is a ledger")
  equal(await refusalOf((copy) => copy.remove("sealed/labels")), "sealed/labels: changed or cut from byte 0 on")
  match(await refusalOf(unclean("sealed/labels")), /^sealed\/labels: the name of person [0-9a-f]{32} is missing$/)
  match(
    await refusalOf(unclean("sealed/secrets")),
    /^sealed\/secrets: the secret of credential [0-9a-f]{32} is missing$/,
  )
  match(await refusalOf((copy) => edited(copy, policy, flipLast)), /^policies\/[0-9a-f]{64}: differs from its hash/)
})

test("another site's log under this keeper is named", async () => {
  const other = new MemoryDisk()
  await (await foundedSite(other)).keeper.close()
  const refusal = await refusalOf((copy) => {
    for (const [path, bytes] of other.contents()) if (path.startsWith("ledger/")) copy.replace(path, bytes)
  })
  match(refusal, /^ledger\/authority\/2026Q4\/log\.vkey: differs from the keeper's own log key$/)
})
