/**
 * What an entry means as an offline PIN, at a door whose lock has both halves of somebody's.
 *
 * Every offline code that could be meant is worked out, whatever was typed, so the time says nothing of it; it is the longest
 * work that a lock does while somebody waits. How the numbers are made is `offline.ts`'s business, how uses are remembered
 * `offline-used.ts`'s, and whether the door opens `judging.ts`'s.
 */
import { credentialAt, personIndexAt } from "@holdfast/access/places"
import type { Policy } from "@holdfast/access/door"
import type { CredentialId, UnixSeconds } from "@holdfast/base"
import { type Match, NOBODYS, type OfflineCode } from "./codes.ts"
import type { Draft } from "./draft.ts"
import { acceptable, offlineDigits, searchOffline } from "./offline.ts"
import { begun, encodeUsed, judgeUse, type Used, withUse } from "./offline-used.ts"
import { codeHandle, halvesIn, type Secrets } from "./secrets.ts"
import type { Active } from "./slot.ts"

/** People whose offline PINs one door takes: each costs a search of its own. */
const OWNERS_MAX = 4

/** Both halves of one person's offline PINs, of one epoch. */
type Owner = {
  readonly place: number
  readonly epoch: number
  readonly owner: Uint8Array
  readonly site: Uint8Array
}

/** Everybody of whom the lock has both halves, at most {@link OWNERS_MAX}; a half alone mints nothing. */
function ownersIn(policy: Policy, secrets: Secrets): readonly Owner[] {
  const halves = halvesIn(secrets)
  const owners: Owner[] = []
  for (const { half, place, epoch, key } of halves) {
    if (half !== "owner" || owners.length === OWNERS_MAX) continue
    const person = personIndexAt(policy, place)
    const site = halves.find(
      (each) => each.half === "site" && each.epoch === epoch && personIndexAt(policy, each.place) === person,
    )
    if (site !== undefined) owners.push({ place, epoch, owner: key, site: site.key })
  }
  return owners
}

/**
 * The uses of offline codes. Where they were lost, every code that was to begin by now is taken back as soon as the time is
 * known: only later ones are certainly new.
 */
function usedCodes(draft: Draft, { policy, secrets }: Active, at: UnixSeconds): Used {
  const { offlineUsed } = draft.lock
  if (offlineUsed !== null) return offlineUsed
  const start = Math.floor(at / 3_600)
  const used = ownersIn(policy, secrets).map(({ place, epoch }) => ({
    credential: credentialAt(policy, place),
    descriptor: { type: "erase", epoch, start, duration: 0, sequence: 0 } as const,
    handle: new Uint8Array(8),
  }))
  setUsed(draft, used)
  return used
}

function setUsed(draft: Draft, used: Used): void {
  draft.set({ offlineUsed: used })
  draft.store("offline", encodeUsed(used))
}

/** Whose offline PIN the entry is, and whether it may still be used. */
export function matchOffline(draft: Draft, active: Active, code: string, at: UnixSeconds): Match {
  const { policy, secrets } = active
  const { crypto, lock } = draft
  const used = usedCodes(draft, active, at)
  const handle = codeHandle(crypto, lock.pairing.codeKey, code)
  const known = begun(used, handle)
  let found = known
  for (const { place, epoch, owner, site } of ownersIn(policy, secrets)) {
    const digits = offlineDigits(policy.config.grade)
    const descriptor = searchOffline(crypto, owner, site, acceptable(at, epoch), code, digits)
    found = descriptor === null ? found : { credential: credentialAt(policy, place), descriptor, handle }
  }
  if (found === null) return NOBODYS
  const judged = judgeUse(used, found.credential, found.descriptor, at)
  const use = judged === "first" || judged === "again" ? judged : null
  return { ...NOBODYS, credential: found.credential, offline: { ...found, use } }
}

/** Remembers the first use, durable before the bolt moves. */
export function noteUse(draft: Draft, credential: CredentialId, offline: OfflineCode, at: UnixSeconds): void {
  const { descriptor, handle } = offline
  setUsed(draft, withUse(draft.lock.offlineUsed ?? [], { credential, descriptor, handle }, at))
}
