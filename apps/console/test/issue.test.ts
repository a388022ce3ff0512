/** Issued secrets on their way: each arrives by itself, and what cannot be kept takes nothing else with it. */
import { encodeIssuedSecret, type IssuedSecret } from "@holdfast/access"
import { type CredentialId, idOf, type PersonId } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Issued } from "@holdfast/contract"
import { hpkeInfo, sealTo } from "@holdfast/port-web"
import { deepEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { makeBuilding } from "../dev/building.ts"
import type { Draft } from "../src/data/drafts.ts"
import { deliver, newRecipient } from "../src/data/issue.ts"
import { siteOf } from "./pretend-site.ts"

const building = makeBuilding("http://localhost:1", 1)
const site = siteOf(building)
const person = idOf<"PersonId">(new Uint8Array(16).fill(1)) satisfies PersonId
const HALF = idOf<"CredentialId">(new Uint8Array(16).fill(2)) satisfies CredentialId
const PIN = idOf<"CredentialId">(new Uint8Array(16).fill(3)) satisfies CredentialId

async function sealed(recipient: Uint8Array, secret: IssuedSecret): Promise<Issued> {
  const bytes = await sealTo(recipient, hpkeInfo("issued", site.id), encodeIssuedSecret(secret))
  ok(bytes !== null)
  return { credential: secret.credential, sealed: toBase64(bytes) }
}

function draft(id: number, change: Draft["change"]): Draft {
  return { id, change, opening: null, issue: { to: "this page" } }
}

const commitment = new Uint8Array(32)

test("a PIN that came beside a half arrives, though nothing here can keep the half", async () => {
  const [toHalf, toPin] = [await newRecipient(), await newRecipient()]
  const drafts = [
    draft(1, { kind: "credential add", credential: HALF, person, what: "owner half", recipient: toHalf }),
    draft(2, { kind: "credential add", credential: PIN, person, what: "pin", commitment, recipient: toPin }),
  ]
  const issued = [
    await sealed(toHalf, { credential: HALF, kind: "owner half", key: new Uint8Array(32).fill(7) }),
    await sealed(toPin, { credential: PIN, kind: "pin", pin: "482913", duress: "605174" }),
  ]
  // There is no IndexedDB outside a browser: keeping the half fails as it does where the browser refuses storage.
  const [half, pin] = await deliver(site, null, drafts, issued)
  ok(half?.is === "failed" && half.why.startsWith("this browser could not keep it"))
  deepEqual(pin, { credential: PIN, is: "pin", pin: "482913", duress: "605174" })
})

test("a secret that was sealed to another page is not opened, and one that never came is said", async () => {
  const [mine, other] = [await newRecipient(), await newRecipient()]
  const pin = { kind: "credential add", person, what: "pin", commitment, recipient: mine } as const
  const issued = [await sealed(other, { credential: PIN, kind: "pin", pin: "482913" })]
  const delivered = await deliver(
    site,
    null,
    [draft(1, { ...pin, credential: PIN }), draft(2, { ...pin, credential: HALF })],
    issued,
  )
  deepEqual(
    delivered.map((each) => (each.is === "failed" ? each.why : each.is)),
    ["what came could not be opened; take the credential away and add another", "the keeper issued no secret for it"],
  )
})
