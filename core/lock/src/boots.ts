/**
 * The boot counter as it is stored: a number, and beside it the breakdowns in a row while there are any.
 *
 * It is written before anything else in a boot, so a supply that breaks down in the middle of a start is counted as well.
 */
import { decodeCbor, encodeCbor, readUint } from "@holdfast/base/cbor"

export type Boots = { readonly boot: number; readonly breakdowns: number }

const BOOT_MAX = 0xffff_fffe
export const BREAKDOWNS_MAX = 255

export function encodeBoot(boot: number, breakdowns: number): Uint8Array {
  return encodeCbor(breakdowns === 0 ? boot : [boot, Math.min(breakdowns, BREAKDOWNS_MAX)])
}

export function decodeBoot(body: Uint8Array): Boots | null {
  const decoded = decodeCbor(body)
  if (!decoded.ok) return null
  const list = Array.isArray(decoded.value) ? decoded.value : [decoded.value, 0]
  const boot = readUint(list[0], BOOT_MAX)
  const breakdowns = readUint(list[1], BREAKDOWNS_MAX)
  return boot === null || breakdowns === null || list.length !== 2 ? null : { boot, breakdowns }
}
