/** A board that stands alone meets its site over real TLS: the mark decides whom it believes, its own keys what it gets. */
import { encodeRoot, rootToSign, siteIdOf } from "@holdfast/access/author"
import { type DoorId, idOf, type SiteId, unixSeconds } from "@holdfast/base"
import { fromBase64, toBase64 } from "@holdfast/base/text"
import { createCounter } from "@holdfast/front"
import { openPairing, siteMark } from "@holdfast/lock/pairing"
import { newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { equal, ok, rejects, throws } from "node:assert/strict"
import { randomBytes, X509Certificate } from "node:crypto"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { request } from "node:https"
import { type AddressInfo, connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { connect as connectTls } from "node:tls"
import { issueServerCertificate, makeAuthority } from "@holdfast/holdfast"
import { LoneBoard } from "../src/alone.ts"
import { PairingError, readLink } from "../src/counter.ts"
import { KeptJsonError } from "../src/kept-json.ts"

const ends: (() => void)[] = []
after(() => ends.forEach((end) => end()))

const now = unixSeconds(Math.floor(Date.now() / 1000))
const door: DoorId = idOf(new Uint8Array(16).fill(7))

/** A counter of a made-up site, which pairs whoever asks once `pairs` says so. */
async function newSite(certificateName = "pairing.holdfast.internal", line_ms_max?: number) {
  const key = newEs256()
  const root = {
    version: 1,
    keys: [key.publicKey],
    threshold: 1,
    keeper: newEs256().publicKey,
    logKey: new Uint8Array(32).fill(3),
    keeperHpke: newHpkeKeyPair().publicKey,
    origins: ["http://localhost:1"],
    rpId: "localhost",
    epoch: 1,
    createdAt: now,
  } as const
  const site: SiteId = siteIdOf(encodeRoot(root), nodeCrypto)
  const signable = rootToSign(root, site, key.publicKey, nodeCrypto)
  const authority = makeAuthority(now)
  const made = issueServerCertificate(authority, [certificateName], now)
  ok(!("fault" in made))
  const state = { pairs: false, asked: 0 }
  const pair = async (body: unknown) => {
    state.asked++
    const text = (body as { request?: unknown }).request
    const request = openPairing(nodeCrypto, site, fromBase64(String(text)) ?? new Uint8Array(0))
    if (request === null) return { status: 400, body: { title: "no request" } }
    if (!state.pairs) return { status: 202, body: { state: "waiting" } }
    return {
      status: 200,
      body: { state: "paired", door, certificate: `certificate ${state.asked}`, mqtt_port: 8883 },
    }
  }
  const opening = { root: toBase64(signable.finish(key.sign(signable.bytes))), authority: authority.certificatePem }
  const { keyPem, certificatePem } = made
  const server = createCounter({ key: keyPem, certificate: certificatePem, opening, pair }, line_ms_max)
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  ends.push(() => server.close())
  const der = new Uint8Array(new X509Certificate(authority.certificatePem).raw)
  const { port } = server.address() as AddressInfo
  return {
    link: `https://127.0.0.1:${port}/#${siteMark(site, der, nodeCrypto)}`,
    state,
    site,
    ca: authority.certificatePem,
  }
}

function newBoard() {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-alone-"))
  ends.push(() => rmSync(directory, { recursive: true, force: true }))
  const again = () =>
    new LoneBoard({ directory, failMode: "secure", random: (size) => new Uint8Array(randomBytes(size)) })
  return { directory, board: again(), again }
}

for (const text of ["", "x", "http://127.0.0.1:1/#00", `http://127.0.0.1:1/#${"0".repeat(32)}`, "https://127.0.0.1:1/"])
  test(`"${text}" is no link`, () => throws(() => readLink(text), PairingError))

test("whoever answers without being what the mark stands for is not believed, and nothing is asked of them", async () => {
  const { link, state } = await newSite()
  const other = await newSite()
  const wrong = { ...readLink(link), mark: readLink(other.link).mark }
  await rejects(newBoard().board.meet(wrong), /is not the site of this link/)
  equal(state.asked, 0)
})

test("the server's certificate, of the same authority, does not stand for the counter", async () => {
  const { link, state } = await newSite("localhost")
  const { board } = newBoard()
  const asked = readLink(link)
  await rejects(board.askFor(asked, await board.meet(asked)), PairingError)
  equal(state.asked, 0)
})

test("in the clear the counter tells the site and takes no request; over TLS it takes 4 KiB at most", async () => {
  const { link, state } = await newSite()
  const { host, port } = readLink(link)
  const clear = `http://${host}:${port}`
  const CLOSE = { connection: "close" }
  equal((await fetch(`${clear}/site`, { headers: CLOSE })).status, 200)
  equal((await fetch(`${clear}/boards`, { method: "POST", body: "{}", headers: CLOSE })).status, 404)
  equal(state.asked, 0)
  const { authority } = (await (await fetch(`${clear}/site`, { headers: CLOSE })).json()) as { authority: string }
  const post = (body: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const way = { host, port, path: "/boards", method: "POST", headers: CLOSE }
      const tls = { ca: authority, servername: "pairing.holdfast.internal" }
      const asking = request({ ...way, ...tls }, (response) => resolve(response.resume().statusCode))
      asking.on("error", reject).end(body)
    })
  equal(await post(JSON.stringify({ request: "x".repeat(4_096) })), 400)
  equal(state.asked, 0)
  equal(await post("{}"), 400)
  equal(state.asked, 1)
})

for (const over of ["the clear", "TLS"])
  test(`a line over ${over} that says a byte now and then is closed in time, so that it keeps no board out`, async () => {
    const servername = "pairing.holdfast.internal"
    const { link, ca } = await newSite(servername, 500)
    const { host, port } = readLink(link)
    const line = over === "TLS" ? connectTls({ host, port, servername, ca }) : connect(port, host)
    line.on("error", () => undefined) // Told again by "close".
    line.write("GET /site HTTP/1.1\r\n")
    const dripping = setInterval(() => line.write("x"), 20)
    await new Promise<void>((resolve) => line.resume().once("close", () => resolve()))
    clearInterval(dripping)
  })

test("nobody there is one clear line", async () => {
  const link = readLink(`https://127.0.0.1:1/#${"0".repeat(32)}`)
  await rejects(newBoard().board.meet(link), /^PairingError: Nobody answers at 127\.0\.0\.1:1\.$/)
})

test("a board waits with the same keys until it is paired, and then keeps its site, its door and its certificate", async () => {
  const { link: text, state, site } = await newSite()
  const link = readLink(text)
  const { directory, board, again } = newBoard()
  const met = await board.meet(link)
  equal(met.trust.site, site)
  const { fingerprint } = board.shown()
  equal(await board.askFor(link, met), false)
  equal(again().shown().fingerprint, fingerprint)
  equal(again().kept(), null)
  state.pairs = true
  equal(await board.askFor(link, met), true)
  const known = again().kept()
  ok(known !== null)
  equal(known.kept.door, door)
  equal(known.kept.certificate, "certificate 2")
  equal((await again().renew(known)).certificate, "certificate 3")
  ok(existsSync(join(directory, door, "board.json")))
})

test("the power may go between remembering the site and moving the keys", async () => {
  const { link: text, state } = await newSite()
  const link = readLink(text)
  state.pairs = true
  const { directory, board, again } = newBoard()
  const { fingerprint } = board.shown()
  equal(await board.askFor(link, await board.meet(link)), true)
  renameSync(join(directory, door), join(directory, "unpaired"))
  equal(again().kept()?.kept.door, door)
  renameSync(join(directory, door), join(directory, "unpaired"))
  equal(again().shown().fingerprint, fingerprint)
})

test("a counter that is away leaves the certificate as it is; a lock that left its site is nobody's", async () => {
  const { link: text, state } = await newSite()
  const link = readLink(text)
  state.pairs = true
  const { directory, board, again } = newBoard()
  equal(await board.askFor(link, await board.meet(link)), true)
  const known = again().kept()
  ok(known !== null)
  const gone = { ...known, kept: { ...known.kept, link: { ...link, port: 1 } } }
  equal((await again().renew(gone)).certificate, "certificate 1")
  renameSync(join(directory, door), join(directory, `${door}.left-00000000`))
  equal(again().kept(), null)
})

test("a changed memory of the site is refused", async () => {
  const { link: text } = await newSite()
  const { link: other } = await newSite()
  const { directory, again } = newBoard()
  mkdirSync(directory, { recursive: true })
  const file = join(directory, "site.json")
  const kept = { link: { ...readLink(text), mark: readLink(other).mark }, root: "", authority: "", door }
  for (const changed of ["", "{}", "null", "[]", JSON.stringify(kept)]) {
    writeFileSync(file, changed)
    throws(() => again().kept(), new KeptJsonError(`${file} cannot be read: restore it from a backup.`))
  }
})

test("a memory of the site with one field that is none is refused", async () => {
  const { link, state } = await newSite()
  state.pairs = true
  const { directory, board, again } = newBoard()
  equal(await board.askFor(readLink(link), await board.meet(readLink(link))), true)
  const file = join(directory, "site.json")
  const whole = readFileSync(file, "utf8")
  const read = JSON.parse(whole) as object
  const wrong = { link: {}, root: 1, authority: "", door: "../keeper", certificate: null, mqtt_port: 70_000 }
  for (const [name, value] of Object.entries(wrong)) {
    writeFileSync(file, JSON.stringify({ ...read, [name]: value }))
    throws(() => again().kept(), KeptJsonError, name)
  }
  writeFileSync(file, whole)
  ok(again().kept() !== null)
})
