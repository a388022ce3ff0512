/**
 * Every byte format of this room: the vectors both ways, every truncation, every flipped bit.
 *
 * One law for all decoders: bytes either do not decode, or decode to something that encodes to the same bytes. For signed
 * things: whatever still verifies says exactly the same.
 */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { parseId, type SiteId, unixSeconds } from "@holdfast/base"
import { decodeCbor, encodeCbor } from "@holdfast/base/cbor"
import { publicKey } from "@holdfast/base/cose"
import { fromHex, toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { decodeChange, encodeChange } from "../src/change.ts"
import {
  type Change,
  decodeIssued,
  decodeIssuedSecret,
  decodeStatement,
  encodeIssued,
  encodeIssuedSecret,
  encodeSecretsIndex,
  type Kind,
} from "../src/index.ts"
import { decodeOpening, encodeOpening, encodeRoot, verifyFirstRoot } from "../src/author.ts"
import {
  decide,
  decodePolicy,
  decodeSecret,
  placeOfSecret,
  secretNameAt,
  secretsIn,
  encodePolicy,
  requiredFactors,
  encodeSecret,
  verifyBeacon,
  verifyDeny,
  verifyLease,
  verifyManifest,
} from "../src/door.ts"
import { verifyNarrowing } from "../src/rules.ts"
import { NOBODY_DENIED } from "../src/decide.ts"
import { decodeRoot } from "../src/root.ts"
import { type Expected, verifyStatementSignature } from "../src/signature.ts"
import { decodeStatementBody, encodeStatement } from "../src/statement.ts"
import { credential, keyOf, person, RP_ID } from "./building.ts"
import { plain, ROOT, SITE } from "./vector-changes.ts"
import { configBytes, fromCbor } from "./vector-config.ts"
import { strangeDenials, vectorPolicy } from "./vector-policy.ts"
import { vectorFiles } from "./vectors.ts"

function read(name: string): string {
  return readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), "utf8")
}

function bytesOf(hex: string): Uint8Array {
  const bytes = fromHex(hex)
  ok(bytes !== null, "a vector is hex")
  return bytes
}

for (const [name, content] of Object.entries(vectorFiles())) {
  test(`vectors/${name} is what the code makes`, () => {
    equal(read(name), `${JSON.stringify(content, null, 2)}\n`)
  })
}

/** Every truncation of some bytes, every `step`th flipped bit, and the bytes with one more. */
function* damaged(bytes: Uint8Array, step = 1): Generator<Uint8Array> {
  for (let size = 0; size < bytes.length; size++) yield bytes.slice(0, size)
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const flipped = bytes.slice()
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield flipped
  }
  yield Uint8Array.of(...bytes, 0)
}

/** Whether the bytes carry a key above the one ignorable key that exists (64): readers skip it, so it does not come back. */
function mayIgnore(bytes: Uint8Array): boolean {
  const decoded = decodeCbor(bytes)
  return decoded.ok && decoded.value instanceof Map && [...decoded.value.keys()].some((key) => key > 64)
}

/** The law for an unsigned format. */
function keepsTheLaw<Value>(
  name: string,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => Value | null,
  encode: (value: Value) => Uint8Array,
): void {
  test(`${name}: comes back the same, and no damaged bytes mean something with other bytes`, () => {
    const value = decode(bytes)
    ok(value !== null)
    equal(toHex(encode(value)), toHex(bytes))
    for (const wrong of damaged(bytes)) {
      const other = decode(wrong)
      if (other !== null && !mayIgnore(wrong)) equal(toHex(encode(other)), toHex(wrong))
    }
  })
}

type Hexed = { readonly hex: string }
const changeFile = JSON.parse(read("access-change.json")) as {
  readonly changes: readonly (Hexed & { readonly kind: Kind })[]
  readonly openings: readonly Hexed[]
  readonly issued: readonly Hexed[]
}

for (const vector of changeFile.changes) {
  const decode = (bytes: Uint8Array): Change | null => {
    const decoded = decodeCbor(bytes)
    return decoded.ok ? decodeChange(vector.kind, decoded.value) : null
  }
  keepsTheLaw(`change "${vector.kind}"`, bytesOf(vector.hex), decode, (change) => encodeCbor(encodeChange(change)))
}
for (const { hex } of changeFile.openings) keepsTheLaw("opening", bytesOf(hex), decodeOpening, encodeOpening)
for (const { hex } of changeFile.issued) keepsTheLaw("policy issued", bytesOf(hex), decodeIssued, encodeIssued)

const rootFile = JSON.parse(read("access-root.json")) as Hexed & { readonly payload: string }
keepsTheLaw("root metadata", bytesOf(rootFile.payload), decodeRoot, encodeRoot)

const policyFile = JSON.parse(read("access-policy.json")) as Hexed
keepsTheLaw("policy", bytesOf(policyFile.hex), decodePolicy, encodePolicy)

const configFile = JSON.parse(read("access-config.json")) as { readonly configs: readonly Hexed[] }
for (const [index, { hex }] of configFile.configs.entries()) {
  const decode = (bytes: Uint8Array) => {
    const decoded = decodeCbor(bytes)
    return decoded.ok ? fromCbor(decoded.value) : null
  }
  keepsTheLaw(`door configuration ${index}`, bytesOf(hex), decode, configBytes)
}

const secretFile = JSON.parse(read("access-secret.json")) as {
  readonly secrets: readonly Hexed[]
  readonly issued: readonly Hexed[]
  readonly index: Hexed
}
for (const { hex } of secretFile.secrets) keepsTheLaw("secret", bytesOf(hex), decodeSecret, encodeSecret)
for (const { hex } of secretFile.issued)
  keepsTheLaw("issued secret", bytesOf(hex), decodeIssuedSecret, encodeIssuedSecret)
const namesIn = (index: Uint8Array) => {
  const count = secretsIn(index)
  return count === null ? null : Array.from({ length: count }, (_, place) => secretNameAt(index, place))
}
keepsTheLaw("secrets index", bytesOf(secretFile.index.hex), namesIn, encodeSecretsIndex)

test("a damaged policy that still decodes still decides, whatever it says", () => {
  let decided = 0
  for (const wrong of damaged(bytesOf(policyFile.hex))) {
    const policy = decodePolicy(wrong)
    if (policy === null) continue
    for (const at of [null, unixSeconds(1_795_392_000), unixSeconds(1_795_430_000)]) {
      requiredFactors(policy, at)
      for (const card of ["ana card", "bo card", "nobody"].map(credential))
        decided += decide(policy, [{ kind: "card", credential: card }], at, NOBODY_DENIED).open ? 0 : 1
    }
  }
  ok(decided > 1_000)
})

test("the index of sealed secrets is searched by credential", () => {
  const index = bytesOf(secretFile.index.hex)
  for (const [place, name] of (namesIn(index) ?? []).entries()) equal(placeOfSecret(index, name.credential), place)
  equal(placeOfSecret(index, credential("nobody")), null)
})

/** The law for a signed format: damaged bytes do not verify, or they say exactly the same. */
function staysSigned(name: string, bytes: Uint8Array, verify: (bytes: Uint8Array) => unknown): void {
  test(`${name}: verifies, and no damaged bytes verify as anything else`, () => {
    const said = verify(bytes)
    ok(said !== null)
    for (const wrong of damaged(bytes, 3)) {
      const other = verify(wrong)
      if (other !== null) deepEqual(other, said)
    }
  })
}

const keeper = keyOf("keeper").publicKey
const other = parseId<"SiteId">("00112233445566778899aabbccddeeff") as SiteId

for (const [name, verify] of [
  ["manifest", verifyManifest],
  ["lease", verifyLease],
  ["narrowing", verifyNarrowing],
  ["beacon", verifyBeacon],
] as const) {
  const file = JSON.parse(read(`access-${name}.json`)) as Hexed & { readonly value: unknown }
  const bytes = bytesOf(file.hex)
  staysSigned(name, bytes, (each) => {
    const verified = verify(SITE, each, keeper, nodeCrypto)
    return verified.ok ? verified.value : null
  })
  test(`${name}: says what its vector says, and only for this site, this keeper and this type`, () => {
    const verified = verify(SITE, bytes, keeper, nodeCrypto)
    ok(verified.ok)
    deepEqual(plain(verified.value), file.value)
    equal(verify(other, bytes, keeper, nodeCrypto).ok, false)
    deepEqual(verify(SITE, bytes, keyOf("thief").publicKey, nodeCrypto), { ok: false, fault: "wrong signature" })
    deepEqual(verify(SITE, new Uint8Array(200_000), keeper, nodeCrypto), { ok: false, fault: "too large" })
    for (const each of [verifyManifest, verifyLease, verifyNarrowing, verifyBeacon])
      if (each !== verify) equal(each(SITE, bytes, keeper, nodeCrypto).ok, false)
  })
}

staysSigned("root", bytesOf(rootFile.hex), (bytes) => {
  const verified = verifyFirstRoot(bytes, nodeCrypto)
  return verified.ok ? verified : null
})

test("the root's vector names the site", () => {
  const verified = verifyFirstRoot(bytesOf(rootFile.hex), nodeCrypto)
  ok(verified.ok)
  equal(verified.site, SITE)
  deepEqual(verified.root, ROOT)
})

type SignedCase = Hexed & {
  readonly name: string
  readonly key: string
  readonly passkey: boolean
  readonly login: boolean
  readonly id: string
  readonly body: unknown
}
const SIGNED_BY: readonly Expected["by"][] = ["key", "tap", "login tap"]
const statementFile = JSON.parse(read("access-statement.json")) as { readonly statements: readonly SignedCase[] }

for (const { name, hex, key, passkey, login, id, body } of statementFile.statements) {
  const bytes = bytesOf(hex)
  const tap = login ? "login tap" : "tap"
  const expected: Expected = { key: publicKey(bytesOf(key)), by: passkey ? tap : "key" }
  const relying = { origins: ROOT.origins, rpId: RP_ID }
  staysSigned(`statement ${name}`, bytes, (each) => {
    const decoded = decodeStatement(SITE, each, nodeCrypto)
    if (!decoded.ok || !verifyStatementSignature(decoded.signed, expected, SITE, relying, nodeCrypto)) return null
    return decoded.statement
  })
  test(`statement ${name}: says what its vector says, for this site, purpose and origin only`, () => {
    const decoded = decodeStatement(SITE, bytes, nodeCrypto)
    ok(decoded.ok)
    const { id: named, ...said } = decoded.statement
    equal(named, id)
    deepEqual(plain(said), body)
    const elsewhere = decodeStatement(other, bytes, nodeCrypto)
    ok(elsewhere.ok && !verifyStatementSignature(elsewhere.signed, expected, other, relying, nodeCrypto))
    for (const by of SIGNED_BY.filter((each) => each !== expected.by))
      ok(!verifyStatementSignature(decoded.signed, { ...expected, by }, SITE, relying, nodeCrypto))
    const strange = { origins: ["http://localhost:1"], rpId: RP_ID }
    equal(verifyStatementSignature(decoded.signed, expected, SITE, strange, nodeCrypto), !passkey)
    const { rpId } = { rpId: "example.org" }
    equal(verifyStatementSignature(decoded.signed, expected, SITE, { ...relying, rpId }, nodeCrypto), !passkey)
  })
  const decoded = decodeStatement(SITE, bytes, nodeCrypto)
  ok(decoded.ok)
  keepsTheLaw(`payload of a statement ${name}`, decoded.signed.payload, decodeStatementBody, encodeStatement)
}

test("a sitting that a denier opened for somebody else, or another sitting than the one named, denies nothing", () => {
  const policy = vectorPolicy()
  const faults = strangeDenials().map(({ name, bytes }) => {
    const verified = verifyDeny(policy, bytes, nodeCrypto)
    return `${name}: ${verified.ok ? "ok" : verified.fault}`
  })
  deepEqual(faults, [
    "as it should be: ok",
    "for somebody else: chain broken",
    "another sitting than the one named: chain broken",
    "a sitting that may not deny: chain broken",
    "two sittings: chain broken",
    "no sitting: chain broken",
    "another statement than a denial: malformed",
  ])
})

const denyFile = JSON.parse(read("access-deny.json")) as {
  readonly denials: readonly (Hexed & { readonly name: string })[]
}
const policy = vectorPolicy()

for (const { name, hex } of denyFile.denials) {
  const bytes = bytesOf(hex)
  staysSigned(`denial ${name}`, bytes, (each) => {
    const verified = verifyDeny(policy, each, nodeCrypto)
    return verified.ok ? verified : null
  })
  test(`denial ${name}: only by those whom the policy names`, () => {
    const verified = verifyDeny(policy, bytes, nodeCrypto)
    ok(verified.ok)
    deepEqual([verified.person, verified.credential], [person("ana"), null])
    deepEqual(verifyDeny({ ...policy, deniers: [] }, bytes, nodeCrypto), { ok: false, fault: "unknown denier" })
    const thief = policy.deniers.map((denier) => ({ ...denier, key: keyOf("thief").publicKey }))
    deepEqual(verifyDeny({ ...policy, deniers: thief }, bytes, nodeCrypto), { ok: false, fault: "unknown denier" })
    equal(verifyDeny({ ...policy, site: other }, bytes, nodeCrypto).ok, false)
    deepEqual(verifyDeny(policy, new Uint8Array(50_000), nodeCrypto), { ok: false, fault: "too large" })
  })
}
