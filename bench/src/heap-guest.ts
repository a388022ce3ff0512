/**
 * The part of the heap bench that runs inside QuickJS: the lock's core and the thinnest shell around it.
 *
 * It is bundled into one script. Cryptography comes from the host as functions, as it does from the chip on a small board;
 * inputs and effects cross as JSON with bytes in hex, which leaves nothing behind once a turn is over.
 */
import { type Crypto, uptime } from "@holdfast/base"
import { fromHex, toHex } from "@holdfast/base/text"
import { boot, type Lock, turn } from "@holdfast/lock"

declare const crypto: Crypto

const BYTES = "bytes:"

function revived(_key: string, value: unknown): unknown {
  return typeof value === "string" && value.startsWith(BYTES) ? fromHex(value.slice(BYTES.length)) : value
}

function spelled(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? BYTES + toHex(value) : value
}

let lock: Lock

function begin(pairing: string): string {
  const stored = { parts: new Map(), records: [] }
  const begun = boot(JSON.parse(pairing, revived), stored, new Uint8Array(32).fill(7), uptime(0), crypto)
  lock = begun.state
  return JSON.stringify(begun.effects, spelled)
}

function step(now_ms: number, input: string): string {
  const taken = turn(lock, uptime(now_ms), JSON.parse(input, revived), crypto)
  lock = taken.state
  return JSON.stringify(taken.effects, spelled)
}

Object.assign(globalThis, { begin, step })
