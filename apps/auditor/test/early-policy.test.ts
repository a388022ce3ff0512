/** A policy that a keeper notes under a version that its log has not reached: evidence against the keeper. */
import { admitAll, compile, ENTRY_ISSUED, ENTRY_ROOT, ENTRY_STATEMENT, encodeIssued, foundSite } from "@holdfast/access"
import { encodeRoot, labelCommitment, type Root, rootToSign, siteIdOf, statementToSign } from "@holdfast/access/author"
import { defaultConfig } from "@holdfast/access/door"
import { AuthorityAudit } from "@holdfast/audit"
import { idOf, unixMillis, unixSeconds } from "@holdfast/base"
import { encodeEntry } from "@holdfast/ledger"
import { newEd25519, newEs256, newHpkeKeyPair, nodeCrypto } from "@holdfast/port-node"
import { equal, match, ok } from "node:assert/strict"
import { test } from "node:test"

const at = unixSeconds(1_795_392_000)
const admittedAt = unixMillis(at * 1000)
const founding = newEs256()
const root: Root = {
  version: 1,
  keys: [founding.publicKey],
  threshold: 1,
  keeper: newEs256().publicKey,
  logKey: newEd25519().publicKey,
  keeperHpke: newHpkeKeyPair().publicKey,
  origins: ["http://localhost:8080"],
  rpId: "localhost",
  epoch: 0,
  createdAt: at,
}
const site = siteIdOf(encodeRoot(root), nodeCrypto)
const signable = rootToSign(root, site, founding.publicKey, nodeCrypto)
const deed = { type: ENTRY_ROOT, admittedAt, bytes: signable.finish(founding.sign(signable.bytes)) }
const door = idOf<"DoorId">(new Uint8Array(16).fill(0xd0))
const commitment = labelCommitment(new Uint8Array(16), "Lobby", nodeCrypto)
const body = {
  author: "root" as const,
  chain: [],
  issuedAt: at,
  notAfter: unixSeconds(at + 60),
  nonce: new Uint8Array(16),
  expects: [],
  change: { kind: "door set" as const, door, commitment, config: defaultConfig("UTC"), place: null },
}
const draft = statementToSign(site, body, founding.publicKey, "key", nodeCrypto)
const statement = { type: ENTRY_STATEMENT, admittedAt, bytes: draft.finish(founding.sign(draft.bytes)) }

/** What an auditor says of a log in which the door's policy, the third entry, bears this version. */
function wrongAt(size: number): string | null {
  const founded = foundSite(deed, nodeCrypto)
  ok(founded.ok)
  const { state } = admitAll(founded.state, [statement], admittedAt, nodeCrypto)
  const compiled = compile(state, door, at)
  ok(compiled.ok)
  const policyHash = nodeCrypto.sha256(compiled.bytes)
  const issued = { door, version: { epoch: 0, size }, policyHash, secretsHash: new Uint8Array(32), compiledAt: at }
  const audit = new AuthorityAudit(nodeCrypto)
  const entries = [deed, statement, { type: ENTRY_ISSUED, admittedAt, bytes: encodeIssued(issued) }]
  return (
    entries.reduce<string | null>((wrong, entry) => wrong ?? audit.take(encodeEntry(entry)), null) ?? audit.finish()
  )
}

test("attack 121: a policy whose version its log had not reached is named", () => {
  equal(wrongAt(2), null)
  for (const size of [3, 4, 1_000])
    match(wrongAt(size) ?? "", /^entry 2: the policy names a state that was not there yet/)
})
