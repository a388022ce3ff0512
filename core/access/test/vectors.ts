/**
 * The vectors of core/access, made from words by deterministic keys (RFC 6979): `write-vectors.ts` writes them to vectors/,
 * and the test makes them again and compares.
 */
import { type Cbor, encodeCbor, idBytes, toHex, unixMillis, unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { encodeChange } from "../src/change.ts"
import { defaultConfig } from "../src/config.ts"
import {
  type Change,
  encodeIssued,
  encodeIssuedSecret,
  type Policy,
  type Signable,
  type StatementBody,
} from "../src/index.ts"
import {
  encodeDeny,
  encodeOpening,
  encodeRoot,
  KINDS,
  labelCommitment,
  rootToSign,
  siteIdOf,
  statementToSign,
  tapToSign,
  uidCommitment,
} from "../src/author.ts"
import {
  beaconToSign,
  chunkHashes,
  encodePolicy,
  encodeSecret,
  encodeSecretsIndex,
  leaseToSign,
  manifestToSign,
} from "../src/door.ts"
import { statementIdOf } from "../src/statement-id.ts"
import { putId, putU16, putU32 } from "../src/table.ts"
import {
  assertionBy,
  credential,
  door,
  grant,
  group,
  HPKE_KEY,
  keyOf,
  person,
  schedule,
  testRoot,
  type TestKey,
} from "./building.ts"

const AT = 1_795_392_000
const crypto = nodeCrypto
export const ROOT = testRoot(unixSeconds(AT))
export const SITE = siteIdOf(encodeRoot(ROOT), crypto)
const SALT = Uint8Array.from({ length: 16 }, (_, index) => index)
const DIGEST = Uint8Array.from({ length: 32 }, (_, index) => 255 - index)

function finish(draft: Signable, key: TestKey): Uint8Array {
  return draft.finish(key.sign(draft.bytes))
}

/** Values as JSON can hold them: bytes in hex, the rest as it is. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Map) return [...value].map(([key, each]) => [key, plain(each)])
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

/** One change of every kind, with values in their fields. */
export const CHANGES: readonly Change[] = [
  { kind: "person add", person: person("ana"), commitment: labelCommitment(SALT, "Ana", crypto) },
  { kind: "person label", person: person("ana"), commitment: labelCommitment(SALT, "Åsa", crypto) },
  { kind: "person revoke", person: person("ana") },
  { kind: "person restore", person: person("ana") },
  {
    kind: "credential add",
    credential: credential("ana card"),
    person: person("ana"),
    what: "card",
    commitment: uidCommitment(SALT, Uint8Array.of(4, 1, 2, 3, 4, 5, 6), crypto),
    recipient: HPKE_KEY,
  },
  { kind: "credential remove", credential: credential("ana card") },
  { kind: "group set", group: group("staff"), name: "Staff" },
  { kind: "member add", group: group("staff"), person: person("ana"), from: unixSeconds(AT), until: null },
  { kind: "member remove", group: group("staff"), person: person("ana") },
  { kind: "grant set", grant: grant("staff"), group: group("staff"), doors: [door("lab")], schedule: schedule("day") },
  { kind: "grant remove", grant: grant("staff") },
  {
    kind: "schedule set",
    schedule: schedule("day"),
    name: "Day",
    zone: "Europe/Berlin",
    rules: [{ days: 31, from_min: 480, until_min: 1080 }],
    closedDays: [20_812],
  },
  {
    kind: "door set",
    door: door("lab"),
    commitment: labelCommitment(SALT, "Lab", crypto),
    config: {
      ...defaultConfig("Europe/Berlin"),
      modes: [
        { schedule: schedule("day"), factors: "card" },
        { schedule: null, factors: "card and pin" },
      ],
    },
    place: { floor: "0", x_cm: 1250, y_cm: -40, angle_deg: 90 },
  },
  { kind: "door remove", door: door("lab") },
  { kind: "lock pair", door: door("lab"), journalKey: keyOf("lab").publicKey, hpkeKey: HPKE_KEY, serial: "HF-0001" },
  {
    kind: "zone table",
    table: {
      zone: "Europe/Berlin",
      tzdata: "2026b",
      transitions: [
        { at_s: -3600, offset_s: 3600 },
        { at_s: 1_774_746_000, offset_s: 7200 },
      ],
    },
  },
  {
    kind: "delegate",
    person: person("ada"),
    key: keyOf("ada").publicKey,
    keyKind: "passkey",
    kinds: ["person revoke", "deny"],
    notAfter: unixSeconds(AT + 86_400),
    credentialId: Uint8Array.of(1, 2, 3),
    backupFlags: 24,
  },
  { kind: "delegation revoke", delegation: statementIdOf(DIGEST) },
  { kind: "deny", person: person("ana"), credential: null },
  { kind: "plan", floor: "0", rooms: [{ name: "Lab", x_cm: 0, y_cm: 0, width_cm: 500, height_cm: 400 }] },
]

function body(change: Change, rest: Partial<StatementBody> = {}): StatementBody {
  const nonce = Uint8Array.from({ length: 16 }, (_, index) => 16 * index)
  const times = { issuedAt: unixSeconds(AT), notAfter: unixSeconds(AT + 300) }
  return { author: "root", chain: [], ...times, nonce, expects: [], change, ...rest }
}

const own = statementIdOf(DIGEST)

function statements(): readonly unknown[] {
  const revoke = CHANGES[2]
  const deny = CHANGES[18]
  ok(revoke !== undefined && deny !== undefined)
  const expects = [{ object: person("ana"), index: 7 }]
  const root = keyOf("root")
  const ada = keyOf("ada")
  const cases: unknown[] = []
  const note = (
    name: string,
    key: TestKey,
    passkey: boolean,
    login: boolean,
    draft: ReturnType<typeof statementToSign>,
    hex: Uint8Array,
  ): void => {
    cases.push({
      name,
      key: toHex(key.publicKey),
      passkey,
      login,
      id: draft.id,
      body: plain(draft.body),
      hex: toHex(hex),
    })
  }
  const plainOne = statementToSign(SITE, body(revoke, { expects }), root.publicKey, "key", crypto)
  note("by a key that a program holds", root, false, false, plainOne, finish(plainOne, root))
  const session = keyOf("session")
  const chain = [own, statementIdOf(DIGEST.toReversed())]
  const narrow = statementToSign(SITE, body(revoke, { author: person("ada"), chain }), session.publicKey, "key", crypto)
  note("by a session key", session, false, false, narrow, finish(narrow, session))
  const byAda = { author: person("ada"), chain: [own] }
  const single = statementToSign(SITE, body(deny, byAda), ada.publicKey, "passkey", crypto)
  const tap = tapToSign(SITE, [single], crypto)
  note(
    "by a passkey's tap over one statement",
    ada,
    true,
    false,
    single,
    tap.finish(assertionBy(ada, tap.challenge))[0] ?? DIGEST,
  )
  const many = [0, 2, 18].map((index) => {
    const change = CHANGES[index]
    ok(change !== undefined)
    return statementToSign(SITE, body(change, byAda), ada.publicKey, "passkey", crypto)
  })
  const batch = tapToSign(SITE, many, crypto)
  const signed = batch.finish(assertionBy(ada, batch.challenge))
  for (const [index, draft] of many.entries())
    note(`by a passkey's tap over three statements, number ${index}`, ada, true, false, draft, signed[index] ?? DIGEST)
  const rest = { kinds: null, notAfter: unixSeconds(AT + 28_800), credentialId: null, backupFlags: 0 }
  const login: Change = { kind: "delegate", person: person("ada"), key: session.publicKey, keyKind: "session", ...rest }
  const signIn = statementToSign(SITE, body(login, byAda), ada.publicKey, "passkey", crypto)
  const signInTap = tapToSign(SITE, [signIn], crypto)
  note(
    "a sign-in by a passkey",
    ada,
    true,
    true,
    signIn,
    signInTap.finish(assertionBy(ada, signInTap.challenge))[0] ?? DIGEST,
  )
  return cases
}

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

function signedByKeeper(): Readonly<Record<string, { readonly value: unknown; readonly bytes: Uint8Array }>> {
  const keeper = keyOf("keeper")
  const policy = encodePolicy(vectorPolicy())
  const version = { epoch: 0, size: 42 }
  const policyHash = crypto.sha256(policy)
  const named = { site: SITE, door: door("lab"), version, policyHash }
  const chunks = chunkHashes(policy, crypto)
  const rest = { tzdata: "2026b", compiledAt: unixSeconds(AT), chunks, policySize: policy.length, secretsHash: DIGEST }
  const manifest = { ...named, authority: { size: 42, root: DIGEST }, ...rest }
  const lease = { ...named, notBefore: unixSeconds(AT), notAfter: unixSeconds(AT + 86_400) }
  const beacon = { site: SITE, nonce: SALT, time: unixMillis(AT * 1000 + 123) }
  return {
    manifest: { value: manifest, bytes: finish(manifestToSign(manifest, keeper.publicKey, crypto), keeper) },
    lease: { value: lease, bytes: finish(leaseToSign(lease, keeper.publicKey, crypto), keeper) },
    beacon: { value: beacon, bytes: finish(beaconToSign(beacon, keeper.publicKey, crypto), keeper) },
  }
}

function secrets(): unknown {
  const pin = { kind: "pin", credential: credential("ana pin"), pin: "314159" } as const
  const uid = Uint8Array.of(4, 1, 2, 3, 4, 5, 6)
  const card = { kind: "card", credential: credential("ana card"), uid, key: SALT } as const
  const bare = { ...card, key: null }
  const keys = [0, 1, 2, 3].map((zone) => SALT.map((byte) => byte + zone))
  const issued = { kind: "card", credential: credential("ana card"), keys } as const
  const names = [
    { credential: credential("ana pin"), sealedHash: DIGEST },
    { credential: credential("ana card"), sealedHash: SALT.length === 16 ? DIGEST.toReversed() : DIGEST },
  ].sort((a, b) => (a.credential < b.credential ? -1 : 1))
  return {
    source:
      "Secrets of credentials before sealing (to a lock, to whoever enrols), and the index of a door's sealed secrets.",
    secrets: [pin, card, bare].map((each) => ({ ...(plain(each) as object), hex: toHex(encodeSecret(each)) })),
    issued: [pin, issued].map((each) => ({ ...(plain(each) as object), hex: toHex(encodeIssuedSecret(each)) })),
    index: { names: plain(names), hex: toHex(encodeSecretsIndex(names)) },
  }
}

function payloads(): unknown {
  const openings = [
    { salt: SALT, value: "Ana" },
    { salt: SALT, value: Uint8Array.of(4, 1, 2, 3) },
  ]
  const version = { epoch: 1, size: 42 }
  const issued = { door: door("lab"), version, policyHash: DIGEST, secretsHash: DIGEST, compiledAt: unixSeconds(AT) }
  return {
    source:
      "The map of each kind of change (key 7 of a statement's payload), the opening of a commitment, and the entry 'policy issued'.",
    changes: CHANGES.map((change, index) => {
      const map: Cbor = encodeChange(change)
      return { number: KINDS[index]?.number, ...(plain(change) as object), hex: toHex(encodeCbor(map)) }
    }),
    openings: openings.map((opening) => ({ ...(plain(opening) as object), hex: toHex(encodeOpening(opening)) })),
    issued: [{ ...(plain(issued) as object), hex: toHex(encodeIssued(issued)) }],
  }
}

/** Every file of this room, by name. */
export function vectorFiles(): Readonly<Record<string, unknown>> {
  const keeper = { site: SITE, keeper: toHex(keyOf("keeper").publicKey) }
  const deed = finish(rootToSign(ROOT, SITE, keyOf("root").publicKey, crypto), keyOf("root"))
  const signed = Object.entries(signedByKeeper()).map(
    ([name, { value, bytes }]) =>
      [
        `access-${name}.json`,
        {
          source: `A ${name} signed by the keeper (COSE_Sign1, type "${name}").`,
          ...keeper,
          value: plain(value),
          hex: toHex(bytes),
        },
      ] as const,
  )
  return {
    "access-root.json": {
      source:
        "Root metadata, version 1, signed by its own key; the site is the first 16 bytes of SHA-256 over its payload.",
      site: SITE,
      siteBytes: toHex(idBytes(SITE)),
      root: plain(ROOT),
      payload: toHex(encodeRoot(ROOT)),
      hex: toHex(deed),
    },
    "access-change.json": payloads(),
    "access-statement.json": {
      source:
        "Statements with each kind of signature. A passkey's signature is [authenticatorData, clientDataJSON, DER] or, in a batch, with [index, size, path].",
      site: SITE,
      relying: { origins: ROOT.origins, rpId: ROOT.rpId },
      statements: statements(),
    },
    ...Object.fromEntries(signed),
    "access-policy.json": {
      source: "A door's policy; the tables' rows stand in core/access/src/table.ts.",
      policy: plain(vectorPolicy()),
      hex: toHex(encodePolicy(vectorPolicy())),
    },
    "access-deny.json": {
      source: "Denials as a lock takes them, for the policy of access-policy.json.",
      denied: { person: person("ana"), credential: null },
      denials: denials().map(({ name, bytes }) => ({ name, hex: toHex(bytes) })),
    },
    "access-secret.json": secrets(),
  }
}
