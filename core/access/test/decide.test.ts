/** The decision, as a table that a locksmith can read, and as sweeps over all small cases. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import fc from "fast-check"
import { unixSeconds } from "@holdfast/base"
import type { Cbor } from "@holdfast/base/cbor"
import { decide, NOBODY_DENIED, type Presented, requiredFactors, type Verdict } from "../src/decide.ts"
import {
  encodeFactors,
  enoughForBoth,
  type FactorKind,
  type Factors,
  type FactorsWord,
  mayContinue,
  readFactors,
  satisfies,
  type ShownKind,
  suitsGrade,
  type Way,
} from "../src/factors.ts"
import { decodePolicy, encodePolicy, type Policy } from "../src/policy.ts"
import { REFUSALS, type Refusal } from "../src/refusal.ts"
import { findCredential } from "../src/table.ts"
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
const ALL_KINDS: readonly FactorKind[] = ["card", "pin", "phone", "biometric", "identifier"]

function shows(who: string, what: string): Presented {
  const named = (kind: FactorKind, owned: string): Presented => [{ kind, credential: credential(`${who} ${owned}`) }]
  return [
    ...(what.includes("card") ? named("card", "card") : []),
    ...(what.includes("PIN") ? named("pin", "pin") : []),
    ...(what.includes("UID") ? named("identifier", "card") : []),
  ]
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
  const presented = [...shows("ana", "card"), ...shows("bo", "PIN")]
  equal(words(decide(policy, presented, unixSeconds(time("Mon 10:00")), NOBODY_DENIED)), "credentials of two people")
})

test("a PIN is no card: a credential in the wrong place is unknown", () => {
  const presented: Presented = [{ kind: "card", credential: credential("ana pin") }]
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
  const mixed = [...shows("ana", "card"), ...shows("bo", "PIN")]
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
  deepEqual([...reached].sort(), Object.keys(REFUSALS).sort())
  deepEqual(
    Object.values(REFUSALS),
    Array.from({ length: 11 }, (_, index) => index + 1),
  )
})

const FIVE_WORDS: readonly FactorsWord[] = ["card", "pin", "card and pin", "card or pin", "identifier"]

/** All that can be shown in all orders, one thing twice included. */
function showings(kinds: readonly FactorKind[], most: number): readonly (readonly ShownKind[])[] {
  const shorter = most === 0 ? [] : showings(kinds, most - 1)
  const longest = shorter.filter((shown) => shown.length === most - 1)
  return most === 0 ? [[]] : [...shorter, ...longest.flatMap((shown) => kinds.map((kind) => [...shown, { kind }]))]
}
const THREE_SHOWN = showings(["card", "pin", "identifier"], 3)
const ALL_SHOWN = showings(ALL_KINDS, 4)

test("the five words against all that can be shown", () => {
  const enough: Record<FactorsWord, readonly string[]> = {
    card: ["c", "cp", "ci", "cpi"],
    pin: ["p", "cp", "pi", "cpi"],
    "card and pin": ["cp", "cpi"],
    "card or pin": ["c", "p", "cp", "ci", "pi", "cpi"],
    identifier: ["c", "i", "cp", "ci", "pi", "cpi"],
  }
  for (const factors of FIVE_WORDS)
    for (const shown of THREE_SHOWN) {
      const letters = ["card", "pin", "identifier"].filter((kind) => shown.some((each) => each.kind === kind))
      const spelt = letters.map((kind) => kind.slice(0, 1)).join("")
      equal(satisfies(shown, factors), enough[factors].includes(spelt), `${factors} with ${spelt}`)
    }
})

// what the door wants | what is shown, in order | enough, or what goes on
const WAYS = `
  biometric then pin            biometric pin             enough
  biometric then pin            pin biometric             no
  biometric then pin            biometric                 goes on
  biometric then pin            pin                       no
  biometric then pin            biometric card pin        enough
  card+pin+biometric            pin biometric card        enough
  card+pin+biometric            pin card                  goes on
  card+pin+biometric            pin pin card              no
  card or pin+phone             card                      enough
  card or pin+phone             phone                     goes on
  card or pin+phone             phone phone               no
  card or pin+phone             pin phone                 enough
  card then pin then biometric  card pin biometric        enough
  card then pin then biometric  card biometric pin        no
  card then pin then biometric  card pin                  goes on
  pin+identifier                identifier                goes on
  pin+identifier                card pin                  enough
`
function waysFrom(text: string): readonly Way[] {
  return text.split(" or ").map((each) => {
    const ordered = each.includes(" then ")
    return { ordered, kinds: each.split(ordered ? " then " : "+") as FactorKind[] }
  })
}
for (const row of WAYS.trim().split("\n")) {
  const [wants = "", shows = "", outcome = ""] = row.trim().split(/ {2,}/)
  test(`a door that wants ${wants} sees ${shows}: ${outcome}`, () => {
    const shown = shows.split(" ").map((kind) => ({ kind: kind as FactorKind }))
    const wanted = waysFrom(wants)
    deepEqual(readFactors(encodeFactors(wanted)), wanted)
    equal(satisfies(shown, wanted) ? "enough" : mayContinue(shown, wanted) ? "goes on" : "no", outcome)
  })
}

test("two factors of one kind never count twice, whatever the door wants", () => {
  for (const kind of ALL_KINDS)
    for (const other of ALL_KINDS.filter((each) => each !== kind))
      for (const ordered of [true, false]) {
        const wanted = [{ kinds: [kind, other], ordered }]
        if (readFactors(encodeFactors(wanted)) === null) continue
        equal(satisfies([{ kind }, { kind }], wanted), false, `${kind} and ${other}`)
      }
})

test("ways that are no ways do not read", () => {
  const wrong: readonly Cbor[] = [
    0,
    6,
    [],
    [[]],
    [[false]],
    [[true, 1]],
    [[false, 2, 1]],
    [[false, 1, 1]],
    [[true, 1, 1]],
  ]
  const more: readonly Cbor[] = [[[false, 0]], [[false, 6]], [[false, 1, 5]], [[false, 1, 2, 3, 4]], [[1, 1]], "card"]
  for (const value of [...wrong, ...more]) equal(readFactors(value), null, JSON.stringify(value))
  equal(readFactors(Array.from({ length: 5 }, () => [false, 1])), null)
  for (const [at, word] of FIVE_WORDS.entries()) {
    equal(encodeFactors(word), at + 1, "the five words keep their numbers")
    equal(readFactors(at + 1), word)
  }
})

test("attack 38: biometrics are never the only factor of a door of grade 3 or 4, in no way in", () => {
  for (const wanted of ["biometric", "card or biometric", "biometric or biometric+pin"].map(waysFrom))
    deepEqual(
      [1, 2, 3, 4].map((grade) => suitsGrade(wanted, grade)),
      [true, true, false, false],
    )
  ok(suitsGrade(waysFrom("biometric then pin"), 3))
  deepEqual(
    [1, 2, 3, 4].map((grade) => suitsGrade(waysFrom("pin+identifier"), grade)),
    [true, false, false, false],
  )
})

const kindOf = fc.constantFrom(...ALL_KINDS)
const wayOf: fc.Arbitrary<Way> = fc
  .record({ kinds: fc.uniqueArray(kindOf, { minLength: 1, maxLength: 3 }), ordered: fc.boolean() })
  .map(({ kinds, ordered }) => ({ kinds, ordered: ordered && kinds.length > 1 }))
  .filter(({ kinds }) => !(kinds.includes("card") && kinds.includes("identifier")))
const factorsOf: fc.Arbitrary<Factors> = fc.oneof(
  fc.constantFrom(...FIVE_WORDS),
  fc.array(wayOf, { minLength: 1, maxLength: 3 }),
)

test("not knowing the time never widens: what is enough then is enough in every mode", () => {
  const check = (wants: readonly Factors[]): void => {
    const modes = wants.map((factors, at) => ({ schedule: at === wants.length - 1 ? null : 0, factors }))
    const wanted = requiredFactors({ ...policy, config: { ...policy.config, modes } }, null)
    for (const shown of ALL_SHOWN)
      if (satisfies(shown, wanted))
        for (const factors of wants)
          ok(satisfies(shown, factors), `${JSON.stringify(wants)}: ${JSON.stringify(wanted)}`)
  }
  for (const day of FIVE_WORDS) for (const night of FIVE_WORDS) check([day, night])
  fc.assert(fc.property(fc.array(factorsOf, { minLength: 1, maxLength: 4 }), check), { numRuns: 200, seed: 20_261_122 })
})

test("and it is no stricter than it must be: unordered ways open with all that the modes ask for together", () => {
  for (const day of FIVE_WORDS)
    for (const night of FIVE_WORDS)
      for (const shown of THREE_SHOWN) {
        const both = enoughForBoth(day, night)
        equal(satisfies(shown, both), satisfies(shown, day) && satisfies(shown, night), `${day}, ${night}`)
      }
  deepEqual(enoughForBoth(waysFrom("pin then biometric"), waysFrom("biometric then pin")), [])
  deepEqual(enoughForBoth(waysFrom("biometric then pin"), "card"), waysFrom("biometric then pin then card"))
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

test("a door without hours wants what its one mode says, at any known time", () => {
  const config = { ...policy.config, modes: [{ schedule: null, factors: "card" }] as const }
  equal(requiredFactors({ ...policy, config }, unixSeconds(time("Sat 03:00"))), "card")
})

test("a row of the policy answers to its own kind only, and an unknown credential to none", () => {
  const at = unixSeconds(time("Mon 10:00"))
  const row = findCredential(policy.credentials, credential("ana card"))
  const numbers: Record<FactorKind, number> = { card: 1, pin: 2, phone: 3, biometric: 4, identifier: 1 }
  for (const number of [0, 1, 2, 3, 4, 5])
    for (const kind of ALL_KINDS) {
      const credentials = policy.credentials.slice()
      credentials[row + 20] = number
      const verdict = decide(
        { ...policy, credentials },
        [{ kind, credential: credential("ana card") }],
        at,
        NOBODY_DENIED,
      )
      equal(words(verdict) === "unknown credential", numbers[kind] !== number, `${kind} at a row of kind ${number}`)
    }
  const nobody = decide(crossed(), shows("flo", "card"), at, NOBODY_DENIED)
  equal(words(nobody), "unknown credential", "whatever stands in the table before its first kind")
})

/** A policy whose first row has an owner that would read as a kind, if it were read in the wrong place. */
function crossed(): Policy {
  const credentials = policy.credentials.slice()
  credentials[19] = 1
  return { ...policy, credentials }
}

test("an opening names its own grant, whichever row of the table it is", () => {
  const at = unixSeconds(time("Mon 10:00"))
  for (const [who, grant] of [
    ["ana", "staff"],
    ["bo", "cleaners"],
    ["gus", "cleaners"],
  ] as const) {
    const verdict = decide(policy, shows(who, "card"), at, NOBODY_DENIED)
    equal(verdict.open && verdict.grant, id<"GrantId">(grant))
  }
})
