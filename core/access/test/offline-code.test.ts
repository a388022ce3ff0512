/** Offline PINs as statements and secrets: what does not read first, then who counts at a door that opens by PIN alone. */
import { idBytes } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { decodeChange, encodeChange } from "../src/change.ts"
import type { Change } from "../src/index.ts"
import { decide, NOBODY_DENIED } from "../src/decide.ts"
import type { FactorKind } from "../src/factors.ts"
import { decodePolicy, encodePolicy } from "../src/policy.ts"
import { DURATIONS_S, OFFLINE_TYPES } from "../src/offline-types.ts"
import { decodeIssuedSecret, encodeIssuedSecret } from "../src/issued-secret.ts"
import { credential, door, group, HPKE_KEY, person } from "./building.ts"
import { furnished } from "./furnished.ts"

const ALL: readonly FactorKind[] = ["card", "pin", "phone", "biometric", "identifier"]

const half = (word: string, who = "ana"): Change => {
  const ids = { credential: credential(word), person: person(who) }
  return { kind: "credential add", ...ids, what: "owner half", recipient: HPKE_KEY }
}
const code: Extract<Change, { kind: "offline code" }> = {
  kind: "offline code",
  credential: credential("half"),
  door: door("lab"),
  ...{ type: "timed", start: 10, duration: 7, sequence: 1, recipient: HPKE_KEY },
}

const WRONG: readonly (readonly [what: string, key: number, value: number])[] = [
  ["a type that is none", 2, OFFLINE_TYPES.length],
  ["a start beyond four bytes", 3, 2 ** 32],
  ["a duration that is none", 4, DURATIONS_S.length],
  ["a sequence beyond a byte", 5, 256],
  ["a one-time code with a duration", 2, 0],
]
for (const [what, key, value] of WRONG)
  test(`${what} does not read`, () => {
    const map = new Map(encodeChange(code))
    map.set(key, value)
    equal(decodeChange("offline code", map), null)
  })

test("an owner's half without a recipient and a site's half with one do not read", () => {
  const owner = new Map(encodeChange(half("half")))
  owner.delete(4)
  equal(decodeChange("credential add", owner), null)
  const site = new Map(
    encodeChange({ kind: "credential add", credential: credential("s"), person: person("ana"), what: "site half" }),
  )
  equal(decodeChange("credential add", site)?.kind, "credential add")
  site.set(4, HPKE_KEY)
  equal(decodeChange("credential add", site), null)
})

test("what is issued reads back, and nothing that is cut or too large", () => {
  const key = new Uint8Array(32).fill(3)
  const issued = [
    { kind: "owner half", credential: credential("half"), key },
    { kind: "offline share", credential: credential("half"), digits: 9, share: 999_999_999 },
  ] as const
  for (const each of issued) {
    const bytes = encodeIssuedSecret(each)
    deepEqual(decodeIssuedSecret(bytes), each)
    for (let size = 0; size < bytes.length; size++) equal(decodeIssuedSecret(bytes.subarray(0, size)), null)
  }
  const [, share] = issued
  equal(decodeIssuedSecret(encodeIssuedSecret({ ...share, share: 10 ** 9 })), null)
  const short: Cbor = new Map<number, Cbor>([
    [0, idBytes(credential("x"))],
    [1, 6],
    [5, new Uint8Array(31)],
  ])
  equal(decodeIssuedSecret(encodeCbor(short)), null)
})

test("a code is asked for with a half that stands, and changes no policy", () => {
  const { building } = furnished()
  equal(building.tries(code), "unknown credential")
  building.says(half("half"))
  equal(building.tries({ ...code, door: door("none") }), "unknown door")
  equal(building.tries({ ...code, credential: credential("ana card") }), "unknown credential")
  building.says(code)
  deepEqual(building.last?.touched, [])
  building.says({ kind: "person revoke", person: person("ana") })
  equal(building.tries(code), "person revoked")
})

test("the site's half stands for nothing that can be shown, and the owner's for a PIN alone", () => {
  const { building } = furnished()
  building.says(half("half"))
  building.says({ kind: "credential add", credential: credential("s"), person: person("ana"), what: "site half" })
  const policy = building.policy("lab")
  equal(decodePolicy(encodePolicy(policy)) === null, false)
  for (const [word, opens] of [
    ["s", []],
    ["half", ["pin"]],
  ] as const) {
    const known = ALL.filter((kind) => {
      const verdict = decide(policy, [{ kind, credential: credential(word) }], policy.compiledAt, NOBODY_DENIED)
      return verdict.open || verdict.because !== "unknown credential"
    })
    deepEqual(known, opens)
  }
})

test("at a door that opens by PIN alone, whoever has offline PINs counts as one more", () => {
  const { building } = furnished()
  for (let at = 0; at < 9; at++) building.addPerson(`p${at}`, [])
  building.setDoor("store", { modes: [{ schedule: null, factors: "pin" }] })
  building.says({ kind: "group set", group: group("store"), name: "Store" })
  building.says(building.grantTo("store", ["store"], null))
  for (let at = 0; at < 9; at++) building.says(building.member("store", `p${at}`))
  for (let at = 0; at < 8; at++) {
    equal(building.tries(half(`half ${at}`, `p${at}`)), "ok")
    const site = credential(`site ${at}`)
    const mark = { credential: site, person: person(`p${at}`), what: "site half" } as const
    equal(building.tries({ kind: "credential add", ...mark }), "ok", "the site's half is no PIN")
  }
  equal(building.tries(half("half 8", "p8")), "too many people for PIN only")
})
