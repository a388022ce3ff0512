/**
 * Images that must not run, each wrong in one thing or in two, for the mutants of image/verify.ts (`npm run mutate`): 1 where
 * one runs. The two looks share no check, so that no single mutant ought to open anything.
 */
import { toHex } from "@holdfast/base/text"
import { keyHash, type VendorTrust, verifyImage } from "../../src/image/index.ts"
import { BOARD, imageCrypto as crypto, imageOf, VENDOR, VENDOR_KEYS, version, type Wish } from "../firmware.ts"

const WRONG: readonly Wish[] = [
  { signers: [] },
  { signers: ["debug"] },
  { twice: false },
  { mlDsaKeyHash: null },
  { mlDsaKeyHash: new Uint8Array(32) },
  { model: "HF-6000" },
  { revision_min: 4 },
  { revision_max: 2 },
  { counter: 4 },
  { version_min: version(1, 5) },
  { version: version(1, 4) },
  { version: version(1, 3, 9, 9) },
  { version: version(1, 3), version_min: version(1, 2) },
]
const RIGHT: readonly Wish[] = [{}, { signers: ["es256"] }, { signers: ["es256", "ed25519"] }, { counter: 5 }]

const revoked = keyHash(crypto, "ed25519", VENDOR_KEYS.ed25519.key)
const VENDORS: readonly VendorTrust[] = [
  VENDOR,
  { ...VENDOR, threshold: 0 },
  { ...VENDOR, threshold: 2 },
  { ...VENDOR, revoked: [revoked] },
  { ...VENDOR, mlDsa: null },
  { ...VENDOR, keys: [] },
]

export function* admits(): Iterable<() => number> {
  const pairs = WRONG.flatMap((first, at) => WRONG.slice(at + 1).map((second) => ({ ...first, ...second })))
  const images = [...RIGHT, ...WRONG, ...pairs].map(imageOf)
  const runs = (image: Uint8Array, vendor: VendorTrust, board: typeof BOARD): number =>
    verifyImage(image, vendor, board, crypto).ok ? 1 : 0
  for (const image of images)
    for (const vendor of VENDORS)
      for (const board of [BOARD, { ...BOARD, replaces: null }]) yield () => runs(image, vendor, board)
  const [good] = images
  if (good === undefined) return
  for (let at = 0; at < good.length; at += 7) yield () => runs(good.with(at, (good[at] ?? 0) ^ 1), VENDOR, BOARD)
  for (let size = 0; size < good.length; size += 97) yield () => runs(good.subarray(0, size), VENDOR, BOARD)
  yield () => {
    const verified = verifyImage(good, VENDOR, BOARD, crypto)
    return verified.ok && toHex(verified.firmware.image) !== toHex(crypto.sha256(good)) ? 1 : 0
  }
}
