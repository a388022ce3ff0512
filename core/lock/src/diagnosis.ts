/**
 * A diagnosis in the field: what the lock knows of its electronics and its mechanical fit, what its sensors and a locksmith's
 * eyes say of the weather inside its case, in one report that the lock signs (C94, C161, C162).
 *
 * Picture the sheet that a locksmith fills in at a door and hands over: measured on the left, looked at on the right, at the
 * bottom what is to be done. The journal names the report by its hash, so that it cannot be exchanged later. It judges by the
 * rules of {@link RULES} and opens nothing.
 */
import { type Crypto, type DoorId, idBytes, idOf, type SiteId, type Uptime } from "@holdfast/base"
import {
  type Cbor,
  decodeCbor,
  encodeCbor,
  readArray,
  readBytes,
  readMap,
  readText,
  readUint,
} from "@holdfast/base/cbor"
import {
  ALG_ES256,
  bytesToSign,
  decodeSigned,
  encodeSigned,
  kidOf,
  type PublicKey,
  verifySigned,
} from "@holdfast/base/cose"
import { contentOf, leftIn } from "./battery.ts"
import { wallAt } from "./clock.ts"
import type { Lock } from "./lock.ts"
import { slopeOf } from "./motor.ts"
import { CONTACTS, type Contact, LEVELS, type BatteryLevel } from "./supply.ts"

/** What a locksmith looks at to see whether a case is still tight, in this order. */
export const SEALINGS = ["gasket", "cable gland", "cover screws", "drain hole", "weather strip"] as const
export const SEEN = ["not looked at", "good", "worn", "broken"] as const
export type SeenWord = (typeof SEEN)[number]

/** What the board measures for a diagnosis, and what somebody saw. */
export type Readings = {
  readonly temperature_c: number
  readonly humidity_percent: number
  /** Whether the debug port answers: on a board in service it does not (attack 67). */
  readonly isDebugOpen: boolean
  /** One word for each of {@link SEALINGS}. */
  readonly seen: readonly SeenWord[]
}

export type Diagnosis = Readings & {
  readonly door: DoorId
  readonly uptime_ms: number
  /** 0 while the lock does not know the time. */
  readonly wall_ms: number
  readonly boot: number
  /** The last record that the journal held. */
  readonly lastSequence: number
  readonly firmware: string
  readonly cycles: number
  /** The last third of a throw against the learnt profile, in permille; 1,000 is as learnt, 0 not learnt yet. */
  readonly fit_permille: number
  /** Throws until the bolt will stall if it goes on like this; null where it does not drift. */
  readonly throwsLeft: number | null
  readonly battery: BatteryLevel
  /** Null on a board without a battery pack. */
  readonly share_percent: number | null
  readonly rest_mv: number
  readonly resistance_mohm: number
  readonly contact: Contact
}

/** A throw is cut as stalled at this much of the learnt current: see `motor.ts`. */
const STALLS_PERMILLE = 1_500

/** The report of a lock at `now`. */
export function diagnose(lock: Lock, now: Uptime, readings: Readings): Diagnosis {
  const { supply, motor, journal, active } = lock
  const pack = active?.policy.config.battery
  const slope = slopeOf(motor)
  const stalls = (motor.late * STALLS_PERMILLE) / 1_000
  return {
    ...readings,
    door: lock.pairing.door,
    uptime_ms: now,
    wall_ms: wallAt(lock.clock, now) ?? 0,
    boot: lock.boot,
    lastSequence: journal.next - 1,
    firmware: lock.update.running?.version ?? "",
    cycles: motor.cycles,
    fit_permille: motor.late === 0 ? 0 : Math.round((motor.fast / motor.late) * 1_000),
    throwsLeft: motor.isMisaligned && slope > 0 ? Math.max(0, Math.round((stalls - motor.fast) / slope)) : null,
    battery: supply.level,
    share_percent: pack === undefined ? null : percent(leftIn(supply.gauge, pack).mean_mj / contentOf(pack)),
    rest_mv: Math.round(supply.rest_mv),
    resistance_mohm: Math.round(supply.resistance_mohm),
    contact: supply.contact,
  }
}

function percent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 100)
}

/** [what it is, whether it holds, what to do about it]. The figures are those of sensing: water films form from 80 % on. */
const RULES: readonly (readonly [string, (report: Diagnosis) => boolean, string])[] = [
  ["debug port open", ({ isDebugOpen }) => isDebugOpen, "Take the board out of service: replace it."],
  ["battery empty", ({ battery }) => battery === "empty", "Fit new cells now."],
  ["battery low", ({ battery }) => battery === "low" || battery === "critical", "Fit new cells at this visit."],
  [
    "contacts corroded",
    ({ contact }) => contact === "corroded",
    "Clean the battery contacts, look for water in the case.",
  ],
  [
    "contact intermittent",
    ({ contact }) => contact === "intermittent",
    "Bend the battery springs, check the cable at the hinge.",
  ],
  [
    "bolt rubs",
    ({ fit_permille }) => fit_permille >= 1_120,
    "Set the strike until the bolt slides free, check the hinges.",
  ],
  [
    "bolt about to stall",
    ({ throwsLeft }) => throwsLeft !== null && throwsLeft < 1_000,
    "Set the strike before you leave.",
  ],
  ["water in the case", ({ humidity_percent }) => humidity_percent >= 80, "Dry the case, renew gasket and drain."],
  ["moist", ({ humidity_percent: at }) => at >= 60 && at < 80, "Look at gasket and weather strip again in a month."],
  ["out of its temperature range", ({ temperature_c: at }) => at < -25 || at > 60, "Shade or insulate the lock."],
  ["seal broken", ({ seen }) => seen.includes("broken"), "Renew what is marked broken before you close the case."],
  ["seal worn", ({ seen }) => seen.includes("worn"), "Bring what is marked worn to the next visit."],
  ["not looked at", ({ seen }) => seen.includes("not looked at"), "Complete the sealing check list."],
]

export type Finding = { readonly finding: string; readonly advice: string }

/** What stands out, gravest first. */
export function findingsOf(report: Diagnosis): readonly Finding[] {
  return RULES.filter(([, holds]) => holds(report)).map(([finding, , advice]) => ({ finding, advice }))
}

/** The report as a locksmith reads it. `time` is how the reader's own clock writes the report's. */
export function diagnosisText(report: Diagnosis, time: string): string {
  const { cycles, fit_permille, throwsLeft, share_percent, rest_mv, resistance_mohm } = report
  const findings = findingsOf(report)
  const fit = fit_permille === 0 ? "not learnt yet" : `${Math.round(fit_permille / 10)} % of the learnt profile`
  return [
    `Diagnosis of door ${report.door}, ${time}`,
    `record ${report.lastSequence}, boot ${report.boot}, firmware ${report.firmware || "not signed"}`,
    "",
    `Bolt       ${cycles} throws; fit ${fit}${throwsLeft === null ? "" : `; stalls in about ${throwsLeft} throws`}`,
    `Supply     ${rest_mv} mV at rest, ${resistance_mohm} mOhm, contacts ${report.contact}`,
    `Battery    ${share_percent === null ? "none" : `${share_percent} %, ${report.battery}`}`,
    `Case       ${report.temperature_c} degrees, ${report.humidity_percent} % moisture`,
    `Debug port ${report.isDebugOpen ? "OPEN" : "closed"}`,
    ...SEALINGS.map((sealing, at) => `${sealing.padEnd(14)} ${report.seen[at] ?? "not looked at"}`),
    "",
    ...(findings.length === 0 ? ["Nothing to do."] : findings.map(({ finding, advice }) => `- ${finding}: ${advice}`)),
    "",
  ].join("\n")
}

/** Temperatures are written above this, since the format has no negative numbers. */
const COLDEST_C = -100

function encodeDiagnosis(report: Diagnosis): Uint8Array {
  const fields: readonly Cbor[] = [
    idBytes(report.door),
    report.uptime_ms,
    report.wall_ms,
    report.boot,
    report.lastSequence,
    report.firmware,
    report.cycles,
    report.fit_permille,
    report.throwsLeft,
    LEVELS.indexOf(report.battery),
    report.share_percent,
    report.rest_mv,
    report.resistance_mohm,
    CONTACTS.indexOf(report.contact),
    Math.round(report.temperature_c) - COLDEST_C,
    Math.round(report.humidity_percent),
    report.isDebugOpen ? 1 : 0,
    report.seen.map((word) => SEEN.indexOf(word)),
  ]
  return encodeCbor(new Map(fields.map((field, key) => [key, field])))
}

const KEYS = Array.from({ length: 18 }, (_, key) => key)

function decodeDiagnosis(payload: Uint8Array): Diagnosis | null {
  const decoded = decodeCbor(payload)
  const map = decoded.ok ? readMap(decoded.value, KEYS) : null
  const door = readBytes(map?.get(0), 16)
  const firmware = readText(map?.get(5), 32)
  const numbers = [1, 2, 3, 4, 6, 7, 11, 12, 14, 15, 16].map((key) => readUint(map?.get(key)))
  const [uptime_ms, wall_ms, boot, lastSequence, cycles, fit_permille, rest_mv, resistance_mohm, warmth, ...rest] =
    numbers
  const [humidity_percent, debug] = rest
  const throwsLeft = readUint(map?.get(8))
  const share_percent = readUint(map?.get(10), 100)
  const battery = LEVELS[readUint(map?.get(9)) ?? -1]
  const contact = CONTACTS[readUint(map?.get(13)) ?? -1]
  const seen = readArray(map?.get(17), SEALINGS.length, (item) => SEEN[readUint(item) ?? -1] ?? null)
  if (door === null || firmware === null || battery === undefined || contact === undefined) return null
  if (seen?.length !== SEALINGS.length || typeof warmth !== "number" || (debug !== 0 && debug !== 1)) return null
  if (typeof uptime_ms !== "number" || typeof wall_ms !== "number" || typeof boot !== "number") return null
  if (typeof lastSequence !== "number" || typeof cycles !== "number" || typeof fit_permille !== "number") return null
  if (typeof rest_mv !== "number" || typeof resistance_mohm !== "number" || typeof humidity_percent !== "number")
    return null
  const counts = { uptime_ms, wall_ms, boot, lastSequence, firmware, cycles, fit_permille, throwsLeft }
  const supply = { battery, share_percent, rest_mv, resistance_mohm, contact }
  const inside = { temperature_c: warmth + COLDEST_C, humidity_percent, isDebugOpen: debug === 1, seen }
  return { door: idOf<"DoorId">(door), ...counts, ...supply, ...inside }
}

/** What the journal key signs for a report, and the report once it did. */
export function diagnosisToSign(
  crypto: Crypto,
  site: SiteId,
  journalKey: PublicKey,
  report: Diagnosis,
): { readonly bytes: Uint8Array; finish(signature: Uint8Array): Uint8Array } {
  const header = { alg: ALG_ES256, kid: kidOf(journalKey, crypto), type: "diagnosis" } as const
  const payload = encodeDiagnosis(report)
  return {
    bytes: bytesToSign(header, site, payload),
    finish: (signature) => encodeSigned(header, payload, signature),
  }
}

export const DIAGNOSIS_BYTES_MAX = 1_024

/** The report, if this lock's journal key signed it; else null. */
export function openDiagnosis(
  crypto: Crypto,
  site: SiteId,
  journalKey: PublicKey,
  bytes: Uint8Array,
): Diagnosis | null {
  const signed = bytes.length > DIAGNOSIS_BYTES_MAX ? null : decodeSigned("diagnosis", site, bytes)
  return signed !== null && verifySigned(signed, journalKey, crypto) ? decodeDiagnosis(signed.payload) : null
}
