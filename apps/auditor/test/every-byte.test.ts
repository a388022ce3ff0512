/** A small whole history: it holds, and a flip of any one byte of any of its files does not. */
import {
  compile,
  ENTRY_ISSUED,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  encodeIssued,
  fold,
  foundSite,
  type Change,
} from "@holdfast/access"
import { encodeRoot, labelCommitment, type Root, rootToSign, siteIdOf, statementToSign } from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import { assert, idOf, unixMillis, unixSeconds, uptime } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { encodeEntry, type Entry, Frontier, leafHash } from "@holdfast/ledger"
import { batchToSign, commitment, encodeDetail, encodeRecord, genesis, makeBatch, signedBatch } from "@holdfast/lock"
import { newEd25519, newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { equal, notEqual, ok } from "node:assert/strict"
import { test } from "node:test"
import { audit } from "../src/audit.ts"
import { filesOfLog, sourceOf } from "./logs.ts"

const NOW_S = unixSeconds(1_795_392_000)
const AT = unixMillis(NOW_S * 1000)
const founding = newEs256()
const logKey = newEd25519()
const lock = newEs256()
const door = idOf<"DoorId">(new Uint8Array(16).fill(0xd0))

const root: Root = {
  version: 1,
  keys: [founding.publicKey],
  threshold: 1,
  keeper: newEs256().publicKey,
  logKey: logKey.publicKey,
  keeperHpke: newHpkeKeyPair().publicKey,
  origins: ["http://localhost:8080"],
  rpId: "localhost",
  epoch: 1,
  createdAt: NOW_S,
}
const site = siteIdOf(encodeRoot(root), nodeCrypto)
const deed = rootToSign(root, site, founding.publicKey, nodeCrypto)

function stated(change: Change, nonce: number): Entry {
  const body = {
    author: "root" as const,
    chain: [],
    issuedAt: NOW_S,
    notAfter: unixSeconds(NOW_S + 200),
    nonce: new Uint8Array(16).fill(nonce),
    expects: [],
    change,
  }
  const statement = statementToSign(site, body, founding.publicKey, "key", nodeCrypto)
  return { type: ENTRY_STATEMENT, admittedAt: AT, bytes: statement.finish(founding.sign(statement.bytes)) }
}

/** Root, a door, its lock, and the policy that those three compile to. */
function authorityEntries(): { readonly entries: readonly Entry[]; readonly policy: Uint8Array } {
  const config = defaultConfig("UTC")
  const named = labelCommitment(new Uint8Array(16), "Door", nodeCrypto)
  const hpkeKey = newHpkeKeyPair().publicKey
  const entries: Entry[] = [
    { type: ENTRY_ROOT, admittedAt: AT, bytes: deed.finish(founding.sign(deed.bytes)) },
    stated({ kind: "door set", door, commitment: named, config, place: null }, 1),
    stated({ kind: "lock pair", door, journalKey: lock.publicKey, hpkeKey, serial: "VB-1" }, 2),
  ]
  const [first, ...rest] = entries
  assert(first !== undefined, "there is a root")
  const founded = foundSite(first, nodeCrypto)
  assert(founded.ok, "the site is founded")
  const folded = fold(founded.state, rest, nodeCrypto)
  assert(folded.ok, "its statements fold")
  const compiled = compile(folded.state, door, NOW_S)
  assert(compiled.ok, "its door compiles")
  const policyHash = nodeCrypto.sha256(compiled.bytes)
  const version = { epoch: 1, size: entries.length }
  const issued = encodeIssued({ door, version, policyHash, secretsHash: new Uint8Array(32), compiledAt: NOW_S })
  return { entries: [...entries, { type: ENTRY_ISSUED, admittedAt: AT, bytes: issued }], policy: compiled.bytes }
}

function batchEntry(authority: readonly Uint8Array[]): Uint8Array {
  const tree = new Frontier(nodeCrypto)
  for (const bytes of authority) tree.append(leafHash(nodeCrypto, bytes))
  const record = encodeRecord({
    sequence: 1,
    boot: 1,
    kind: "boot",
    result: "done",
    flags: 0,
    uptime_ms: uptime(5),
    wall_ms: AT,
    commitment: commitment(nodeCrypto, new Uint8Array(16), encodeDetail({})),
  })
  const head = genesis(nodeCrypto, site, door, lock.publicKey)
  const batch = makeBatch(nodeCrypto, door, head, record, { size: tree.size, root: tree.root() }, null)
  const signature = lock.sign(batchToSign(nodeCrypto, site, lock.publicKey, batch))
  const bytes = signedBatch(nodeCrypto, lock.publicKey, batch, signature)
  return encodeEntry({ type: 16, admittedAt: AT, bytes })
}

type Files = ReadonlyMap<string, Uint8Array>
const { entries, policy } = authorityEntries()
const authorityBytes = entries.map(encodeEntry)
const name = toHex(nodeCrypto.sha256(policy))
const whole: Readonly<Record<"authority" | "events" | "policies", Files>> = {
  authority: filesOfLog(`${site}/authority/2026Q4`, logKey, authorityBytes),
  events: filesOfLog(`${site}/events/2026Q4`, logKey, [batchEntry(authorityBytes)]),
  policies: new Map([[name, policy]]),
}

async function wrongWith(files: Readonly<Record<keyof typeof whole, Files>>): Promise<string | null> {
  const history = {
    authority: sourceOf("authority/2026Q4", files.authority),
    others: [{ class: "events" as const, source: sourceOf("events/2026Q4", files.events) }],
    policy: (path: string) => Promise.resolve(files.policies.get(path) ?? null),
    policies: () => Promise.resolve([...files.policies.keys()]),
    isWhole: false,
  }
  return (await audit({ history, vkeys: [], receipts: [] })).wrong
}

test("the small history holds", async () => {
  equal(await wrongWith(whole), null)
})

for (const part of ["authority", "events", "policies"] as const)
  for (const [path, bytes] of whole[part])
    test(`${part}/${path === name ? "the policy" : path}: a flip of any one of its ${bytes.length} bytes is named`, async () => {
      for (let at = 0; at < bytes.length; at++) {
        const flipped = bytes.slice()
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8))
        const files = { ...whole, [part]: new Map(whole[part]).set(path, flipped) }
        const wrong = await wrongWith(files)
        notEqual(wrong, null, `byte ${at}`)
        ok(wrong !== null && wrong.length > 0 && !wrong.includes("\n"), "in one line")
      }
    })

test("a file that is missing is named", async () => {
  for (const part of ["authority", "events", "policies"] as const)
    for (const path of whole[part].keys()) {
      const left = new Map(whole[part])
      left.delete(path)
      if (part === "policies") continue // Without any policy file the directory is a ledger folder by itself.
      const wrong = await wrongWith({ ...whole, [part]: left })
      ok(wrong !== null, `${part}/${path}`)
    }
})
