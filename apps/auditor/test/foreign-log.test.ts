/** A log that is signed, whole and in its place, and yet not the site's: signed by another key, or another log's files. */
import { encodeRoot, type Root, rootToSign, siteIdOf } from "@holdfast/access/author"
import { ENTRY_ROOT } from "@holdfast/access"
import { unixMillis, unixSeconds } from "@holdfast/base"
import { encodeEntry } from "@holdfast/ledger"
import { type Ed25519Signer, newEd25519, newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { equal, match } from "node:assert/strict"
import { test } from "node:test"
import { audit } from "../src/audit.ts"
import type { LogSource } from "../src/source.ts"
import { filesOfLog, sourceOf } from "./logs.ts"

const founding = newEs256()
const siteKey = newEd25519()
const root: Root = {
  version: 1,
  keys: [founding.publicKey],
  threshold: 1,
  keeper: newEs256().publicKey,
  logKey: siteKey.publicKey,
  keeperHpke: newHpkeKeyPair().publicKey,
  origins: ["http://localhost:8080"],
  rpId: "localhost",
  epoch: 0,
  createdAt: unixSeconds(1_795_392_000),
}
const site = siteIdOf(encodeRoot(root), nodeCrypto)
const signable = rootToSign(root, site, founding.publicKey, nodeCrypto)
const deed = signable.finish(founding.sign(signable.bytes))
const first = encodeEntry({ type: ENTRY_ROOT, admittedAt: unixMillis(1_795_392_000_000), bytes: deed })

function logOf(name: string, origin: string, key: Ed25519Signer, entries: readonly Uint8Array[]): LogSource {
  return sourceOf(name, filesOfLog(origin, key, entries))
}

async function wrongWith(authority: LogSource, events: LogSource): Promise<string | null> {
  const others = [{ class: "events" as const, source: events }]
  const history = {
    authority,
    others,
    policy: () => Promise.resolve(null),
    policies: () => Promise.resolve([]),
    isWhole: false,
  }
  return (await audit({ history, vkeys: [], receipts: [] })).wrong
}

const origin = (kind: string): string => `${site}/${kind}/2026Q4`
const authority = logOf("authority/2026Q4", origin("authority"), siteKey, [first])
const events = logOf("events/2026Q4", origin("events"), siteKey, [])

test("files that somebody signed anew under a key of their own are not the site's, though the key lies beside them", async () => {
  const theirs = newEd25519()
  const anew = logOf("events/2026Q4", origin("events"), theirs, [])
  match((await wrongWith(authority, anew)) ?? "", /^events\/2026Q4: signed by another key/)
  const authorityAnew = logOf("authority/2026Q4", origin("authority"), theirs, [first])
  match((await wrongWith(authorityAnew, events)) ?? "", /^authority\/2026Q4: signed by another key/)
})

test("another log of the site, or the same one of another site, does not stand in for a log", async () => {
  const looks = logOf("events/2026Q4", origin("looks"), siteKey, [])
  match((await wrongWith(authority, looks)) ?? "", /^events\/2026Q4: the checkpoint is of another log/)
  const elsewhere = logOf("events/2026Q4", `${"0".repeat(32)}/events/2026Q4`, siteKey, [])
  match((await wrongWith(authority, elsewhere)) ?? "", /^events\/2026Q4: the checkpoint is of another log/)
})

test("the site's own logs hold", async () => {
  equal(await wrongWith(authority, events), null)
})
