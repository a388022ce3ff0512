/** Reading the plain vector files, whose bytes are hex. */
import { fromHex } from "@holdfast/base/text"
import { ok } from "node:assert/strict"
import { readFileSync } from "node:fs"

/** The text of `vectors/<name>`; each test says in a type what it reads from it. */
export function vectorText(name: string): string {
  return readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), "utf8")
}

export function bytes(hex: string): Uint8Array {
  const read = fromHex(hex)
  ok(read !== null, `${hex} is hex`)
  return read
}
