/**
 * A whole virtual board at a door that obeys its administrator: a site of one entry, a policy of nobody but her, a lease of a
 * day, the true time. Everything reaches it as bytes from the wire.
 */
import { encodeSecretsIndex } from "@holdfast/access"
import { encodeOrder, statementToSign } from "@holdfast/access/author"
import {
  beaconToSign,
  type DoorConfig,
  defaultConfig,
  encodePolicy,
  leaseToSign,
  manifestToSign,
  piecesOf,
  type Policy,
  type StatementId,
} from "@holdfast/access/door"
import { type Act, ACTS } from "@holdfast/access/rules"
import { AssertionError, idOf, type PersonId, unixMillis, unixSeconds } from "@holdfast/base"
import type { BoardOptions, VirtualBoard } from "@holdfast/board"
import { checkpointBytesToSign, encodeCheckpoint, leafHash, verifierOf } from "@holdfast/ledger"
import { newEd25519, newEs256, nodeCrypto } from "@holdfast/port-node"
import { type Down, encodeDown, type Up } from "@holdfast/wire"
import { ok } from "node:assert/strict"
import { bareBoard, door, pairing, site } from "./bare-board.ts"

/** Monday 2026-11-23, 08:00 UTC, when every bench here is at 0 ms. */
const BEGAN_S = 1_795_420_800
const DAY_S = 86_400
export const UNLOCK_MS = 5_000
const EMPTY = new Uint8Array(0)
const author: PersonId = idOf(new Uint8Array(16).fill(0xad))
const [admin, keeper] = [newEs256(), newEs256()]
const logKey = newEd25519()

/** Cryptography that fails once, at a call that somebody chose: a promise inside the lock breaks there. */
export class FailingCrypto {
  calls_left = Number.POSITIVE_INFINITY
  readonly crypto: typeof nodeCrypto = new Proxy(nodeCrypto, {
    get: (target, name, receiver): unknown => {
      this.calls_left -= 1 // A function of it is read once for each call.
      if (this.calls_left !== -1) return Reflect.get(target, name, receiver)
      this.calls_left = Number.POSITIVE_INFINITY
      throw new AssertionError("the secure element answers")
    },
  })
}

/** The bytes that bring a board its policy and its lease. */
function parcel(changed: Partial<DoorConfig<number>>): readonly Down[] {
  const policy: Policy = {
    ...{ site, door, config: { ...defaultConfig("UTC"), remoteActs: ACTS, ...changed }, schedules: [] },
    ...{ credentials: EMPTY, grants: EMPTY, people: EMPTY, grantIds: EMPTY, phones: EMPTY },
    actors: [{ person: author, key: admin.publicKey, keyKind: "software", acts: ACTS }],
    ...{ deniers: [], denials: [], compiledAt: unixSeconds(BEGAN_S), tzdata: "2026b" },
    ...{ origins: ["http://localhost:8080"], rpId: "localhost" },
  }
  const bytes = encodePolicy(policy)
  const policyHash = nodeCrypto.sha256(bytes)
  const version = { epoch: 1, size: 1 }
  const root = leafHash(nodeCrypto, Uint8Array.of(1))
  const secrets = encodeSecretsIndex([])
  const manifest = manifestToSign(
    {
      ...{ site, door, version, policyHash, authority: { size: 1, root }, tzdata: "2026b" },
      ...{
        compiledAt: policy.compiledAt,
        chunks: piecesOf(bytes, secrets).chunks.map((chunk) => nodeCrypto.sha256(chunk)),
        policySize: bytes.length,
      },
      secretsHash: nodeCrypto.sha256(secrets),
    },
    keeper.publicKey,
    nodeCrypto,
  )
  const stated = { origin: `${site}/authority/2026Q4`, size: 1, root, extensions: [] }
  const verifier = verifierOf(stated.origin, logKey.publicKey, nodeCrypto)
  const checkpoint = encodeCheckpoint(stated, verifier, logKey.sign(checkpointBytesToSign(stated)))
  const [notBefore, notAfter] = [unixSeconds(BEGAN_S), unixSeconds(BEGAN_S + DAY_S)]
  const lease = leaseToSign({ site, door, version, policyHash, notBefore, notAfter }, keeper.publicKey, nodeCrypto)
  const signed = manifest.finish(keeper.sign(manifest.bytes))
  return [
    { kind: "policy", manifest: signed, checkpoint, from_size: 0, consistency: [], secrets },
    { kind: "chunk", policy: policyHash, index: 0, bytes },
    { kind: "lease", ticket: lease.finish(keeper.sign(lease.bytes)) },
  ]
}

export type Commanded = {
  readonly board: VirtualBoard
  readonly faults: FailingCrypto
  /** Her order, over a nonce that the lock gives at this time of the bench; whoever wants it obeyed delivers it. */
  order(now_ms: number, act: Act, value?: number): Uint8Array
}

/** Switched on at 0 ms, linked, and obedient. Its policy says what moves the bolt. */
export function commanded(
  changed: Partial<DoorConfig<number>> = {},
  options: Partial<Pick<BoardOptions, "actuator" | "failMode">> = {},
): Commanded {
  const { actuator = "motor" } = options
  const body = { actuator, deviceClass: "full replacement", hardened: [], mechanicalKey: false, bodyGrade: 0 } as const
  const config = { unlock_ms: UNLOCK_MS, body, ...changed }
  const sent: Up[] = []
  const faults = new FailingCrypto()
  const board = bareBoard({
    pairing: { ...pairing, keeper: keeper.publicKey, logKey: logKey.publicKey },
    crypto: faults.crypto,
    send: (up) => sent.push(up),
    ...options,
  })
  board.switchOn(0)
  board.link(0, true)
  for (const up of sent)
    if (up.kind === "hello") {
      const beacon = beaconToSign(
        { site, nonce: up.nonce, time: unixMillis(BEGAN_S * 1000) },
        keeper.publicKey,
        nodeCrypto,
      )
      board.deliver(0, encodeDown({ kind: "beacon", beacon: beacon.finish(keeper.sign(beacon.bytes)) }))
    }
  for (const down of parcel(config)) board.deliver(0, encodeDown(down))
  ok(board.lock?.active !== null && board.lock?.lease !== null, "the board took its policy and its lease")
  const order = (now_ms: number, act: Act, value = 0): Uint8Array => {
    board.deliver(now_ms, encodeDown({ kind: "ask nonce" }))
    const nonce = sent.findLast((up) => up.kind === "nonce")
    ok(nonce?.kind === "nonce", "the lock gives a nonce")
    const change = { kind: "order", door, act, value, version: nonce.version } as const
    const times = { issuedAt: unixSeconds(BEGAN_S), notAfter: unixSeconds(BEGAN_S + 300) }
    const body = { author, chain: ["ab".repeat(32) as StatementId], ...times, nonce: nonce.nonce, expects: [], change }
    const statement = statementToSign(site, body, admin.publicKey, "key", nodeCrypto)
    return encodeDown({ kind: "order", envelope: encodeOrder(statement.finish(admin.sign(statement.bytes)), []) })
  }
  return { board, faults, order }
}
