/** Orders of the vectors: the policy of a door that takes them, those it takes, and those that are wrong in one way. */
import { type Act, ACTS } from "../src/act.ts"
import { encodeOrder, statementToSign, tapToSign } from "../src/author.ts"
import type { Change, Kind, Policy, StatementId } from "../src/index.ts"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { unixSeconds } from "@holdfast/base"
import { assertionBy, door, keyOf, person, type TestKey } from "./building.ts"
import { AT, body, DIGEST, finish, own, SITE } from "./vector-changes.ts"
import { vectorPolicy } from "./vector-policy.ts"

export const VERSION = { epoch: 0, size: 42 }
/** As the lock made it. */
export const NONCE = DIGEST.slice(0, 16)

/** Ada may order everything by her passkey, Max everything by a software key, Gil what only narrows. */
export function orderPolicy(): Policy {
  const policy = vectorPolicy()
  return {
    ...policy,
    config: { ...policy.config, remoteActs: ACTS },
    actors: [
      { person: person("ada"), key: keyOf("ada").publicKey, keyKind: "passkey", acts: ACTS },
      { person: person("max"), key: keyOf("max").publicKey, keyKind: "software", acts: ACTS },
      {
        person: person("gil"),
        key: keyOf("gil").publicKey,
        keyKind: "software",
        acts: ["lockdown", "threat level", "locate"],
      },
    ],
  }
}

type Said = { readonly id: StatementId; readonly bytes: Uint8Array }

function say(word: string, key: TestKey, passkey: boolean, change: Change, chain: readonly StatementId[]): Said {
  const said = body(change, { author: person(word), chain, nonce: NONCE })
  const draft = statementToSign(SITE, said, key.publicKey, passkey ? "passkey" : "key", crypto)
  if (!passkey) return { id: draft.id, bytes: finish(draft, key) }
  const tap = tapToSign(SITE, [draft], crypto)
  return { id: draft.id, bytes: tap.finish(assertionBy(key, tap.challenge))[0] ?? DIGEST }
}

export function orderChange(act: Act, value: number = 0): Change {
  return { kind: "order", door: door("lab"), act, value, version: VERSION }
}

function sitting(word: string, kinds: readonly Kind[] | null): Change {
  const rest = { notAfter: unixSeconds(AT + 28_800), credentialId: null, backupFlags: 0 }
  return { kind: "delegate", person: person(word), key: keyOf("session").publicKey, keyKind: "session", kinds, ...rest }
}

export type Ordered = { readonly name: string; readonly bytes: Uint8Array }

function byOwnKey(word: string, change: Change): Uint8Array {
  return encodeOrder(say(word, keyOf(word), word === "ada", change, [own]).bytes, [])
}

function bySession(change: Change, kinds: readonly Kind[] | null = null, word: string = "max"): Uint8Array {
  const opened = say(word, keyOf(word), word === "ada", sitting(word, kinds), [own])
  return encodeOrder(say(word, keyOf("session"), false, change, [own, opened.id]).bytes, [opened.bytes])
}

export function orders(): readonly Ordered[] {
  return [
    { name: "unlock, by a passkey", bytes: byOwnKey("ada", orderChange("unlock")) },
    { name: "unlock, by a software key", bytes: byOwnKey("max", orderChange("unlock")) },
    { name: "normal, by a software key", bytes: byOwnKey("max", orderChange("normal")) },
    { name: "service for an hour, by a software key", bytes: byOwnKey("max", orderChange("service", 3_600)) },
    { name: "lockdown, by one who may deny", bytes: byOwnKey("gil", orderChange("lockdown")) },
    { name: "lockdown, through a sitting of a software key", bytes: bySession(orderChange("lockdown")) },
    {
      name: "threat level 2, through a sitting of a passkey",
      bytes: bySession(orderChange("threat level", 2), null, "ada"),
    },
  ]
}

/** Each with the fault that it has. */
export function strangeOrders(): readonly (Ordered & { readonly fault: string })[] {
  const unlock = orderChange("unlock")
  const asMax = say("max", keyOf("thief"), false, unlock, [own])
  const revoke: Change = { kind: "person revoke", person: person("ana") }
  return [
    { name: "unlock, by one who may only deny", fault: "act not allowed", bytes: byOwnKey("gil", unlock) },
    { name: "unlock, through a sitting", fault: "act not allowed", bytes: bySession(unlock) },
    { name: "evacuation, through a sitting", fault: "act not allowed", bytes: bySession(orderChange("evacuation")) },
    {
      name: "lockdown, through a sitting that may do neither",
      fault: "chain broken",
      bytes: bySession(orderChange("lockdown"), ["person revoke"]),
    },
    { name: "by somebody whom the policy does not name", fault: "unknown signer", bytes: byOwnKey("thief", unlock) },
    { name: "in somebody's name by another key", fault: "unknown signer", bytes: encodeOrder(asMax.bytes, []) },
    { name: "another statement than an order", fault: "malformed", bytes: byOwnKey("max", revoke) },
    {
      name: "a statement without its message",
      fault: "malformed",
      bytes: say("max", keyOf("max"), false, unlock, [own]).bytes,
    },
    { name: "bytes that are nothing", fault: "malformed", bytes: DIGEST },
    { name: "more bytes than an order has", fault: "too large", bytes: new Uint8Array(50_000) },
  ]
}
