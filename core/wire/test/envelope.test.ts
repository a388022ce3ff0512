/** MQTT payloads, against vectors/wire.json: both ways, every truncation, and what must not read. */
import { fromHex, toHex } from "@holdfast/base/text"
import { deepEqual, equal, ok } from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { decodeDown, decodeUp, type Down, encodeDown, encodeUp, MESSAGE_BYTES_MAX, type Up } from "../src/index.ts"

type Vector = { name: string; way: "up" | "down"; message: Record<string, unknown>; hex: string }
type Bad = { name: string; way: "up" | "down"; hex: string; fault: string }
const file: { good: Vector[]; bad: Bad[] } = JSON.parse(
  readFileSync(new URL("../../../vectors/wire.json", import.meta.url), "utf8"),
)

/** Messages as the vector file spells them: bytes in hex. */
function spelled(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(spelled)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, spelled(each)]))
}

function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null)
  return read
}

function decoded(way: "up" | "down", wire: Uint8Array): { message: Up | Down | null; fault: string | null } {
  if (way === "up") {
    const up = decodeUp(wire)
    return up.ok ? { message: up.up, fault: null } : { message: null, fault: up.fault }
  }
  const down = decodeDown(wire)
  return down.ok ? { message: down.down, fault: null } : { message: null, fault: down.fault }
}

function encoded(way: "up" | "down", wire: Uint8Array): Uint8Array | null {
  if (way === "up") {
    const up = decodeUp(wire)
    return up.ok ? encodeUp(up.up) : null
  }
  const down = decodeDown(wire)
  return down.ok ? encodeDown(down.down) : null
}

for (const vector of file.good) {
  test(`${vector.way} ${vector.name}: read, written back the same, and no truncation reads`, () => {
    const wire = bytes(vector.hex)
    deepEqual(spelled(decoded(vector.way, wire).message), vector.message)
    deepEqual(encoded(vector.way, wire), wire)
    for (let size = 0; size < wire.length; size++) ok(decoded(vector.way, wire.subarray(0, size)).fault)
    ok(decoded(vector.way, Uint8Array.of(...wire, 0)).fault)
  })
}

for (const vector of file.bad) {
  test(`${vector.way} ${vector.name}: ${vector.fault}`, () => {
    equal(decoded(vector.way, bytes(vector.hex)).fault, vector.fault)
  })
}

test("a message over the cap is refused before it is read", () => {
  const huge = new Uint8Array(MESSAGE_BYTES_MAX + 1)
  equal(decoded("up", huge).fault, "too large")
  equal(decoded("down", huge).fault, "too large")
})

test("an up message is never a down message, nor the other way round", () => {
  for (const vector of file.good) ok(decoded(vector.way === "up" ? "down" : "up", bytes(vector.hex)).fault)
})
