import { test } from "node:test"
import { deepEqual, ok } from "node:assert/strict"
import { idOf, unixSeconds } from "@holdfast/base"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { decodeStatement } from "../src/index.ts"
import { statementToSign } from "../src/author.ts"
import { verifyStatementSignature } from "../src/signature.ts"
import type { StatementBody } from "../src/statement.ts"

const site = idOf<"SiteId">(new Uint8Array(16).fill(1))
const body: StatementBody = {
  author: "root",
  chain: [],
  issuedAt: unixSeconds(1_000),
  notAfter: unixSeconds(1_200),
  nonce: new Uint8Array(16).fill(3),
  expects: [],
  change: { kind: "group set", group: idOf<"GroupId">(new Uint8Array(16).fill(9)), name: "Staff" },
}

test("a statement signed by a program's key comes back whole and verifies", () => {
  const key = newEs256()
  const draft = statementToSign(site, body, key.publicKey, "key", nodeCrypto)
  const bytes = draft.finish(key.sign(draft.bytes))
  const decoded = decodeStatement(site, bytes, nodeCrypto)
  ok(decoded.ok)
  deepEqual(decoded.statement, { ...body, id: draft.id })
  const relying = { origins: [], rpId: "localhost" }
  ok(
    verifyStatementSignature(
      decoded.signed,
      { key: key.publicKey, passkey: false, login: false },
      site,
      relying,
      nodeCrypto,
    ),
  )
  ok(
    !verifyStatementSignature(
      decoded.signed,
      { key: newEs256().publicKey, passkey: false, login: false },
      site,
      relying,
      nodeCrypto,
    ),
  )
})
