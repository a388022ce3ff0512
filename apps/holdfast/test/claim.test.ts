/** Claims: what is none comes first; then the link's one use, its fifteen minutes, and what a claim leaves behind. */
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { idOf, unixMillis } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { newEs256, newHpkeKeyPair } from "@holdfast/port-node"
import { Claims, LINK_MS, readClaim } from "../src/claim.ts"
import { Founder, type Submit } from "../src/founder.ts"
import { readRecovery } from "../src/recovery.ts"

const SITE = idOf<"SiteId">(new Uint8Array(16).fill(7))
const KEY = toBase64(encodeCoseKey(newEs256().publicKey))
const bytes = (size: number): string => toBase64(new Uint8Array(size))

const GOOD = {
  token: "a token",
  person: "00112233445566778899aabbccddeeff",
  commitment: bytes(32),
  attachment: bytes(100),
  key: KEY,
  key_kind: 1,
  credential_id: bytes(16),
  backup_flags: 0,
}

const BAD: readonly (readonly [string, unknown])[] = [
  ["nothing", null],
  ["a text", "claim"],
  ["a list", []],
  ["no token", { ...GOOD, token: undefined }],
  ["a token that is a number", { ...GOOD, token: 1 }],
  ["a person that is no id", { ...GOOD, person: "root" }],
  ["a person in capitals", { ...GOOD, person: GOOD.person.toUpperCase() }],
  ["a commitment of 31 bytes", { ...GOOD, commitment: bytes(31) }],
  ["a commitment of 33 bytes", { ...GOOD, commitment: bytes(33) }],
  ["a commitment that is no base64", { ...GOOD, commitment: "*".repeat(44) }],
  ["no attachment", { ...GOOD, attachment: "" }],
  ["an attachment of 2,049 bytes", { ...GOOD, attachment: bytes(2_049) }],
  ["a key that is no COSE_Key", { ...GOOD, key: bytes(77) }],
  ["a key with a byte too many", { ...GOOD, key: toBase64(new Uint8Array([...Buffer.from(KEY, "base64"), 0])) }],
  ["a session key", { ...GOOD, key_kind: 3 }],
  ["a key kind that is a text", { ...GOOD, key_kind: "1" }],
  ["a passkey without a credential id", { ...GOOD, credential_id: null }],
  ["a credential id of 1,024 bytes", { ...GOOD, credential_id: bytes(1_024) }],
  ["backup flags of nine bits", { ...GOOD, backup_flags: 256 }],
  ["backup flags below zero", { ...GOOD, backup_flags: -1 }],
  ["backup flags that are no whole number", { ...GOOD, backup_flags: 0.5 }],
]

for (const [name, body] of BAD) test(`no claim: ${name}`, () => equal(readClaim(body), null))

test("a claim by a passkey, and one by a software key, which has no credential id", () => {
  equal(readClaim(GOOD)?.keyKind, "passkey")
  const software = readClaim({ ...GOOD, key_kind: 2 })
  equal(software?.keyKind, "software")
  equal(software?.credentialId, null)
})

const admitsAll: Submit = async (statements) => ({
  outcomes: statements.map((_, index) => ({ admitted: true, index, receipt: new Uint8Array(0) })),
  issued: [],
})
const refusesAll: Submit = async (statements) => ({
  outcomes: statements.map(() => ({ admitted: false, fault: "no such person" })),
  issued: [],
})

type Given = {
  readonly claims: Claims
  readonly founder: Founder
  readonly claimed: string[]
  now_ms: number
}

function given(submit: Submit): Given {
  let count = 0
  const random = (size: number): Uint8Array => new Uint8Array(size).fill(++count)
  const claimed: string[] = []
  const holder: { now_ms: number } = { now_ms: 1_000 }
  const claims = new Claims({
    site: SITE,
    origin: "http://localhost:1",
    uptime: () => holder.now_ms,
    random,
    claimed: (person) => claimed.push(person),
  })
  const founder = new Founder({
    site: SITE,
    keeperHpke: newHpkeKeyPair().publicKey,
    key: newEs256(),
    submit,
    now: () => unixMillis(1_800_000_000_000),
    random,
  })
  return Object.assign(holder, { claims, founder, claimed })
}

const tokenOf = (link: string): string => link.slice(link.indexOf("#") + 1)
const statusOf = async (claims: Claims, token: string): Promise<number> =>
  (await claims.claim({ ...GOOD, token })).status

test("without a founding key there is no link to use", async () => {
  const { claims } = given(admitsAll)
  equal(claims.canInvite, false)
  equal(await statusOf(claims, "any"), 409)
})

test("a link works until the last millisecond of its fifteen minutes, and not after", async () => {
  for (const [later_ms, status] of [
    [LINK_MS, 200],
    [LINK_MS + 1, 410],
  ] as const) {
    const holder = given(admitsAll)
    holder.claims.hold(holder.founder, "offered")
    const token = tokenOf(holder.claims.invite())
    holder.now_ms += later_ms
    equal(await statusOf(holder.claims, token), status)
    equal(holder.founder.holdsKey, status !== 200, "the founding key is dropped by a claim and by nothing else")
  }
})

test("a new link kills the one before; a wrong token uses nothing up", async () => {
  const { claims, founder, claimed } = given(admitsAll)
  claims.hold(founder, "offered")
  const old = tokenOf(claims.invite())
  const token = tokenOf(claims.invite())
  notEqual(old, token)
  equal(await statusOf(claims, old), 403)
  equal(await statusOf(claims, `${token}A`), 403)
  equal(await statusOf(claims, token), 200)
  deepEqual(claimed, [GOOD.person])
  equal(await statusOf(claims, token), 409, "one use")
  equal(claims.canInvite, false)
})

test("two claims at once: one is answered, the other finds no link", async () => {
  const { claims, founder } = given(admitsAll)
  claims.hold(founder, "offered")
  const token = tokenOf(claims.invite())
  const statuses = await Promise.all([statusOf(claims, token), statusOf(claims, token)])
  deepEqual(
    statuses.sort((a, b) => a - b),
    [200, 409],
  )
})

test("a claim that the keeper refuses leaves the link and the key as they were", async () => {
  const { claims, founder, claimed } = given(refusesAll)
  claims.hold(founder, "offered")
  const token = tokenOf(claims.invite())
  equal(await statusOf(claims, token), 422)
  ok(founder.holdsKey && claims.canInvite)
  deepEqual(claimed, [])
})

test("the recovery file in the answer holds the founding key", async () => {
  const { claims, founder } = given(admitsAll)
  claims.hold(founder, "offered")
  const pkcs8 = toBase64(founder.pkcs8())
  const { body } = await claims.claim({ ...GOOD, token: tokenOf(claims.invite()) })
  const { recovery } = body as { recovery: { text: string } }
  equal(toBase64(readRecovery(recovery.text).pkcs8()), pkcs8)
})

test("I-40: a key that came from its file is offered to nobody: who is named by it does not become the root", async () => {
  const { claims, founder } = given(admitsAll)
  claims.hold(founder, "kept")
  const { status, body } = await claims.claim({ ...GOOD, token: tokenOf(claims.invite()) })
  equal(status, 200)
  deepEqual((body as { recovery: unknown }).recovery, null)
  ok(!JSON.stringify(body).includes("PRIVATE KEY"))
})
