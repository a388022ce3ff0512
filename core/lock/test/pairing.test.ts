/** A board's request to be paired: signed by the key that it shows, for one site; and the mark by which a site is known. */
import { idOf, type SiteId } from "@holdfast/base"
import { encodeCbor } from "@holdfast/base/cbor"
import { encodeCoseKey } from "@holdfast/base/cose"
import {
  boardFingerprint,
  boardName,
  openPairing,
  PAIRING_BYTES_MAX,
  pairingToSign,
  siteMark,
} from "@holdfast/lock/pairing"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import { deepEqual, equal, match, notEqual } from "node:assert/strict"
import { test } from "node:test"

const key = newEs256()
const site: SiteId = idOf(new Uint8Array(16).fill(1))
const elsewhere: SiteId = idOf(new Uint8Array(16).fill(2))
const REQUEST = {
  journalKey: key.publicKey,
  hpkeKey: new Uint8Array(65).fill(4),
  tlsKey: new Uint8Array(91).fill(5),
  serial: "VB-0001",
}

function signed(changed: Partial<typeof REQUEST> = {}, signer = key): Uint8Array {
  const signable = pairingToSign(crypto, site, { ...REQUEST, ...changed })
  return signable.finish(signer.sign(signable.bytes))
}

test("nothing but a request that its own journal key signed for this site is one", () => {
  const bytes = signed()
  equal(openPairing(crypto, elsewhere, bytes), null, "another site's")
  equal(openPairing(crypto, site, signed({}, newEs256())), null, "signed by another key")
  equal(openPairing(crypto, site, signed({ hpkeKey: new Uint8Array(64) })), null, "an HPKE key that is no point")
  equal(openPairing(crypto, site, signed({ serial: "" })), null, "nameless")
  equal(openPairing(crypto, site, signed({ tlsKey: new Uint8Array(300) })), null, "a TLS key that is too long")
  equal(openPairing(crypto, site, new Uint8Array(PAIRING_BYTES_MAX + 1)), null, "too long")
  equal(openPairing(crypto, site, encodeCbor("hello")), null)
  for (let length = 0; length < bytes.length; length++) equal(openPairing(crypto, site, bytes.slice(0, length)), null)
})

test("a request comes back as it was made; with any byte changed it is none", () => {
  const bytes = signed()
  deepEqual(openPairing(crypto, site, bytes), REQUEST)
  for (let at = 0; at < bytes.length; at++) {
    const changed = bytes.slice()
    changed[at] = (changed[at] ?? 0) ^ 1
    equal(openPairing(crypto, site, changed), null, `byte ${at}`)
  }
})

test("the fingerprint is of the journal key alone", () => {
  match(boardFingerprint(key.publicKey, crypto), /^([0-9a-f]{4} ){7}[0-9a-f]{4}$/)
  notEqual(boardFingerprint(key.publicKey, crypto), boardFingerprint(newEs256().publicKey, crypto))
})

test("a board's name in its certificate is its fingerprint", () => {
  const fingerprint = boardFingerprint(key.publicKey, crypto).replaceAll(" ", "")
  equal(boardName(key.publicKey, crypto), `urn:holdfast:board:${fingerprint}`)
})

test("the mark stands for a site and its TLS authority, both", () => {
  const authority = encodeCoseKey(key.publicKey)
  const mark = siteMark(site, authority, crypto)
  match(mark, /^[0-9a-f]{32}$/)
  equal(mark, siteMark(site, authority.slice(), crypto))
  notEqual(mark, siteMark(elsewhere, authority, crypto))
  notEqual(mark, siteMark(site, authority.slice(1), crypto))
})
