/** What every secure element promises; each implementation runs these tests on elements of its own. */
import { equalBytes } from "@holdfast/base"
import { hpkeInfo, newHpkeKeyPair, nodeCrypto, openSealed, sealTo } from "@holdfast/port-node"
import { idOf } from "@holdfast/base"
import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict"
import { test } from "node:test"
import { type ElementKind, openAttestation, type SecureElement } from "../src/element.ts"

export type ElementPlace = {
  /** The element as the next boot finds it. */
  open(): SecureElement
  /** Another board's element. */
  other(): SecureElement
  done(): void
}

const text = new TextEncoder()

export function elementContract(name: string, kind: ElementKind, make: () => ElementPlace): void {
  const contract = (title: string, check: (element: SecureElement, place: ElementPlace) => void): void => {
    test(`${name}: ${title}`, () => {
      const place = make()
      try {
        check(place.open(), place)
      } finally {
        place.done()
      }
    })
  }

  contract("bytes that are not its own answer null and never throw", (element, place) => {
    equal(element.agree(new Uint8Array(65)), null)
    equal(element.agree(new Uint8Array(65).fill(4)), null)
    equal(element.agree(new Uint8Array(64)), null)
    const sealed = element.seal("storage", text.encode("bolt"))
    for (const size of [0, 11, 12, 27, sealed.length - 1]) equal(element.unseal("storage", sealed.slice(0, size)), null)
    for (let at = 0; at < sealed.length; at++)
      equal(element.unseal("storage", sealed.with(at, (sealed[at] ?? 0) ^ 1)), null)
    equal(element.unseal("another purpose", sealed), null)
    equal(place.other().unseal("storage", sealed), null)
  })

  contract("what it signs verifies under its key, with a low s, and under no other's", (element, place) => {
    const message = text.encode("the bolt is thrown")
    for (let times = 0; times < 8; times++) {
      const signature = element.sign(message)
      ok(nodeCrypto.verifyEs256(element.signingKey, message, signature))
      ok((signature[32] ?? 0xff) < 0x80, "s is in the lower half of the order")
      equal(nodeCrypto.verifyEs256(place.other().signingKey, message, signature), false)
    }
  })

  contract("what is sealed to its agreement key it helps to open, and nobody else does", (element, place) => {
    const info = hpkeInfo("secret", idOf(new Uint8Array(16).fill(7)))
    const sealed = sealTo(element.agreementKey, info, text.encode("a code"))
    ok(sealed !== null)
    const recipient = (of: SecureElement) => ({
      publicKey: of.agreementKey,
      agree: (point: Uint8Array) => of.agree(point),
    })
    deepEqual(openSealed(recipient(element), info, sealed), text.encode("a code"))
    equal(openSealed(recipient(place.other()), info, sealed), null)
    equal(openSealed(newHpkeKeyPair(), info, sealed), null)
  })

  contract("keys, counter and seals outlast a boot", (element, place) => {
    const sealed = element.seal("storage", text.encode("bolt"))
    const { signingKey, agreementKey } = element
    const count = element.advance()
    const again = place.open()
    deepEqual([again.signingKey, again.agreementKey, again.counter()], [signingKey, agreementKey, count])
    deepEqual(again.unseal("storage", sealed), text.encode("bolt"))
    ok(nodeCrypto.verifyEs256(signingKey, sealed, again.sign(sealed)))
  })

  contract("the counter rises by one at a time and never falls", (element, place) => {
    const from = element.counter()
    for (let step = 1; step <= 5; step++) equal(element.advance(), from + step)
    equal(element.counter(), from + 5)
    equal(place.open().counter(), from + 5)
  })

  contract("chance and seals are never the same twice", (element) => {
    equal(element.random(33).length, 33)
    notDeepEqual(element.random(16), element.random(16))
    notDeepEqual(element.seal("storage", text.encode("bolt")), element.seal("storage", text.encode("bolt")))
  })

  contract(`attack 70: its attestation says "${kind}", for this challenge only`, (element, place) => {
    equal(element.kind, kind)
    const challenge = new Uint8Array(16).fill(9)
    const bytes = element.attest(challenge)
    const { signingKey, agreementKey } = element
    const state = { kind, signingKey, agreementKey, counter: element.counter() }
    deepEqual(openAttestation(nodeCrypto, signingKey, challenge, bytes), state)
    equal(openAttestation(nodeCrypto, signingKey, new Uint8Array(16).fill(8), bytes), null)
    equal(openAttestation(nodeCrypto, place.other().signingKey, challenge, bytes), null)
    for (let at = 0; at < bytes.length; at++)
      equal(openAttestation(nodeCrypto, signingKey, challenge, bytes.with(at, (bytes[at] ?? 0) ^ 1)), null)
  })

  contract("attack 59: after zeroize nothing opens, and the element that comes after is another", (element, place) => {
    const sealed = element.seal("storage", text.encode("bolt"))
    const { signingKey } = element
    element.zeroize()
    throws(() => element.sign(sealed))
    throws(() => element.seal("storage", sealed))
    const after = place.open()
    equal(equalBytes(after.signingKey, signingKey), false)
    equal(after.unseal("storage", sealed), null)
  })
}
