/** The policy of the vectors, made by hand row by row, and the denials that its lock would take. */
import { unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { encodeDeny, statementToSign, tapToSign } from "../src/author.ts"
import { defaultConfig } from "../src/config.ts"
import type { Change, Kind, Policy, StatementId } from "../src/index.ts"
import { putId, putU16, putU32 } from "../src/table.ts"
import { assertionBy, credential, door, grant, keyOf, person, type TestKey } from "./building.ts"
import { AT, body, DIGEST, finish, own, ROOT, SITE } from "./vector-changes.ts"

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
    phones: new Uint8Array(0),
    deniers: [
      { person: person("ada"), key: keyOf("ada").publicKey, keyKind: "passkey" },
      { person: person("max"), key: keyOf("max").publicKey, keyKind: "software" },
    ],
    actors: [],
    denials: [own],
    compiledAt: unixSeconds(AT),
    tzdata: "2026b",
    origins: ROOT.origins,
    rpId: ROOT.rpId,
  }
}

type Said = { readonly id: StatementId; readonly bytes: Uint8Array }

function say(word: string, key: TestKey, passkey: boolean, change: Change, chain: readonly StatementId[]): Said {
  const said = body(change, { author: person(word), chain })
  const draft = statementToSign(SITE, said, key.publicKey, passkey ? "passkey" : "key", crypto)
  if (!passkey) return { id: draft.id, bytes: finish(draft, key) }
  const tap = tapToSign(SITE, [draft], crypto)
  return { id: draft.id, bytes: tap.finish(assertionBy(key, tap.challenge))[0] ?? DIGEST }
}

function sitting(word: string, kinds: readonly Kind[] | null = null): Change {
  const rest = { notAfter: unixSeconds(AT + 28_800), credentialId: null, backupFlags: 0 }
  return { kind: "delegate", person: person(word), key: keyOf("session").publicKey, keyKind: "session", kinds, ...rest }
}

const DENY: Change = { kind: "deny", person: person("ana"), credential: null }

/** Denials as a lock takes them: by an own software key, by a passkey, and through a sitting. */
export function denials(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const session = keyOf("session")
  const adas = say("ada", keyOf("ada"), true, sitting("ada"), [own])
  const maxs = say("max", keyOf("max"), false, sitting("max"), [own])
  return [
    { name: "by a software key", bytes: encodeDeny(say("max", keyOf("max"), false, DENY, [own]).bytes, []) },
    { name: "by a passkey", bytes: encodeDeny(say("ada", keyOf("ada"), true, DENY, [own]).bytes, []) },
    {
      name: "through a sitting of a passkey",
      bytes: encodeDeny(say("ada", session, false, DENY, [own, adas.id]).bytes, [adas.bytes]),
    },
    {
      name: "through a sitting of a software key",
      bytes: encodeDeny(say("max", session, false, DENY, [own, maxs.id]).bytes, [maxs.bytes]),
    },
  ]
}

/** Denials through sittings that do not fit, each wrong in one way; the first is right. */
export function strangeDenials(): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  const session = keyOf("session")
  const through = (change: Change, name: (id: StatementId) => StatementId = (id) => id): Uint8Array => {
    const opened = say("max", keyOf("max"), false, change, [own])
    return encodeDeny(say("max", session, false, DENY, [own, name(opened.id)]).bytes, [opened.bytes])
  }
  const right = say("max", keyOf("max"), false, sitting("max"), [own])
  const denied = say("max", session, false, DENY, [own, right.id]).bytes
  const revoke: Change = { kind: "person revoke", person: person("ana") }
  return [
    { name: "as it should be", bytes: through(sitting("max")) },
    { name: "for somebody else", bytes: through(sitting("ada")) },
    { name: "another sitting than the one named", bytes: through(sitting("max"), () => own) },
    { name: "a sitting that may not deny", bytes: through(sitting("max", ["person revoke"])) },
    { name: "two sittings", bytes: encodeDeny(denied, [right.bytes, right.bytes]) },
    { name: "no sitting", bytes: encodeDeny(denied, []) },
    {
      name: "another statement than a denial",
      bytes: encodeDeny(say("max", keyOf("max"), false, revoke, [own]).bytes, []),
    },
  ]
}
