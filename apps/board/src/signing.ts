/**
 * What a board signs, what it seals to the keeper alone, and what it opens: beats, batches, secrets.
 *
 * Every beat has a sealed part of one size, whether somebody called for help or not: nobody on the line can tell (attack 44).
 */
import { assert, type Uptime } from "@holdfast/base"
import { alarmNotice } from "@holdfast/lock/alarms"
import { type Input, type Lock, type Message, stateOf, stateToSign } from "@holdfast/lock"
import { diagnose, diagnosisToSign, type Readings } from "@holdfast/lock/diagnosis"
import { hpkeInfo, type HpkePurpose, openSealed, sealTo } from "@holdfast/port-node"
import type { Down } from "@holdfast/wire"
import type { BoardOptions } from "./board-options.ts"

type Keys = Pick<BoardOptions, "pairing" | "crypto" | "keys" | "keeperHpke">

function sealed({ keeperHpke, pairing }: Keys, purpose: HpkePurpose, plain: Uint8Array): Uint8Array {
  const bytes = sealTo(keeperHpke, hpkeInfo(purpose, pairing.site), plain)
  assert(bytes !== null, "the keeper's key is a point of the curve")
  return bytes
}

/** The state of a lock at `now`, with its silent alarms, or that there are none. */
export function signedBeat(lock: Lock, now: Uptime, keys: Keys): Uint8Array {
  const { crypto, pairing } = keys
  const state = { ...stateOf(lock, now), sealedAlarm: sealed(keys, "alarm", alarmNotice(lock.alarms)) }
  const signable = stateToSign(crypto, pairing.site, pairing.journalKey, state)
  return signable.finish(keys.keys.journal.sign(signable.bytes))
}

/** The report of a lock at `now`, with what was measured and seen at its door. */
export function signedDiagnosis(lock: Lock, now: Uptime, readings: Readings, keys: Keys): Uint8Array {
  const { crypto, pairing } = keys
  const signable = diagnosisToSign(crypto, pairing.site, pairing.journalKey, diagnose(lock, now, readings))
  return signable.finish(keys.keys.journal.sign(signable.bytes))
}

/** The answer to a lock that wants its batch signed, and what opens the batch sealed. */
export function batchSigned(bytes: Uint8Array, openings: Uint8Array, keys: Keys): Input {
  return {
    kind: "batch signed",
    signature: keys.keys.journal.sign(bytes),
    openings: sealed(keys, "openings", openings),
  }
}

/** A message as the lock takes it: a secret with what the board's key opened, or null where it did not. */
export function messageOf(down: Down, { keys, pairing }: Keys): Message {
  if (down.kind !== "secret") return down
  return { ...down, opened: openSealed(keys.hpke, hpkeInfo("secret", pairing.site), down.sealed) }
}
