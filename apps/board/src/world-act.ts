/**
 * What people can do at the doors of an example building: the words, what goes with each, and how one is read out of JSON.
 *
 * Picture the hands at a bench: they push a leaf, hold a card, lay a finger down, pull a plug. None of these is a word to
 * Holdfast, and what follows from one is the board's and the steel's. Who may say them is world.ts's business.
 */
import { unreachable } from "@holdfast/base"
import { ATTACKS, type Happening, NUISANCES } from "@holdfast/sense/synthetic"
import { LINE_STATES, type LineState } from "./sensors.ts"

export const WORLD_ACTS = [
  "key",
  "present",
  "phone",
  "exit",
  "open",
  "close",
  "force",
  "mend",
  "jam",
  "short",
  "power",
  "link",
  "mains",
  "external",
  "magnet",
  "corrode",
  "battery",
  "misalign",
  "temperature",
  "shake",
  "cover",
  "dips",
  "jam radio",
  "line",
  "service",
  "moisture",
  "finger",
  "enrol finger",
  "enrolment",
  "mechanical key",
  "fire",
  "partner",
  "bar",
  "relock",
] as const

/** What is done with the door and its board alone. */
export type DoorAct =
  | { readonly act: "key"; readonly key: string }
  | { readonly act: "exit" | "open" | "close" | "force" | "mend" | "dips" | "service" }
  /** Made-up shaking: somebody drills, knocks, slams. */
  | { readonly act: "shake"; readonly what: Happening }
  | { readonly act: "line"; readonly is: LineState }
  /** A finger on the reader, by its name; one that is not alive is a copy of it. */
  | { readonly act: "finger"; readonly finger: string; readonly alive: boolean }
  | { readonly act: "enrol finger"; readonly finger: string }
  /** The service button inside the case; the key of last resort. */
  | { readonly act: "enrolment" | "mechanical key" }
  | { readonly act: "jam" | "short" | "mains" | "magnet" | "cover"; readonly on: boolean }
  /** The bar of a delayed way out, and the key at the door that locks it again. */
  | { readonly act: "bar" | "relock" }
  /** The fire panel's wire; the partner of an interlocked pair stands open. */
  | { readonly act: "fire" | "partner"; readonly on: boolean }
  /** Percent of missing the strike, degrees Celsius. */
  | { readonly act: "misalign" | "temperature"; readonly value: number }

/** Something out of somebody's pocket, held to a reader. */
export type HoldAct =
  /** At the reader outside, or at the one for leaving. */
  | { readonly act: "present"; readonly card: string; readonly reader?: "out" }
  /** Its holder unlocks a phone first. */
  | { readonly act: "phone"; readonly phone: string }

/** What may switch a board off, or on: the contact at the front, corroded contacts, percent of a full pack. */
export type SupplyAct =
  | { readonly act: "external" | "corrode"; readonly on: boolean }
  | { readonly act: "battery"; readonly value: number }

export type WorldAct =
  | DoorAct
  | HoldAct
  | SupplyAct
  /** The plug, the cable of the line, a jammer beside the radio. */
  | { readonly act: "power" | "link" | "jam radio"; readonly on: boolean }
  /** Percent of moisture in the case. */
  | { readonly act: "moisture"; readonly value: number }

const HAPPENINGS: readonly Happening[] = [...ATTACKS, ...NUISANCES]
const DIALS = { battery: [0, 100], misalign: [0, 100], temperature: [-40, 60], moisture: [0, 100] } as const
const KEYS = new Set(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "enter", "clear"])
const FINGER_LENGTH_MAX = 100

type Body = Readonly<Record<string, unknown>>

function readHold(act: HoldAct["act"], body: Body): HoldAct | null {
  const held = body[act === "phone" ? "phone" : "card"]
  if (typeof held !== "string") return null
  if (act === "phone") return { act, phone: held }
  return body["reader"] === "out" ? { act, card: held, reader: "out" } : { act, card: held }
}

function readFinger(act: "finger" | "enrol finger", body: Body): DoorAct | null {
  const [finger, alive] = [body["finger"], body["alive"] ?? true]
  if (typeof finger !== "string" || finger.length > FINGER_LENGTH_MAX || typeof alive !== "boolean") return null
  return act === "finger" ? { act, finger, alive } : { act, finger }
}

/** Reads an act out of JSON, or null for anything that is none. */
export function readAct(body: Body): WorldAct | null {
  const act = WORLD_ACTS.find((word) => word === body["act"])
  switch (act) {
    case "key": {
      const key = body["key"]
      return typeof key === "string" && KEYS.has(key) ? { act, key } : null
    }
    case "present":
    case "phone":
      return readHold(act, body)
    case "jam":
    case "short":
    case "power":
    case "link":
    case "mains":
    case "external":
    case "magnet":
    case "corrode":
    case "fire":
    case "partner":
    case "cover":
    case "jam radio": {
      const on = body["on"]
      return typeof on === "boolean" ? { act, on } : null
    }
    case "battery":
    case "misalign":
    case "moisture":
    case "temperature": {
      const value = body["value"]
      const [min, max] = DIALS[act]
      return typeof value === "number" && value >= min && value <= max ? { act, value } : null
    }
    case "shake": {
      const what = HAPPENINGS.find((word) => word === body["what"])
      return what === undefined ? null : { act, what }
    }
    case "line": {
      const is = LINE_STATES.find((word) => word === body["is"])
      return is === undefined ? null : { act, is }
    }
    case "finger":
    case "enrol finger":
      return readFinger(act, body)
    case "exit":
    case "open":
    case "close":
    case "force":
    case "mend":
    case "dips":
    case "service":
    case "enrolment":
    case "mechanical key":
    case "bar":
    case "relock":
      return { act }
    case undefined:
      return null
    default:
      return unreachable(act)
  }
}
