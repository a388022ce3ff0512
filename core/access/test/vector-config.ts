/** Door configurations of the vectors: one that says nothing new, one for each rule, and one that says much at once. */
import { idBytes, idOf, type ScheduleId } from "@holdfast/base"
import { type Cbor, encodeCbor } from "@holdfast/base/cbor"
import { LOCK_BODY_DEFAULT } from "../src/body.ts"
import { ACTS } from "../src/act.ts"
import { type DoorConfig, decodeConfig, defaultConfig, encodeConfig, type Office } from "../src/config.ts"
import { readId } from "../src/read.ts"

type Config = DoorConfig<ScheduleId>

const DAY: ScheduleId = idOf(new Uint8Array(16).fill(7))
const HEEDED = [1, 2].map((byte) => idOf<"DoorId">(new Uint8Array(16).fill(byte)))
export const PLAIN: Config = defaultConfig("UTC")

export function modesWith(office: Office): Config["modes"] {
  return [
    { schedule: DAY, factors: "card", office },
    { schedule: null, factors: "card and pin" },
  ]
}

const RULES: readonly Partial<Config>[] = [
  { modes: modesWith("by schedule") },
  { modes: modesWith("after first entry") },
  { extendedUnlock_ms: 1_000 },
  { extendedHeldOpen_ms: 600_000 },
  ...ACTS.map((act) => ({ remoteActs: [act] })),
  { fireReleases: true },
  { threatFactors: ["pin", "card and pin"] },
  { heeds: { narrowed_s: 900, doors: [] } },
  { heeds: { narrowed_s: 60, doors: HEEDED } },
  { antipassback: "soft" },
  { antipassback: "hard", antipassback_s: 3_600 },
  { interlock: true },
  { delayedEgress_s: 30, failMode: "safe", fireReleases: true },
  { body: { ...LOCK_BODY_DEFAULT, actuator: "solenoid", hardened: ["bolt", "anti-drill plate"], mechanicalKey: true } },
  { body: { ...LOCK_BODY_DEFAULT, deviceClass: "retrofit", bodyGrade: 7 } },
  { battery: { chemistry: "lithium iron disulfide", cells: 4, capacity_mah: 3_000 } },
  { holdUp_s: 900, failMode: "safe" },
  { firmware: ["1a".repeat(32), "2b".repeat(32)] },
  { updateWindow: [1_320, 240] },
]

const FULL: Config = {
  ...PLAIN,
  modes: modesWith("after first entry"),
  failMode: "safe",
  extendedUnlock_ms: 40_000,
  extendedHeldOpen_ms: 90_000,
  remoteActs: ["unlock", "lockdown"],
  fireReleases: true,
  threatFactors: ["card and pin"],
  antipassback: "hard",
  antipassback_s: 3_600,
  delayedEgress_s: 15,
}

export const CONFIGS: readonly Config[] = [PLAIN, ...RULES.map((rule) => ({ ...PLAIN, ...rule })), FULL]

export function toCbor(config: Config): Cbor {
  return encodeConfig(config, idBytes)
}

export function configBytes(config: Config): Uint8Array {
  return encodeCbor(toCbor(config))
}

export function fromCbor(value: Cbor): Config | null {
  return decodeConfig(value, (id) => readId<"ScheduleId">(id))
}

export { DAY }
