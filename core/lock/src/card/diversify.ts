/**
 * A key of its own for every card: NXP AN10922, section 2.2 (AES-128), from a master that only the keeper holds.
 *
 * A lock never comes here with a master: it is given the one key per card of its own zone application. What it knows opens
 * nothing outside that zone.
 */
import { assert, type Crypto, concat, idBytes, type SiteId } from "@holdfast/base"
import { BLOCK_SIZE, maskedCbc } from "./cmac.ts"

/** AN10922, table 1: the constant that says "AES-128". */
const AES_128 = Uint8Array.of(0x01)
const INPUT_SIZE_MAX = 2 * BLOCK_SIZE - 1
export const ZONE_MAX = 3

/** The diversified key. AN10922 always runs over two blocks, even where the input would fit into one. */
export function diversify(crypto: Crypto, master: Uint8Array, input: Uint8Array): Uint8Array {
  assert(input.length >= 1 && input.length <= INPUT_SIZE_MAX, "a diversification input is 1 to 31 bytes")
  return maskedCbc(crypto, master, concat(AES_128, input), 2 * BLOCK_SIZE)
}

/** A card's key in the application of one zone of one site: the input is UID || zone || siteId[0..8]. */
export function cardKey(crypto: Crypto, master: Uint8Array, uid: Uint8Array, zone: number, site: SiteId): Uint8Array {
  assert(zone >= 0 && zone <= ZONE_MAX, "a zone application is 0 to 3")
  return diversify(crypto, master, concat(uid, Uint8Array.of(zone), idBytes(site).slice(0, 8)))
}
