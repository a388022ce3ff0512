/** The decision, as a table that a locksmith can read, and as sweeps over all small cases. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { unixSeconds } from "@holdfast/base"
import { decide, NOBODY_DENIED, type Presented, requiredFactors, type Verdict } from "../src/decide.ts"
import { type Factors, type Shown, satisfies } from "../src/factors.ts"
import { decodePolicy, encodePolicy, type Policy } from "../src/policy.ts"
import { REFUSALS, type Refusal, refusalNumber, refusalOf } from "../src/refusal.ts"
import { Building, credential, id, person, schedule } from "./building.ts"

/** Monday 2026-11-23, 00:00 UTC. */
const MONDAY = 1_795_392_000
const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
const OFFICE = { days: 0b0011111, from_min: 540, until_min: 1020 }

function time(text: string): number {
  const [day, clock] = text.split(" ")
  const [hour, minute] = (clock ?? "").split(":").map(Number)
  ok(day !== undefined && hour !== undefined && minute !== undefined, `a time reads "Mon 09:00", not "${text}"`)
  return MONDAY + DAYS.indexOf(day) * 86_400 + hour * 3600 + minute * 60
}

/**
 * The lab opens with a card in office hours and with card and PIN otherwise.
 * Staff may come in office hours, cleaners always. Ana has card and PIN; the others have what their row shows.
 */
function lab(): Policy {
  const building = new Building(time("Mon 00:00") - 3600)
  building.says(building.hours("office", [OFFICE]))
  const modes = [
    { schedule: schedule("office"), factors: "card" },
    { schedule: null, factors: "card and pin" },
  ] as const
  building.setDoor("lab", { modes })
  for (const name of ["staff", "cleaners"]) building.says({ kind: "group set", group: id<"GroupId">(name), name })
  building.says(building.grantTo("staff", ["lab"], "office"))
  building.says(building.grantTo("cleaners", ["lab"], null))
  for (const name of ["ana", "bo", "cy", "dee", "eve", "flo", "gus", "hal"]) building.addPerson(name, ["card", "pin"])
  building.says(building.member("staff", "ana"))
  building.says(building.member("cleaners", "bo", null, time("Wed 12:00")))
  building.says(building.member("staff", "cy", time("Wed 00:00")))
  building.says(building.member("staff", "dee"))
  building.says(building.member("staff", "eve"))
  building.says(building.member("cleaners", "gus"))
  building.says(building.member("cleaners", "hal", time("Mon 10:00"), time("Mon 11:00")))
  building.says({ kind: "person revoke", person: person("dee") })
  building.says({ kind: "deny", person: person("eve"), credential: null })
  const decoded = decodePolicy(encodePolicy(building.policy("lab")))
  ok(decoded !== null, "what compiles also decodes")
  return decoded
}

const policy = lab()

function shows(who: string, what: string): Presented {
  const named = (kind: "card" | "pin") => credential(`${who} ${kind}`)
  return {
    card: what.includes("card") ? named("card") : null,
    pin: what.includes("PIN") ? named("pin") : null,
    identifier: what.includes("UID") ? named("card") : null,
  }
}

function words(verdict: Verdict): string {
  return verdict.open ? "opens" : verdict.because
}

function decides(table: string): void {
  for (const line of table.trim().split("\n")) {
    const [who, what, when, expected, told] = line.trim().split(/ {2,}/)
    ok(who !== undefined && what !== undefined && when !== undefined && expected !== undefined, line)
    test(line.trim(), () => {
      const at = when === "unknown" ? null : unixSeconds(time(when))
      const denied =
        told === "(told to deny)" ? { people: new Set([person(who)]), credentials: new Set<never>() } : NOBODY_DENIED
      equal(words(decide(policy, shows(who, what), at, denied)), expected)
    })
  }
}

decides(`
  ana   card          Mon 08:59   outside schedule
  ana   card          Mon 09:00   opens
  ana   card          Mon 16:59   opens
  ana   card          Mon 17:00   outside schedule
  ana   card          Sat 10:00   outside schedule
  ana   PIN           Mon 10:00   another factor needed
  ana   UID           Mon 10:00   another factor needed
  ana   card and PIN  Mon 10:00   opens
  ana   card          unknown     time unknown
  ana   nothing       Mon 10:00   nothing presented
  ana   card          Mon 10:00   denied                  (told to deny)
  bo    card          Mon 10:00   opens
  bo    card          Mon 03:00   another factor needed
  bo    card and PIN  Mon 03:00   opens
  bo    card and PIN  Wed 11:59   opens
  bo    card and PIN  Wed 12:00   expired
  bo    card and PIN  unknown     time unknown
  cy    card          Tue 10:00   not yet valid
  cy    card          Wed 08:59   outside schedule
  cy    card          Wed 09:00   opens
  dee   card          Mon 10:00   revoked
  dee   card          unknown     revoked
  eve   card          Mon 10:00   denied
  flo   card          Mon 10:00   unknown credential
  gus   card          unknown     another factor needed
  gus   card and PIN  unknown     opens
  gus   card and PIN  Sun 23:59   opens
  hal   card          Mon 09:59   not yet valid
  hal   card          Mon 10:00   opens
  hal   card          Mon 11:00   expired
`)

test("a card of one person and a PIN of another is refused", () => {
  const presented = { card: credential("ana card"), pin: credential("bo pin"), identifier: null }
  equal(words(decide(policy, presented, unixSeconds(time("Mon 10:00")), NOBODY_DENIED)), "credentials of two people")
})

test("a PIN is no card: a credential in the wrong place is unknown", () => {
  const presented = { card: credential("ana pin"), pin: null, identifier: null }
  equal(words(decide(policy, presented, unixSeconds(time("Mon 10:00")), NOBODY_DENIED)), "unknown credential")
})

test("an opening names person, credential and grant; a refusal names as much as it knows", () => {
  const at = unixSeconds(time("Mon 10:00"))
  deepEqual(decide(policy, shows("ana", "card and PIN"), at, NOBODY_DENIED), {
    open: true,
    person: person("ana"),
    credential: credential("ana card"),
    grant: id<"GrantId">("staff"),
  })
  deepEqual(decide(policy, shows("dee", "PIN"), at, NOBODY_DENIED), {
    open: false,
    because: "revoked",
    person: person("dee"),
    credential: credential("dee pin"),
  })
  deepEqual(decide(policy, shows("flo", "card"), at, NOBODY_DENIED), {
    open: false,
    because: "unknown credential",
    person: null,
    credential: credential("flo card"),
  })
})

test("every refusal can be reached, and its number is its own", () => {
  const at = unixSeconds(time("Mon 10:00"))
  const mixed = { card: credential("ana card"), pin: credential("bo pin"), identifier: null }
  const bare: Policy = { ...policy, grants: new Uint8Array(0) }
  const reached = new Set<Refusal>()
  const collect = (verdict: Verdict): void => {
    if (!verdict.open) reached.add(verdict.because)
  }
  collect(decide(bare, shows("ana", "card"), at, NOBODY_DENIED))
  collect(decide(policy, mixed, at, NOBODY_DENIED))
  for (const who of ["ana", "bo", "cy", "dee", "eve", "flo"])
    for (const what of ["nothing", "card", "PIN"])
      for (const when of [null, at, unixSeconds(time("Mon 03:00")), unixSeconds(time("Fri 12:00"))])
        collect(decide(policy, shows(who, what), when, NOBODY_DENIED))
  deepEqual([...reached].sort(), [...REFUSALS].sort())
  for (const refusal of REFUSALS) equal(refusalOf(refusalNumber(refusal)), refusal)
  equal(refusalOf(0), null)
  equal(refusalOf(REFUSALS.length + 1), null)
})

const ALL_FACTORS: readonly Factors[] = ["card", "pin", "card and pin", "card or pin", "identifier"]
const ALL_SHOWN: readonly Shown[] = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  card: (bits & 1) !== 0,
  pin: (bits & 2) !== 0,
  identifier: (bits & 4) !== 0,
}))

test("all factors against all that can be shown", () => {
  const enough: Record<Factors, readonly string[]> = {
    card: ["c", "cp", "ci", "cpi"],
    pin: ["p", "cp", "pi", "cpi"],
    "card and pin": ["cp", "cpi"],
    "card or pin": ["c", "p", "cp", "ci", "pi", "cpi"],
    identifier: ["c", "i", "cp", "ci", "pi", "cpi"],
  }
  for (const factors of ALL_FACTORS)
    for (const shown of ALL_SHOWN) {
      const letters = `${shown.card ? "c" : ""}${shown.pin ? "p" : ""}${shown.identifier ? "i" : ""}`
      equal(satisfies(shown, factors), enough[factors].includes(letters), `${factors} with ${letters}`)
    }
})

test("not knowing the time never widens: what is enough then is enough in every mode", () => {
  for (const day of ALL_FACTORS)
    for (const night of ALL_FACTORS) {
      const modes = [
        { schedule: 0, factors: day },
        { schedule: null, factors: night },
      ]
      const wanted = requiredFactors({ ...policy, config: { ...policy.config, modes } }, null)
      for (const shown of ALL_SHOWN)
        if (satisfies(shown, wanted))
          ok(satisfies(shown, day) && satisfies(shown, night), `${day}, ${night}: ${wanted}`)
    }
})

test("at every minute of a week the verdict is the one that plain arithmetic gives", () => {
  for (let minute = 0; minute < 7 * 1440; minute += 5) {
    const at = MONDAY + minute * 60
    const office = Math.floor(minute / 1440) < 5 && minute % 1440 >= 540 && minute % 1440 < 1020
    const may: Record<string, boolean> = {
      ana: office,
      bo: at < time("Wed 12:00"),
      cy: office && at >= time("Wed 00:00"),
      gus: true,
    }
    for (const [who, open] of Object.entries(may)) {
      equal(decide(policy, shows(who, "card and PIN"), unixSeconds(at), NOBODY_DENIED).open, open, `${who} ${minute}`)
      equal(decide(policy, shows(who, "card"), unixSeconds(at), NOBODY_DENIED).open, open && office, `${who} ${minute}`)
    }
  }
})
