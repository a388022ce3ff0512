/** The virtual finger matcher: what it answers, and that nothing but hashes and ids comes out of it. */
import { idOf } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { Matcher } from "../src/matcher.ts"
import { readAct } from "../src/world-act.ts"

const outside = { crypto, random: (size: number) => new Uint8Array(size).fill(7) }
const CREDENTIAL = idOf<"CredentialId">(new Uint8Array(16).fill(3))

test("a finger is nobody's before it was enrolled, and then the credential that the lock named", () => {
  const matcher = new Matcher()
  const laid = { kind: "finger", name: "ana, right thumb", alive: true } as const
  const before = matcher.inputOf(laid, outside)
  ok(before.kind === "biometric" && before.credential === null && before.score_db < 40)
  matcher.inputOf({ kind: "enrol finger", name: laid.name }, outside)
  matcher.keep(CREDENTIAL)
  deepEqual(matcher.inputOf(laid, outside), { kind: "biometric", credential: CREDENTIAL, score_db: 57, liveness: 93 })
})

test("attack 38: a copy matches as well, and shows no life", () => {
  const matcher = new Matcher()
  matcher.inputOf({ kind: "enrol finger", name: "thumb" }, outside)
  matcher.keep(CREDENTIAL)
  const copy = matcher.inputOf({ kind: "finger", name: "thumb", alive: false }, outside)
  ok(copy.kind === "biometric" && copy.credential === CREDENTIAL && (copy.liveness ?? 100) < 50)
})

test("attack 39: what leaves the matcher at an enrolment is a salted hash", () => {
  const enrolled = new Matcher().inputOf({ kind: "enrol finger", name: "thumb" }, outside)
  ok(enrolled.kind === "enrol")
  equal(enrolled.hash.length, 32)
  notEqual(toHex(enrolled.hash), toHex(crypto.sha256(new TextEncoder().encode("thumb"))))
})

test("the world's port reads a finger, the service button and the key of last resort, and nothing like them", () => {
  deepEqual(readAct({ act: "finger", finger: "thumb" }), { act: "finger", finger: "thumb", alive: true })
  deepEqual(readAct({ act: "enrol finger", finger: "thumb" }), { act: "enrol finger", finger: "thumb" })
  deepEqual(readAct({ act: "enrolment" }), { act: "enrolment" })
  deepEqual(readAct({ act: "mechanical key" }), { act: "mechanical key" })
  for (const wrong of [{ finger: 1 }, {}, { finger: "t".repeat(101) }, { finger: "t", alive: "yes" }])
    equal(readAct({ act: "finger", ...wrong }), null)
})
