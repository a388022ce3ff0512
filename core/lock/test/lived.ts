/**
 * What the storage of a lock holds after a full life: every part that there is, each with something in it that is missed when
 * it is lost, a signed batch on its way, and records behind it.
 */
import { uptime } from "@holdfast/base"
import { statementIdOf } from "@holdfast/access/door"
import { nodeCrypto as crypto } from "@holdfast/port-node"
import { ok } from "node:assert/strict"
import { encodeAlarms, NO_ALARMS, raised } from "../src/alarms.ts"
import { encodeBoot } from "../src/boots.ts"
import { encodeReadings } from "../src/card/readings.ts"
import { encodeKept } from "../src/defence.ts"
import { encodeDenies } from "../src/denies.ts"
import { boot, type Lock, type Pairing, type Part, type ResetCause, type Turn } from "../src/index.ts"
import { encodeModes, QUIET } from "../src/mode.ts"
import { NEW_MOTOR } from "../src/motor.ts"
import { encodeUsed } from "../src/offline-used.ts"
import { encodeKnown } from "../src/phone/known.ts"
import { encodePart } from "../src/stored.ts"
import { newSupply } from "../src/supply.ts"
import { countTry, encodeThrottle, KEYPAD, NO_TRIES, type Throttle } from "../src/throttle.ts"
import { encodeUpdate, newUpdate } from "../src/update.ts"
import { encodeWear } from "../src/wear.ts"
import { type Board, type Cardholder, type Flash, house } from "./building.ts"
import type { Keeper } from "./keeper.ts"

export type Lived = {
  readonly keeper: Keeper
  readonly board: Board
  readonly flash: Flash
  readonly ana: Cardholder
  readonly bo: Cardholder
}

export const SEED = new Uint8Array(32).fill(5)
const bytes = (size: number): Uint8Array => new Uint8Array(size).fill(7)

export function put(flash: Flash, part: Part, body: Uint8Array): void {
  flash.parts.set(part, encodePart(crypto, part, body))
}

/** Four wrong codes: the keypad waits for a minute, counted anew after a boot. */
function guessed(): Throttle {
  let throttle = NO_TRIES
  for (let tries = 0; tries < 4; tries++) throttle = countTry(throttle, KEYPAD, tries * 100_000)
  return throttle
}

/** Bo is denied, the keypad waits, a threat level stands, somebody was forced, and so on through all parts. */
export function lived(): Lived {
  const { keeper, board, people } = house({ remoteActs: ["normal"] })
  const [ana, bo] = people
  ok(ana !== undefined && bo !== undefined)
  board.carries = false
  for (let times = 0; times < 3; times++) {
    board.input({ kind: "request to exit" })
    board.pass(60_000)
  }
  const flash = board.flash.copy()
  const credential = ana.card
  put(flash, "boot", encodeBoot(board.lock.boot, 2))
  put(flash, "throttle", encodeThrottle(guessed(), 400_000))
  put(flash, "denies", encodeDenies([{ id: statementIdOf(bytes(32)), person: bo.person, credential: null }]))
  put(flash, "alarms", encodeAlarms(raised(NO_ALARMS, ana.pin, 0)))
  const descriptor = { type: "one-time", epoch: 1, start: 1, duration: 1, sequence: 1 } as const
  put(flash, "offline", encodeUsed([{ credential, descriptor, handle: bytes(8) }]))
  put(flash, "mode", encodeModes({ ...QUIET, level: 2 }, uptime(0)))
  put(flash, "wear", encodeWear({ ...NEW_MOTOR, cycles: 77 }, { ...newSupply(uptime(0)), rest_mv: 6_000 }))
  put(flash, "defence", encodeKept({ level: 1, interruptions: 3, failed: 2 }))
  put(flash, "phones", encodeKnown([{ x: bytes(32), lasting: bytes(32) }]))
  put(flash, "readings", encodeReadings(new Map([[credential, 9]])))
  put(flash, "update", encodeUpdate({ ...newUpdate(uptime(0)), passed: ["07".repeat(32)] }))
  return { keeper, board, flash, ana, bo }
}

/** The first turn of a lock with this storage. */
export function booted(flash: Flash, pairing: Pairing, cause: ResetCause = "power on"): Turn {
  const records = flash.records.map((each) => each.bytes)
  const fault = flash.fault === null ? {} : { fault: flash.fault }
  return boot(pairing, { parts: flash.parts, records, ...fault }, SEED, uptime(0), crypto, cause)
}

/** What a lock knows from before, in words. A lock that lost nothing knows all of it. */
export function knows(lock: Lock): readonly string[] {
  const facts: readonly (readonly [string, boolean])[] = [
    ["policy", lock.active !== null],
    ["authority log", lock.held.size > 0],
    ["lease", lock.lease !== null],
    ["time passed", lock.clock.floor > 0],
    ["denials", lock.denies.length > 0],
    ["wrong codes", (lock.throttle.counts.get(KEYPAD)?.failures ?? 0) >= 4],
    ["breakdowns", lock.supply.breakdowns > 0],
    ["silent alarm", lock.alarms.pending.length > 0],
    ["used codes", lock.offlineUsed === null || lock.offlineUsed.length > 0],
    ["threat level", lock.modes.level > 0],
    ["motor", lock.motor.cycles > 0],
    ["battery", lock.supply.rest_mv > 0],
    ["findings", lock.defence.level > 0],
    ["phones", lock.phones.length > 0],
    ["card readings", lock.readings === null || lock.readings.size > 0],
    ["bad images", lock.update.passed.length > 0],
    ["batch on its way", lock.outstanding !== null],
    ["receipts", lock.journal.head.next > 1],
  ]
  return facts.filter(([, isKnown]) => isKnown).map(([word]) => word)
}
