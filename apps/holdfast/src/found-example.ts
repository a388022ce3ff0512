/**
 * Founding an example building through the running keeper and its boards: rules first, then locks, then cards and PINs.
 *
 * The virtual world learns what a world knows: which card bears whose name, and what its holder remembers.
 */
import { decodeIssuedSecret } from "@holdfast/access"
import { assert, type CredentialId, type DoorId, idOf, type PersonId, type SiteId } from "@holdfast/base"
import { decodeCoseKey } from "@holdfast/base/cose"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { hpkeInfo, newHpkeKeyPair, openSealed } from "@holdfast/port-node"
import type { Boards, Fitting } from "./boards.ts"
import { credentialDraft, exampleDrafts, type Random } from "./example/changes.ts"
import type { Example } from "./example/office.ts"
import type { Draft, Founder } from "./founder.ts"

/** A board said something about itself that cannot be. */
export class ExampleError extends Error {
  override readonly name = "ExampleError"
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64(text)
  if (bytes === null) throw new ExampleError("a board's key is no base64")
  return bytes
}

/** A lock for every door, each made by its own board. */
async function pairDrafts(boards: Boards, doors: readonly (readonly [DoorId, Fitting])[]): Promise<Draft[]> {
  return Promise.all(
    doors.map(async ([door, fitting]): Promise<Draft> => {
      const board = await boards.attach(door, fitting)
      const journalKey = decodeCoseKey(bytesOf(board.journal_key))
      if (journalKey === null) throw new ExampleError("a board's journal key is no COSE_Key")
      const hpkeKey = bytesOf(board.hpke_key)
      return { change: { kind: "lock pair", door, journalKey, hpkeKey, serial: board.serial } }
    }),
  )
}

type Holder = { readonly name: string; readonly person: PersonId; readonly pin: boolean }

/** Cards and PINs for everybody, in one sitting; answers nothing: the world keeps what it is told. */
async function issueCredentials(
  founder: Founder,
  boards: Boards,
  site: SiteId,
  holders: readonly Holder[],
  random: Random,
): Promise<void> {
  const drafts: Draft[] = []
  const cards = new Map<CredentialId, string>()
  const pins = new Map<CredentialId, string>()
  const reader = newHpkeKeyPair()
  for (const { name, person, pin } of holders) {
    const card = await boards.makeCard(name)
    const credential = idOf<"CredentialId">(random(16))
    cards.set(credential, card.card)
    drafts.push(
      credentialDraft(person, credential, "card", Buffer.from(card.uid, "hex"), bytesOf(card.encoder_key), random),
    )
    if (!pin) continue
    const code = idOf<"CredentialId">(random(16))
    pins.set(code, card.card)
    drafts.push(credentialDraft(person, code, "pin", null, reader.publicKey, random))
  }
  for (const { credential, sealed } of await founder.state(drafts)) {
    const card = cards.get(credential)
    if (card !== undefined) await boards.personalise(card, toBase64(sealed))
    const remembered = pins.get(credential)
    if (remembered === undefined) continue
    const plain = openSealed(reader, hpkeInfo("issued", site), sealed)
    const issued = plain === null ? null : decodeIssuedSecret(plain)
    assert(issued?.kind === "pin", "the keeper issued a PIN that this reader can open")
    await boards.remember(remembered, issued.pin, issued.duress ?? null)
  }
}

/** States the whole example. */
export async function foundExample(
  founder: Founder,
  boards: Boards,
  site: SiteId,
  example: Example,
  random: Random,
): Promise<void> {
  const { names, drafts } = exampleDrafts(example, random)
  const doors = example.doors.map((door) => {
    const id = names.doors.get(door.name)
    assert(id !== undefined, "every door of the example has an id")
    const { failMode, battery } = door
    return [id, { failMode, ...(battery === undefined ? {} : { battery }) }] as const
  })
  await founder.state([...drafts, ...(await pairDrafts(boards, doors))])
  const holders = example.people.map(({ name, pin }): Holder => {
    const person = names.people.get(name)
    assert(person !== undefined, "everybody in the example has an id")
    return { name, person, pin }
  })
  await issueCredentials(founder, boards, site, holders, random)
}
