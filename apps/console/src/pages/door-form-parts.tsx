/** The folded parts of the door form: hours and factors, the way through, orders from afar, what is fitted, firmware. */
import type { Actuator, Chemistry, DeviceClass, HardenedPart } from "@holdfast/access"
import type { Antipassback } from "@holdfast/access/door"
import { pinsAlone_max } from "@holdfast/access/factors"
import { type Act, ACTS, NARROWING_ACTS } from "@holdfast/access/rules"
import { Field } from "../parts/field.tsx"
import { Choice, faultAt, Fold, type FormPart, TextField, Tick } from "./door-form-basics.tsx"
import { Enrollers, Heeding, Hours, ThreatLevels } from "./door-form-hours.tsx"

const count = (number: number, one: string, more: string): string => `${number} ${number === 1 ? one : more}`

const ENTERING = ["hours", "threat", "twoPerson_s", "decoys", "pinOnly", "enrollers", "narrowed_min", "heeded"] as const

export function Entering(part: FormPart) {
  const { text, fault } = part
  const says = [
    text.hours.length === 0 ? "the same at every hour" : count(text.hours.length, "line of hours", "lines of hours"),
    ...(text.threat.length > 0 ? [count(text.threat.length, "threat level", "threat levels")] : []),
    ...(text.narrowed_min === "" ? [] : ["heeds other doors"]),
    ...(text.twoPerson_s === "" ? [] : ["two people"]),
  ]
  return (
    <Fold title="Hours, factors and people" says={says.join(", ")} holds={ENTERING} fault={fault}>
      <Hours {...part} />
      <ThreatLevels {...part} />
      <Heeding {...part} />
      <div className="two">
        <TextField
          {...part}
          label="Second person within"
          hint="seconds in which another person must show theirs too; empty: one is enough"
          part="twoPerson_s"
        />
        <TextField
          {...part}
          label="Decoy digits"
          hint="0 to 8 that may stand around a PIN, so that worn keys tell less"
          part="decoys"
        />
        <TextField
          {...part}
          label="People by PIN alone"
          hint={`where a PIN is enough; never more than ${pinsAlone_max()}`}
          part="pinOnly"
        />
      </div>
      <Enrollers {...part} />
    </Fold>
  )
}

const PASSBACK: readonly (readonly [Antipassback, string])[] = [
  ["none", "does not matter"],
  ["soft", "is noted"],
  ["hard", "is refused"],
]
const EGRESS = [
  ["0", "at once"],
  ["15", "15 s after the bar is pushed"],
  ["30", "30 s, where the authority allows it"],
] as const
const PASSING = [
  "extendedUnlock_s",
  "extendedHeldOpen_s",
  "antipassback",
  "antipassback_h",
  "interlock",
  "egress_s",
  "fire",
] as const

export function Passing(part: FormPart) {
  const { text, set, fault } = part
  const says = [
    ...(text.antipassback === "none" ? [] : ["antipassback"]),
    ...(text.interlock ? ["interlock"] : []),
    ...(text.egress_s === "0" ? [] : ["delayed way out"]),
    ...(text.fire ? ["fire unlocks it"] : []),
  ]
  const egress = EGRESS.find(([word]) => word === text.egress_s)?.[0] ?? "0"
  return (
    <Fold title="Way through" says={says.join(", ") || "as usual"} holds={PASSING} fault={fault}>
      <div className="two">
        <TextField
          {...part}
          label="Longer unlock time"
          hint="seconds, for people who need longer"
          part="extendedUnlock_s"
        />
        <TextField
          {...part}
          label="For them held open after"
          hint="seconds until the door complains"
          part="extendedHeldOpen_s"
        />
        <Choice
          label="Coming in twice without leaving"
          hint="antipassback; needs a reader inside"
          value={text.antipassback}
          words={PASSBACK}
          onChange={(antipassback) => set({ antipassback })}
        />
        <TextField {...part} label="Forgotten after" hint="hours; empty: never" part="antipassback_h" />
        <Choice
          label="The way out opens"
          hint="A delay needs a fail-safe door that a fire alarm unlocks (NFPA 101)."
          fault={faultAt(fault, "egress_s")}
          value={egress}
          words={EGRESS}
          onChange={(egress_s) => set({ egress_s })}
        />
      </div>
      <Tick
        {...part}
        label="A fire alarm unlocks it"
        hint="The fire panel's wire ends at this lock; the bolt is drawn until the alarm is over and somebody relocks."
        part="fire"
      />
      <Tick
        {...part}
        label="One of a pair that never stand open together"
        hint="It opens only while the other door is closed and locked, as its wire says. The way out stays free."
        part="interlock"
      />
    </Fold>
  )
}

const ACT_WORDS: Readonly<Record<Act, string>> = {
  unlock: "Unlock once",
  normal: "Back to normal",
  lockdown: "Lock down",
  evacuation: "Evacuate: stand unlocked until ended",
  office: "Stand unlocked for a while",
  service: "Service: alarms become notes",
  "threat level": "Set a threat level",
  locate: "Blink, so that somebody finds it",
  reset: "Reset the lock, with the button inside its case",
  "hand over": "Hand over, with the button inside its case",
  replace: "Replace the board, with the button inside its case",
}

export function Orders({ text, set, fault }: FormPart) {
  const taken = ACTS.filter((act) => text.acts.includes(act))
  const some = taken.length === 0 ? "none" : taken.join(", ")
  const says = taken.length === ACTS.length ? "all of them" : some
  const toggle = (act: Act, on: boolean): void =>
    set({ acts: ACTS.filter((each) => (each === act ? on : text.acts.includes(each))) })
  return (
    <Fold title="Orders from afar" says={says} holds={["acts"]} fault={fault}>
      <p className="muted">
        Each order is one person's signature for this lock alone. What is not ticked, the lock refuses whoever signs it.
      </p>
      <fieldset className="stack tight">
        <legend className="hidden">Orders that this door takes</legend>
        {ACTS.map((act) => (
          <label key={act} className="check">
            <input
              type="checkbox"
              checked={text.acts.includes(act)}
              onChange={(event) => toggle(act, event.target.checked)}
            />
            <span>
              {ACT_WORDS[act]}
              {NARROWING_ACTS.includes(act) && <small className="muted"> only narrows</small>}
            </span>
          </label>
        ))}
      </fieldset>
    </Fold>
  )
}

const ACTUATORS: readonly (readonly [Actuator, string])[] = [
  ["motor", "motor: moves the bolt and leaves it there"],
  ["solenoid", "solenoid: holds it only while energised"],
]
const CLASSES: readonly (readonly [DeviceClass, string])[] = [
  ["full replacement", "full replacement"],
  ["retrofit", "retrofit"],
  ["stand-alone controller", "stand-alone controller"],
]
const HARDENED: readonly HardenedPart[] = ["bolt", "strike", "anti-drill plate", "pins", "anti-pick"]
const CHEMISTRIES: readonly (readonly [Chemistry | "", string])[] = [
  ["", "mains"],
  ["alkaline", "alkaline cells"],
  ["lithium iron disulfide", "lithium iron disulfide cells"],
  ["lithium manganese dioxide", "lithium manganese dioxide cells"],
  ["lithium thionyl chloride", "lithium thionyl chloride cells"],
]
const FITTED = ["bodyGrade", "cells", "capacity_mah", "holdUp_s"] as const

export function Fitted(part: FormPart) {
  const { text, set, fault } = part
  const says = `${text.actuator} on ${text.chemistry === "" ? "mains" : `${text.cells} ${text.chemistry} cells`}`
  return (
    <Fold title="What is fitted" says={says} holds={FITTED} fault={fault}>
      <div className="two">
        <Choice
          label="Bolt moved by"
          value={text.actuator}
          words={ACTUATORS}
          onChange={(actuator) => set({ actuator })}
        />
        <Choice
          label="Class of device"
          value={text.deviceClass}
          words={CLASSES}
          onChange={(deviceClass) => set({ deviceClass })}
        />
        <Choice
          label="Fed by"
          hint="What the cells are tells the lock what their voltage means."
          value={text.chemistry}
          words={CHEMISTRIES}
          onChange={(chemistry) => set({ chemistry })}
        />
        {text.chemistry !== "" && (
          <>
            <TextField {...part} label="Cells" hint="in series, 1 to 12" part="cells" />
            <TextField {...part} label="One cell holds" hint="mAh, by its data sheet" part="capacity_mah" />
          </>
        )}
        <TextField
          {...part}
          label="Reserve"
          hint="seconds that a fail-safe door stays locked without mains; empty: none"
          part="holdUp_s"
        />
        <TextField {...part} label="Grade of the body" hint="1 to 7 after EN 14846; 0: not stated" part="bodyGrade" />
      </div>
      <fieldset className="stack tight">
        <legend>Hardened</legend>
        <div className="row">
          {HARDENED.map((piece) => (
            <label key={piece} className="check">
              <input
                type="checkbox"
                checked={text.hardened.includes(piece)}
                onChange={(event) =>
                  set({
                    hardened: HARDENED.filter((each) =>
                      each === piece ? event.target.checked : text.hardened.includes(each),
                    ),
                  })
                }
              />
              {piece}
            </label>
          ))}
        </div>
      </fieldset>
      <Tick
        {...part}
        label="A mechanical key opens it too"
        hint="Turning it is recorded; nothing electronic can refuse it."
        part="mechanicalKey"
      />
    </Fold>
  )
}

const FIRMWARE = ["firmware", "window_from", "window_until"] as const

export function Firmware(part: FormPart) {
  const { text, set, fault } = part
  const images = text.firmware.split("\n").filter((line) => line.trim() !== "").length
  const says = images === 0 ? "takes none" : `${count(images, "image", "images")} admitted`
  return (
    <Fold title="Firmware" says={says} holds={FIRMWARE} fault={fault}>
      <Field
        label="Images that this lock may take"
        hint="SHA-256 of each, one a line, as npm run image -- show prints it. The vendor's signature is asked for as well."
        fault={faultAt(fault, "firmware")}
      >
        {(field) => (
          <textarea
            {...field}
            className="mono"
            rows={3}
            spellCheck={false}
            value={text.firmware}
            onChange={(event) => set({ firmware: event.target.value })}
          />
        )}
      </Field>
      <div className="two">
        <TextField {...part} label="Changes from" hint="UTC, like 02:00; empty: at any hour" part="window_from" />
        <TextField {...part} label="Changes until" hint="UTC, over midnight too" part="window_until" />
      </div>
    </Fold>
  )
}
