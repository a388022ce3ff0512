/** Signing in and looking, as a person's browser does it. */
import { statementToSign } from "@holdfast/access/author"
import { statementIdBytes } from "@holdfast/access/door"
import { secondsOf, unixMillis, unixSeconds } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { ALG_ES256, bytesToSign, encodeSigned, kidOf } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { ANA, type Draft, type foundedSite, idFor, random } from "./site.ts"

export type Site = Awaited<ReturnType<typeof foundedSite>>

export type Sitting = { readonly chain: Uint8Array[]; readonly key: ReturnType<typeof newEs256> }

/** Somebody signs in with a key of his own; answers the chain and the key that looks are signed with. */
export async function session(site: Site, name: string = ANA): Promise<Sitting> {
  const { owner, keeper, clock } = site
  const person = idFor<"PersonId">(name)
  const own = newEs256()
  const key = newEs256()
  const now = secondsOf(unixMillis(clock.wall_ms))
  const rights = { kinds: null, credentialId: null, backupFlags: 0 }
  const delegate: Draft = {
    change: { kind: "delegate", person, key: own.publicKey, keyKind: "software", notAfter: null, ...rights },
  }
  await owner.state(keeper, [delegate])
  const [ownId] = [...keeper.state.delegations].find(([, each]) => toHex(each.key) === toHex(own.publicKey)) ?? []
  ok(ownId !== undefined)
  const body = {
    author: person,
    chain: [ownId],
    issuedAt: now,
    notAfter: unixSeconds(now + 60),
    nonce: random(16),
    expects: [],
    change: {
      kind: "delegate" as const,
      person,
      key: key.publicKey,
      keyKind: "session" as const,
      notAfter: unixSeconds(now + 3_600),
      ...rights,
    },
  }
  const login = statementToSign(owner.site, body, own.publicKey, "key", nodeCrypto)
  const answer = await keeper.submit([login.finish(own.sign(login.bytes))], [])
  ok(answer.outcomes.every(({ admitted }) => admitted))
  return { chain: [statementIdBytes(ownId), statementIdBytes(login.id)], key }
}

export function signLook(site: Site, by: Sitting, what: Cbor, recipient: Uint8Array, time_s: number): Uint8Array {
  const payload = encodeCbor(
    new Map<number, Cbor>([
      [0, by.chain],
      [1, random(16)],
      [2, time_s],
      [3, recipient],
      [4, what],
    ]),
  )
  const header = { alg: ALG_ES256, kid: kidOf(by.key.publicKey, nodeCrypto), type: "look" as const }
  return encodeSigned(header, payload, by.key.sign(bytesToSign(header, site.owner.site, payload)))
}
