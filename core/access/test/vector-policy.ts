/** The policy of the vectors, made by hand row by row, and the denials that its lock would take. */
import { unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { encodeDeny, statementToSign, tapToSign } from "../src/author.ts"
import { defaultConfig } from "../src/config.ts"
import type { Change, Policy, StatementBody } from "../src/index.ts"
import { putId, putU16, putU32 } from "../src/table.ts"
import { assertionBy, credential, door, grant, keyOf, person, type TestKey } from "./building.ts"
import { AT, body, CHANGES, DIGEST, finish, own, ROOT, SITE } from "./vector-changes.ts"

const crypto = nodeCrypto

/** A policy made by hand: two people, three credentials, three grant rows, two schedules. */
export function vectorPolicy(): Policy {
  const [ana, bo] = [person("ana"), person("bo")].sort()
  const cards = [credential("ana card"), credential("ana pin"), credential("bo card")].sort()
  ok(ana !== undefined && bo !== undefined)
  const people = new Uint8Array(32)
  putId(people, 0, ana)
  putId(people, 16, bo)
  const credentials = new Uint8Array(72)
  for (const [index, card] of cards.entries()) {
    putId(credentials, index * 24, card)
    putU32(credentials, index * 24 + 16, card === credential("bo card") ? 1 : 0)
    credentials[index * 24 + 20] = card === credential("ana pin") ? 2 : 1
  }
  const grants = new Uint8Array(48)
  for (const [index, [owner, hours, ref]] of (
    [
      [0, 0, 0],
      [0, 0xffff, 1],
      [1, 1, 0],
    ] as const
  ).entries()) {
    putU32(grants, index * 16, owner)
    putU16(grants, index * 16 + 4, hours)
    putU16(grants, index * 16 + 6, ref)
    putU32(grants, index * 16 + 8, AT)
    putU32(grants, index * 16 + 12, 0xffff_ffff)
  }
  const grantIds = new Uint8Array(32)
  for (const [index, each] of [grant("staff"), grant("guests")].sort().entries()) putId(grantIds, index * 16, each)
  const day = new Uint8Array(16)
  for (const [index, at] of [AT + 28_800, AT + 64_800, AT + 115_200, AT + 151_200].entries()) putU32(day, index * 4, at)
  const modes = [
    { schedule: 1, factors: "card" },
    { schedule: null, factors: "card and pin" },
  ] as const
  return {
    site: SITE,
    door: door("lab"),
    config: { ...defaultConfig("Europe/Berlin"), modes },
    schedules: [day, day.slice(0, 8)],
    credentials,
    grants,
    people,
    grantIds,
    deniers: [
      { person: person("ada"), key: keyOf("ada").publicKey, keyKind: "passkey" },
      { person: person("max"), key: keyOf("max").publicKey, keyKind: "software" },
    ],
    denials: [own],
    compiledAt: unixSeconds(AT),
    tzdata: "2026b",
    origins: ROOT.origins,
    rpId: ROOT.rpId,
  }
}

/** Denials as a lock takes them: by an own software key, by a passkey, and through a sitting. */
export function denials(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const deny = CHANGES[18]
  ok(deny !== undefined)
  const said = (
    word: string,
    key: TestKey,
    passkey: boolean,
    change: Change,
    chain: StatementBody["chain"],
  ): { id: StatementBody["chain"][number]; bytes: Uint8Array } => {
    const draft = statementToSign(
      SITE,
      body(change, { author: person(word), chain }),
      key.publicKey,
      passkey ? "passkey" : "key",
      crypto,
    )
    if (!passkey) return { id: draft.id, bytes: finish(draft, key) }
    const tap = tapToSign(SITE, [draft], crypto)
    return { id: draft.id, bytes: tap.finish(assertionBy(key, tap.challenge))[0] ?? DIGEST }
  }
  const sitting = (word: string): Change => ({
    kind: "delegate",
    person: person(word),
    key: keyOf("session").publicKey,
    keyKind: "session",
    kinds: null,
    notAfter: unixSeconds(AT + 28_800),
    credentialId: null,
    backupFlags: 0,
  })
  const session = keyOf("session")
  const adas = said("ada", keyOf("ada"), true, sitting("ada"), [own])
  const maxs = said("max", keyOf("max"), false, sitting("max"), [own])
  return [
    { name: "by a software key", bytes: encodeDeny(said("max", keyOf("max"), false, deny, [own]).bytes, []) },
    { name: "by a passkey", bytes: encodeDeny(said("ada", keyOf("ada"), true, deny, [own]).bytes, []) },
    {
      name: "through a sitting of a passkey",
      bytes: encodeDeny(said("ada", session, false, deny, [own, adas.id]).bytes, [adas.bytes]),
    },
    {
      name: "through a sitting of a software key",
      bytes: encodeDeny(said("max", session, false, deny, [own, maxs.id]).bytes, [maxs.bytes]),
    },
  ]
}
