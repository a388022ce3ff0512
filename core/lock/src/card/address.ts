/**
 * A SUN read at the door, joined to the lock: the card's own key must have made its code, and its count must be new here.
 *
 * It counts as an identifier and never as a card, however well it proves itself: whoever read the card elsewhere has an address
 * that nobody has shown yet. Only addresses in clear are taken: to read encrypted ones a lock would need a key that it shares
 * with others. Where the counts were lost no address is taken, since every old one would look new.
 */
import { EMPTY } from "@holdfast/base"
import type { Draft } from "../draft.ts"
import { shownNow } from "../presenting.ts"
import type { Result } from "../result.ts"
import { cardOfUid, type KnownCard } from "../secrets.ts"
import { dummyKey } from "./reader.ts"
import { encodeReadings, withReading } from "./readings.ts"
import { provesReading, type Reading, readSun } from "./sun.ts"

export function addressRead(draft: Draft, address: string): void {
  const sun = readSun(address)
  if (sun === null || sun.reading instanceof Uint8Array) return refused(draft, "unreadable")
  const { reading, mac } = sun
  const { active, pairing, seed } = draft.lock
  const { crypto } = draft
  const known = active === null ? null : cardOfUid(crypto, pairing.codeKey, active.policy, active.secrets, reading.uid)
  const key = known?.key ?? dummyKey(crypto, seed, reading.uid)
  const isProved = provesReading(crypto, key, reading, EMPTY, mac)
  if (known === null || known.key === null) return refused(draft, "unknown credential")
  if (!isProved) return refused(draft, "card not authentic")
  take(draft, known, reading)
}

/** The count is stored before the outcome, so a loss of power gives nobody a second try. */
function take(draft: Draft, { credential }: KnownCard, { count }: Reading): void {
  const { readings } = draft.lock
  const after = readings === null ? null : withReading(readings, credential, count)
  if (after === null) return refused(draft, "address read before")
  draft.set({ readings: after })
  draft.store("readings", encodeReadings(after))
  shownNow(draft, { kind: "identifier", credential, because: "done" })
}

function refused(draft: Draft, because: Result): void {
  shownNow(draft, { kind: "identifier", credential: null, because })
}
