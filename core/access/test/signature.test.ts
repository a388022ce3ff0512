/** The passkey's side of signing: strict DER, the browser's fixed beginning, and the tree under one tap. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { concat } from "@holdfast/base"
import { fromHex, toBase64Url, utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { clientDataMatches } from "../src/assertion.ts"
import { rawSignature } from "../src/der.ts"
import { decodePasskeySignature, encodePasskeySignature } from "../src/signature.ts"
import { tapOver, tapRoot } from "../src/tap.ts"

function raw(der: string): Uint8Array | null {
  const bytes = fromHex(der)
  ok(bytes !== null, der)
  return rawSignature(bytes)
}

const ONE = `${"00".repeat(31)}01`
const HIGH = `ff${"00".repeat(31)}`

test("an ECDSA signature in DER becomes r || s, and only in its one spelling", () => {
  deepEqual(raw("3006020101020101"), fromHex(ONE + ONE))
  deepEqual(raw(`3026020101022100${HIGH}`), fromHex(ONE + HIGH))
  const refused: readonly (readonly [string, string])[] = [
    ["", "nothing at all"],
    ["3006020101020101ff", "a byte left over"],
    ["30060201010201", "ends early"],
    ["3106020101020101", "no SEQUENCE"],
    ["3006030101020101", "no INTEGER"],
    ["3005020101020101", "a length that is too short"],
    ["3007020101020101", "a length that is too long"],
    ["300702020001020101", "a zero too many"],
    ["3006020181020101", "a negative r"],
    ["30050200020101", "an empty r"],
    [`3027020101022200${HIGH}00`, "an s of 34 bytes"],
    [`302602010102 2101${HIGH}`.replace(" ", ""), "an s beyond 32 bytes"],
    [`30810602010102 0101`.replace(" ", ""), "a length in the long form"],
  ]
  for (const [der, why] of refused) equal(raw(der), null, why)
})

test("the browser's words count from their fixed beginning, for our challenge and one of our origins", () => {
  const challenge = Uint8Array.of(1, 2, 3, 250, 251, 252)
  const wanted = toBase64Url(challenge)
  const origins = ["http://localhost:8080", "https://doors.example.org"]
  const start = (type: string, said: string, origin: string): string =>
    `{"type":"${type}","challenge":"${said}","origin":"${origin}","crossOrigin":`
  const good = start("webauthn.get", wanted, "http://localhost:8080")
  const rows: readonly (readonly [string, boolean])[] = [
    [`${good}false}`, true],
    [`${good}false,"other_keys_can_be_added_here":"yes"}`, true],
    [`${start("webauthn.get", wanted, "https://doors.example.org")}false}`, true],
    [`${good}true}`, false],
    [`${good}true,"topOrigin":"https://example.org"}`, false],
    [`${good}false`, false],
    [`${good}false,`, false],
    [`${good}falsehood}`, false],
    [`${good}false} `, false],
    [`${good}false}}`, false],
    [` ${good}false}`, false],
    [`${start("webauthn.create", wanted, "http://localhost:8080")}false}`, false],
    [`${start("webauthn.get", `${wanted}A`, "http://localhost:8080")}false}`, false],
    [`${start("webauthn.get", wanted, "http://localhost")}false}`, false],
    [`${start("webauthn.get", wanted, "http://localhost:80800")}false}`, false],
    [`${start("webauthn.get", wanted, "http://localhost:8080/")}false}`, false],
    [`${start("webauthn.get", wanted, "HTTP://localhost:8080")}false}`, false],
  ]
  for (const [text, matches] of rows) equal(clientDataMatches(utf8(text), challenge, origins), matches, text)
  equal(clientDataMatches(utf8(`${good}false}`), challenge, []), false)
})

/** RFC 9162, section 2.1.1, word for word: the largest power of two below n divides the list. */
function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  ok(only !== undefined)
  if (leaves.length === 1) return nodeCrypto.sha256(concat(Uint8Array.of(0), only))
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return nodeCrypto.sha256(concat(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split))))
}

test("the tree under a tap is the standard's, and every statement has a path to its root and no other", () => {
  for (let size = 1; size <= 33; size++) {
    const leaves = Array.from({ length: size }, (_, index) => Uint8Array.of(index, size))
    const tap = tapOver(leaves, nodeCrypto)
    deepEqual([...tap.root], [...treeHash(leaves)])
    for (const [index, leaf] of leaves.entries()) {
      const path = tap.path(index)
      const root = (at: number, path_: readonly Uint8Array[], size_: number) => {
        const implied = tapRoot(leaf, at, size_, path_, nodeCrypto)
        return implied === null ? null : [...implied]
      }
      deepEqual(root(index, path, size), [...tap.root])
      equal(root(index, [...path, leaf.length > 0 ? tap.root : leaf], size), null, "a path that is too long")
      if (path.length > 0) equal(root(index, path.slice(1), size), null, "a path that is too short")
      equal(root(size, path, size), null, "a place beyond the tree")
      for (let wrong = 0; wrong < size; wrong++) {
        if (wrong === index) continue
        const implied = root(wrong, path, size)
        ok(implied === null || String(implied) !== String([...tap.root]), "another place has another path")
      }
    }
  }
})

test("the signature field of a passkey comes back, alone and from a batch", () => {
  const assertion = {
    authenticatorData: new Uint8Array(37),
    clientDataJson: utf8("{}"),
    signature: Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 1),
  }
  const place = { index: 1, size: 3, path: [new Uint8Array(32), new Uint8Array(32).fill(1)] }
  deepEqual(decodePasskeySignature(encodePasskeySignature(assertion, null)), { assertion, place: null })
  deepEqual(decodePasskeySignature(encodePasskeySignature(assertion, place)), { assertion, place })
  equal(decodePasskeySignature(new Uint8Array(64)), null)
})
