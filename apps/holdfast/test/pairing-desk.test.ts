/** The desk for boards that stand alone: nothing before the log pairs them, a bounded waiting room, and a certificate then. */
import { type DoorId, idOf, type SiteId, unixMillis } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { boardName, pairingToSign } from "@holdfast/lock/pairing"
import { MemoryDisk, newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal, match } from "node:assert/strict"
import { createPublicKey, X509Certificate } from "node:crypto"
import { test } from "node:test"
import { PairingDesk } from "../src/pairing-desk.ts"
import { tlsNames } from "../src/tls.ts"

const site: SiteId = idOf(new Uint8Array(16).fill(1))
const door: DoorId = idOf(new Uint8Array(16).fill(2))

function newBoard(serial: string, tlsKey?: Uint8Array): { readonly key: PublicKey; readonly body: object } {
  const [journal, tls] = [newEs256(), newEs256()]
  const spki = new Uint8Array(createPublicKey(tls.key).export({ format: "der", type: "spki" }))
  const hpkeKey = newHpkeKeyPair().publicKey
  const request = { journalKey: journal.publicKey, hpkeKey, tlsKey: tlsKey ?? spki, serial }
  const signable = pairingToSign(nodeCrypto, site, request)
  const signed = signable.finish(journal.sign(signable.bytes))
  return { key: journal.publicKey, body: { request: toBase64(signed) } }
}

function newDesk() {
  const names = tlsNames(new MemoryDisk(), () => unixMillis(1_790_000_000_000))
  const paired = new Map<string, DoorId>()
  const clock = { uptime_ms: 0 }
  const desk = new PairingDesk({
    site,
    mqttPort: 8883,
    pairedWith: async (key) => paired.get(toBase64(key)) ?? null,
    certify: (id, journalKey, tlsKey) => names.lock(id, journalKey, tlsKey),
    uptime: () => clock.uptime_ms,
  })
  return { desk, names, clock, pair: (key: PublicKey) => paired.set(toBase64(key), door) }
}

for (const body of [null, 7, "x", {}, { request: 7 }, { request: "????" }, { request: toBase64(new Uint8Array(9)) }])
  test(`refused: ${JSON.stringify(body)}`, async () => {
    const { desk } = newDesk()
    equal((await desk.answer(body)).status, 400)
    deepEqual(desk.waiting(), [])
  })

test("a board waits, the console sees it, and once the log pairs its key it has a certificate for that door alone", async () => {
  const { desk, names, pair } = newDesk()
  const { key, body } = newBoard("VB-0001")
  deepEqual(await desk.answer(body), { status: 202, body: { state: "waiting" } })
  equal((await desk.answer(body)).status, 202)
  deepEqual(
    desk.waiting().map(({ serial }) => serial),
    ["VB-0001"],
  )
  pair(key)
  const { status, body: said } = await desk.answer(body)
  equal(status, 200)
  const answer = new Map(Object.entries(said as object))
  deepEqual([answer.get("state"), answer.get("door"), answer.get("mqtt_port")], ["paired", door, 8883])
  const certificate = new X509Certificate(String(answer.get("certificate")))
  equal(certificate.subject, `CN=lock:${door}`)
  equal(certificate.subjectAltName, `URI:${boardName(key, nodeCrypto)}`)
  equal(certificate.verify(createPublicKey(names.authorityPem)), true)
  deepEqual(desk.waiting(), [])
})

test("a link's key that is no P-256 key gets no certificate", async () => {
  const { desk, pair } = newDesk()
  const { key, body } = newBoard("VB-0002", new Uint8Array(91))
  pair(key)
  equal((await desk.answer(body)).status, 400)
})

test("the waiting room has twenty chairs, and who is silent for a minute loses one", async () => {
  const { desk, clock } = newDesk()
  for (let at = 0; at < 20; at++) equal((await desk.answer(newBoard(`VB-${at}`).body)).status, 202)
  const late = newBoard("VB-late")
  const { status, body } = await desk.answer(late.body)
  equal(status, 429)
  match(JSON.stringify(body), /urn:holdfast:pairing:full/)
  clock.uptime_ms = 60_001
  equal((await desk.answer(late.body)).status, 202)
  deepEqual(
    desk.waiting().map(({ serial }) => serial),
    ["VB-late"],
  )
})

test("the counter's name is one that the server has no certificate for", () => {
  const { names } = newDesk()
  const counter = new X509Certificate(names.counter().certificatePem)
  equal(counter.checkHost("pairing.holdfast.internal"), "pairing.holdfast.internal")
  equal(new X509Certificate(names.server.certificatePem).checkHost("pairing.holdfast.internal"), undefined)
})
