/** What the vectors speak about: a site, fixed values, and one change of every kind. */
import { unixSeconds } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { encodeRoot, labelCommitment, siteIdOf, uidCommitment } from "../src/author.ts"
import { defaultConfig } from "../src/config.ts"
import type { Change, Signable, StatementBody } from "../src/index.ts"
import { statementIdOf } from "../src/statement-id.ts"
import {
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

export const AT = 1_795_392_000
const crypto = nodeCrypto
export const ROOT = testRoot(unixSeconds(AT))
export const SITE = siteIdOf(encodeRoot(ROOT), crypto)
export const SALT = Uint8Array.from({ length: 16 }, (_, index) => index)
export const DIGEST = Uint8Array.from({ length: 32 }, (_, index) => 255 - index)

export function finish(draft: Signable, key: TestKey): Uint8Array {
  return draft.finish(key.sign(draft.bytes))
}

/** Values as JSON can hold them: bytes in hex, the rest as it is. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (value instanceof Map) return [...value].map(plain)
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
  {
    kind: "credential add",
    credential: credential("ana phone"),
    person: person("ana"),
    what: "phone",
    key: keyOf("ana's phone").publicKey,
  },
  { kind: "person traits", person: person("ana"), traits: ["extended", "responder"] },
  { kind: "order", door: door("lab"), act: "service", value: 3_600, version: { epoch: 0, size: 42 } },
  { kind: "receiver set", person: person("ana"), key: HPKE_KEY },
  { kind: "receiver remove", person: person("ana") },
  {
    kind: "credential add",
    credential: credential("ana offline"),
    person: person("ana"),
    what: "owner half",
    recipient: HPKE_KEY,
  },
  { kind: "credential add", credential: credential("ana offline site"), person: person("ana"), what: "site half" },
  {
    kind: "offline code",
    credential: credential("ana offline"),
    door: door("lab"),
    type: "timed",
    start: 493_000,
    duration: 1,
    sequence: 0,
    recipient: HPKE_KEY,
  },
]

/** The delegation that the authors of the vectors speak through. */
export const own = statementIdOf(DIGEST)

/** The statement of a change, with fixed times and nonce. */
export function body(change: Change, rest: Partial<StatementBody> = {}): StatementBody {
  const nonce = Uint8Array.from({ length: 16 }, (_, index) => 16 * index)
  const times = { issuedAt: unixSeconds(AT), notAfter: unixSeconds(AT + 300) }
  return { author: "root", chain: [], ...times, nonce, expects: [], change, ...rest }
}
