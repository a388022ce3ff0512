/** What a console believes of a door: only what its paired lock signed. */
import type { State } from "@holdfast/access"
import { type DoorId, idOf, type SiteId, unixMillis, uptime } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Door } from "@holdfast/contract"
import { type LockState, stateToSign } from "@holdfast/lock"
import { newEs256, nodeCrypto } from "@holdfast/port-node"
import { deepEqual, equal } from "node:assert/strict"
import { test } from "node:test"
import { Beats } from "../src/data/beats.ts"

const site = idOf<"SiteId">(new Uint8Array(16).fill(1))
const id = idOf<"DoorId">(new Uint8Array(16).fill(2))
const other = idOf<"DoorId">(new Uint8Array(16).fill(3))
const [lock, stranger] = [newEs256(), newEs256()]

const state: LockState = {
  door: id,
  uptime_ms: uptime(60_000),
  wall_ms: unixMillis(1_795_420_800_000),
  bolt: "thrown",
  leaf: "closed",
  flags: [],
  lastSequence: 7,
  version: { epoch: 1, size: 9 },
  leaseEnd_s: 1_795_500_000,
  boot: 1,
  authoritySize: 9,
  element: "software",
  mode: "normal",
  modeEnds_ms: null,
  threatLevel: 0,
  alarmAt_ms: null,
  wayOut: "ready",
  firmware: null,
  update: "none",
  defence: { level: 0, findings: [], debugPort: null, narrowed: null },
  health: {
    battery: { percent: 71, days: 240, operations: 9_000, level: "good", rest_mv: 5_320 },
    cycles: 412,
    motor: "steady",
    late_permille: 1_004,
    spent: { drive: 640_000, radio: 80_000, reader: 9_000, sensing: 0, standby: 700_000, harvest: 0 },
    contact: "good",
    isExternal: false,
    rests: false,
    isReinforced: true,
  },
}

function signedBy(key: typeof lock, of: SiteId, said: LockState): string {
  const signable = stateToSign(nodeCrypto, of, key.publicKey, said)
  return toBase64(signable.finish(key.sign(signable.bytes)))
}

/** The site's state as far as it is read here: the door with its paired lock. */
const paired = { doors: new Map([[id, { lock: { journalKey: lock.publicKey } }]]) } as unknown as State

function told(beat: string | null, bolt: Door["bolt"]["is"], position: Door["position"]["is"]): Door {
  const evidence = beat === null ? { by: "nothing" as const } : { by: "beat" as const, beat, heard_at_ms: 5 }
  return {
    door: id,
    paired: true,
    serial: null,
    issued: null,
    applied: null,
    lease_ends_at_ms: 9_999_999_999_999,
    link: { up: true, since_ms: null },
    last_heard_at_ms: 5,
    last_sequence: 7,
    beat: beat === null ? null : { beat, heard_at_ms: 5 },
    bolt: { is: bolt, since_ms: 4, evidence },
    position: { is: position, since_ms: 4, evidence },
    alarms: [],
  }
}

const good = signedBy(lock, site, state)
const CASES: readonly (readonly [what: string, door: Door, bolt: string, position: string])[] = [
  ["the lock signed just that", told(good, "thrown", "closed"), "thrown", "closed"],
  ["the server says another bolt", told(good, "drawn", "closed"), "unknown", "closed"],
  ["the server says another leaf", told(good, "thrown", "open"), "thrown", "unknown"],
  ["another key signed", told(signedBy(stranger, site, state), "thrown", "closed"), "unknown", "unknown"],
  [
    "signed for another site",
    told(signedBy(lock, idOf(new Uint8Array(16)), state), "thrown", "closed"),
    "unknown",
    "unknown",
  ],
  [
    "signed about another door",
    told(signedBy(lock, site, { ...state, door: other }), "thrown", "closed"),
    "unknown",
    "unknown",
  ],
  ["no base64", told("%%%", "thrown", "closed"), "unknown", "unknown"],
]
for (const [what, door, bolt, position] of CASES)
  test(`${what}: bolt ${bolt}, door ${position}`, () => {
    const beats = new Beats(site)
    const believed = beats.believed(paired, door)
    deepEqual([believed.bolt.is, believed.position.is], [bolt, position])
    equal(believed.lease_ends_at_ms, beats.stateOf(paired, door) === null ? null : state.leaseEnd_s * 1000)
  })

test("before the authority log was read nothing that rests on a beat is believed, and afterwards it is", () => {
  const beats = new Beats(site)
  equal(beats.believed(null, told(good, "thrown", "closed")).bolt.is, "unknown")
  equal(beats.believed(paired, told(good, "thrown", "closed")).bolt.is, "thrown")
})

test("a door that is not paired any more is believed nothing", () => {
  const beats = new Beats(site)
  equal(beats.believed(paired, told(good, "thrown", "closed")).bolt.is, "thrown")
  const unpaired = { doors: new Map([[id as DoorId, { lock: null }]]) } as unknown as State
  equal(beats.believed(unpaired, told(good, "thrown", "closed")).bolt.is, "unknown")
})
