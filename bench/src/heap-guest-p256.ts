/** The same as heap-guest.ts, with a P-256 verification of its own beside it, for a board whose chip offers none. */
import { concat, type Crypto } from "@holdfast/base"
import { p256 } from "@noble/curves/nist.js"
import "./heap-guest.ts"

declare const crypto: { verifyEs256: Crypto["verifyEs256"] }

p256.Point.BASE.precompute(1, false) // No table of multiples: it would take more than all the rest.
crypto.verifyEs256 = (publicKey, message, signature) =>
  p256.verify(signature, message, concat(Uint8Array.of(4), publicKey), { lowS: false })
