/**
 * Offline PINs as this browser makes them: it keeps the owner's half, which answers and is never read, and counts which codes
 * it asked for, so that no two are the same.
 */
import type { OfflineCodeChange } from "@holdfast/access"
import type { CredentialId, DoorId } from "@holdfast/base"
import { descriptorBytes, joinShares, type OfflineType, sequencesOf, shareFrom } from "@holdfast/lock/offline"
import { findMacKey, keepMacKey } from "@holdfast/port-web"
import { Store } from "./store.ts"

const HOUR_MS = 3_600_000
const MOMENT_MS = 300_000
const EPOCH = 0

const nameOf = (credential: CredentialId): string => `offline half ${credential}`

/** How many halves were kept since this page was loaded: whoever shows whether one is here asks anew. */
export const halvesKept = new Store(0)

export async function keepHalf(credential: CredentialId, key: Uint8Array): Promise<void> {
  await keepMacKey(nameOf(credential), key)
  halvesKept.change((count) => count + 1)
}

export async function hasHalf(credential: CredentialId): Promise<boolean> {
  return (await findMacKey(nameOf(credential)).catch(() => null)) !== null
}

/** The code that the site's share and this browser's half make; null where the half is not here. */
export async function codeFrom(change: OfflineCodeChange, digits: number, share: number): Promise<string | null> {
  const mac = await findMacKey(nameOf(change.credential))
  if (mac === null) return null
  const own = shareFrom(await mac(descriptorBytes({ ...change, epoch: EPOCH })), digits)
  return String(joinShares(own, share, digits)).padStart(digits, "0")
}

/** The hour, or five minutes, in which a code that begins at `at_ms` begins. */
export function startOf(type: OfflineType, at_ms: number): number {
  return Math.floor(at_ms / (type === "momentary" ? MOMENT_MS : HOUR_MS))
}

const ASKED = "holdfast.offline-codes"

type Slot = Pick<OfflineCodeChange, "type" | "start" | "duration"> & {
  readonly credential: CredentialId
  readonly door: DoorId
}

function slotName({ credential, door, type, start, duration }: Slot): string {
  return `${credential} ${door} ${type} ${start} ${duration}`
}

function asked(): Map<string, number> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(ASKED) ?? "[]")
    return new Map(Array.isArray(kept) ? (kept as [string, number][]) : [])
  } catch {
    return new Map()
  }
}

const SLOTS_MAX = 500

/** The next free sequence of this slot, taken; null when every code that may begin then was asked for. */
export function takeSequence(slot: Slot): number | null {
  const known = asked()
  const next = known.get(slotName(slot)) ?? 0
  if (next >= sequencesOf(slot.type)) return null
  known.delete(slotName(slot))
  known.set(slotName(slot), next + 1)
  localStorage.setItem(ASKED, JSON.stringify([...known].slice(-SLOTS_MAX)))
  return next
}
