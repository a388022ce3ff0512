/** Firmware images over HTTP: what is none is refused with a word why and nothing is kept; what is one is listed as it says. */
import { deepEqual, equal, match, ok } from "node:assert/strict"
import { createHash, generateKeyPairSync, sign } from "node:crypto"
import { existsSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { utf8 } from "@holdfast/base/text"
import { encodeClaims, encodeSignedPart, signedImage, type VendorSignature } from "@holdfast/lock/image"
import { nodeCrypto, p256PublicKey } from "@holdfast/port-node"
import { readImage } from "../src/images.ts"
import { postgres, withServer } from "./running-server.ts"

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
const VERSION = { major: 1, minor: 2, revision: 3, build: 4 }

function imageOf(payload: string, signers = 1): Uint8Array {
  const claims = {
    model: "HF-VB1",
    revision_min: 1,
    revision_max: 3,
    version_min: { ...VERSION, major: 0 },
    counter: 5,
  }
  const part = encodeSignedPart(VERSION, utf8(payload), encodeClaims({ ...claims, mlDsaKeyHash: null }))
  const signature = new Uint8Array(sign("sha256", part, privateKey))
  const one: VendorSignature = { algorithm: "es256", key: p256PublicKey(privateKey), signature }
  return signedImage(nodeCrypto, part, signers === 0 ? [] : [one], null)
}

const good = imageOf("a program")
const changed = (at: number): Uint8Array => {
  const bytes = good.slice()
  bytes[at] = (bytes[at] ?? 0) ^ 1
  return bytes
}

const BAD: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["nothing like an image", utf8("hello, I am a letter to the lock, and long enough"), /^This is no MCUboot image\.$/],
  ["an image cut short", good.slice(0, -1), /no MCUboot image/],
  ["an image with a byte too many", Uint8Array.of(...good, 0), /no MCUboot image/],
  ["a program with one byte changed", changed(36), /damaged on the way/],
  ["an image that nobody signed", imageOf("a program", 0), /Nobody signed it/],
]
for (const [what, bytes, says] of BAD)
  test(`attack 61: ${what} is handed back`, () => {
    const read = readImage(bytes)
    ok(!read.ok && says.test(read.detail), JSON.stringify(read))
  })

test("images over HTTP", { timeout: 60_000 }, (context) =>
  withServer(
    postgres(),
    () => undefined,
    async ({ api, client, token, site }) => {
      const session = { token: await token() }
      const folder = join(site.data, "images")
      await context.test("without a session nothing is taken", async () => {
        equal((await fetch(`${api}/images`, { method: "POST", body: new Uint8Array(good) })).status, 401)
        const refused = await client.ask("uploadImage", { body: good })
        ok(!refused.ok && refused.fault === "no-token")
      })
      await context.test("a bad file is refused in words, and nothing is kept", async () => {
        for (const [, body, says] of BAD) {
          const refused = await client.ask("uploadImage", { body }, session)
          ok(!refused.ok && refused.fault === "not-an-image")
          match(refused.detail ?? "", says)
        }
        const headers = { authorization: `Bearer ${session.token}`, "content-type": "application/json" }
        equal((await fetch(`${api}/images`, { method: "POST", headers, body: "{}" })).status, 415)
        const octets = { ...headers, "content-type": "application/octet-stream" }
        const large = new Uint8Array(16 * 1024 * 1024 + 1)
        equal((await fetch(`${api}/images`, { method: "POST", headers: octets, body: large })).status, 413)
        ok(!existsSync(folder) || readdirSync(folder).length === 0)
        deepEqual((await client.ask("images", {}, session)).ok, true)
      })
      await context.test("a good one is kept under its hash, once, and listed as it says", async () => {
        const kept = await client.ask("uploadImage", { body: good }, session)
        ok(kept.ok)
        const sha256 = createHash("sha256").update(good).digest("hex")
        deepEqual(readdirSync(folder), [sha256])
        ok((await client.ask("uploadImage", { body: good }, session)).ok, "again is no fault")
        const listed = await client.ask("images", {}, session)
        ok(listed.ok)
        deepEqual(listed.answer.images, [kept.answer])
        const { version, model, revisions, security_counter, from, second_signer, signers } = kept.answer
        deepEqual([version, model, revisions, security_counter], ["1.2.3+4", "HF-VB1", [1, 3], 5])
        deepEqual([from, second_signer, signers.length], ["0.2.3+4", null, 1])
      })
      await context.test("the shelf has thirty-two places", async () => {
        for (let at = 1; at < 32; at++)
          ok((await client.ask("uploadImage", { body: imageOf(`program ${at}`) }, session)).ok)
        rmSync(join(folder, readdirSync(folder)[0] ?? ""))
        const two = ["the last", "one too many"].map((text) =>
          client.ask("uploadImage", { body: imageOf(text) }, session),
        )
        const refused = (await Promise.all(two)).flatMap((answered) => (answered.ok ? [] : [answered.fault]))
        deepEqual(refused, ["too-many-images"])
        equal(readdirSync(folder).length, 32)
      })
    },
  ),
)
