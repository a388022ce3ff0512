/**
 * The vectors of core/access, made from words by deterministic keys (RFC 6979): `write-vectors.ts` writes them to vectors/,
 * and the test makes them again and compares.
 */
import { EMPTY, idBytes, unixMillis, unixSeconds } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { encodeOpening, encodeRoot, KINDS, rootToSign, statementToSign, tapToSign } from "../src/author.ts"
import { encodeChange } from "../src/change.ts"
import { beaconToSign, encodePolicy, encodeSecret, leaseToSign, manifestToSign, piecesOf } from "../src/door.ts"
import { narrowingToSign } from "../src/rules.ts"
import { type Change, encodeIssued, encodeIssuedSecret, encodeSecretsIndex } from "../src/index.ts"
import { encodeQuestion, encodeSheet, SHEET_SIZE } from "../src/sheet.ts"
import { statementIdOf } from "../src/statement-id.ts"
import { assertionBy, credential, door, keyOf, person, type TestKey } from "./building.ts"
import { AT, body, CHANGES, DIGEST, finish, own, plain, ROOT, SALT, SITE } from "./vector-changes.ts"
import { CONFIGS, configBytes } from "./vector-config.ts"
import { NONCE, orderPolicy, orders, strangeOrders } from "./vector-order.ts"
import { denials, vectorPolicy } from "./vector-policy.ts"
import { QUESTIONS, SHEETS } from "./vector-sheet.ts"

const crypto = nodeCrypto

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

function signedByKeeper(): Readonly<Record<string, { readonly value: unknown; readonly bytes: Uint8Array }>> {
  const keeper = keyOf("keeper")
  const policy = encodePolicy(vectorPolicy())
  const version = { epoch: 0, size: 42 }
  const policyHash = crypto.sha256(policy)
  const named = { site: SITE, door: door("lab"), version, policyHash }
  const chunks = piecesOf(policy, EMPTY).chunks.map((chunk) => crypto.sha256(chunk))
  const rest = { tzdata: "2026b", compiledAt: unixSeconds(AT), chunks, policySize: policy.length, secretsHash: DIGEST }
  const manifest = { ...named, authority: { size: 42, root: DIGEST }, ...rest }
  const lease = { ...named, notBefore: unixSeconds(AT), notAfter: unixSeconds(AT + 86_400) }
  const beacon = { site: SITE, nonce: SALT, time: unixMillis(AT * 1000 + 123) }
  const narrowing = {
    site: SITE,
    door: door("lab"),
    cause: { door: door("lobby"), sequence: 4_711 },
    result: 140,
    notBefore: unixSeconds(AT),
    notAfter: unixSeconds(AT + 900),
  }
  return {
    narrowing: { value: narrowing, bytes: finish(narrowingToSign(narrowing, keeper.publicKey, crypto), keeper) },
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
    { credential: credential("ana card"), sealedHash: DIGEST.toReversed() },
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
    changes: CHANGES.map((change) => {
      const map: Cbor = encodeChange(change)
      return {
        number: KINDS.find(({ kind }) => kind === change.kind)?.number,
        ...(plain(change) as object),
        hex: toHex(encodeCbor(map)),
      }
    }),
    openings: openings.map((opening) => ({ ...(plain(opening) as object), hex: toHex(encodeOpening(opening)) })),
    issued: [{ ...(plain(issued) as object), hex: toHex(encodeIssued(issued)) }],
  }
}

function sheets(): unknown {
  return {
    source:
      "Alarm sheets and questions before sealing, in the sizes in which they are sent; zeros at their ends are left out.",
    sheets: SHEETS.map((sheet) => ({ ...(plain(sheet) as object), hex: bare(encodeSheet(sheet, SHEET_SIZE)) })),
    questions: QUESTIONS.map((doors) => ({ doors: plain(doors), hex: bare(encodeQuestion(doors)) })),
  }
}

function bare(page: Uint8Array): string {
  return toHex(page).replace(/(00)+$/, "")
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
    "access-config.json": {
      source: "Door configurations as a statement sets them; a rule at its standard is not written.",
      configs: CONFIGS.map((config) => ({ config: plain(config), hex: toHex(configBytes(config)) })),
    },
    "access-deny.json": {
      source: "Denials as a lock takes them, for the policy of access-policy.json.",
      denied: { person: person("ana"), credential: null },
      denials: denials().map(({ name, bytes }) => ({ name, hex: toHex(bytes) })),
    },
    "access-order.json": {
      source: "Orders as the lock of a door takes them whose policy is given, and orders that it refuses.",
      policy: toHex(encodePolicy(orderPolicy())),
      nonce: toHex(NONCE),
      orders: orders().map(({ name, bytes }) => ({ name, hex: toHex(bytes) })),
      refused: strangeOrders()
        .filter(({ bytes }) => bytes.length < 10_000)
        .map(({ name, fault, bytes }) => ({ name, fault, hex: toHex(bytes) })),
    },
    "access-secret.json": secrets(),
    "access-sheet.json": sheets(),
  }
}
