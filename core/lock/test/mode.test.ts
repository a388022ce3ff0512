/** Modes, office hours, antipassback and the delayed way out, each as a table that a locksmith can read. */
import { idOf, later, type PersonId, uptime } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { type Direction, isPassback, type Passes, passed, PEOPLE_MAX } from "../src/antipassback.ts"
import { type Egress, type EgressInput, egressWakes, nextEgress } from "../src/egress.ts"
import {
  decodeModes,
  encodeModes,
  endOf,
  expire,
  isHeldDrawn,
  MODES,
  type Modes,
  modeOf,
  modesWake,
  type Ordered,
  QUIET,
  withOrdered,
} from "../src/mode.ts"
import { nextOffice, type OfficeHours } from "../src/office.ts"

// fire | ordered | level | office hours | what rules at a door that fire releases | and at one that it does not
const RANK = `
  quiet     -                              0   closed    normal         normal
  quiet     -                              0   waiting   normal         normal
  quiet     -                              0   unknown   normal         normal
  quiet     -                              0   open      office         office
  quiet     office                         0   closed    office         office
  quiet     narrowed                       0   open      threat level   threat level
  quiet     narrowed,office                0   closed    threat level   threat level
  quiet     narrowed,evacuation            0   closed    evacuation     evacuation
  alarm     narrowed                       0   closed    fire           threat level
  quiet     office                         2   open      threat level   threat level
  quiet     office,service                 0   closed    service        service
  quiet     service                        3   closed    service        service
  quiet     lockdown                       0   open      lockdown       lockdown
  quiet     lockdown,service,office        4   open      lockdown       lockdown
  quiet     evacuation,lockdown            0   closed    evacuation     evacuation
  alarm     -                              0   closed    fire           normal
  alarm     evacuation,lockdown,service    4   open      fire           evacuation
  alarm     lockdown                       0   open      fire           lockdown
  waiting   -                              0   closed    fire           normal
  waiting   lockdown                       0   closed    fire           lockdown
`
for (const row of RANK.trim().split("\n")) {
  const [fire = "", named = "", level = "", office = "", released = "", not = ""] = row.trim().split(/\s{2,}/)
  test(`fire ${fire}, ordered ${named}, level ${level}, office ${office}: ${released} rules`, () => {
    const words = named === "-" ? [] : (named.split(",") as Ordered[])
    const modes = {
      fire: fire as Modes["fire"],
      ordered: new Map(words.map((word) => [word, null])),
      level: Number(level),
      office: office as OfficeHours,
      narrowed: null,
    }
    equal(modeOf(modes, true), released)
    equal(modeOf(modes, false), not)
  })
}

test("fire, evacuation and office hold the bolt drawn, and nothing else does", () => {
  deepEqual(MODES.filter(isHeldDrawn), ["fire", "evacuation", "office"])
})

test("attack 126: an ordered mode ends at its time and wakes for it; one without an end does not", () => {
  const timed = withOrdered(withOrdered(QUIET, "service", uptime(5_000)), "lockdown", null)
  equal(modesWake(timed), 5_000)
  deepEqual(expire(timed, uptime(4_999)), { modes: timed, ended: [] })
  const over = expire(timed, uptime(5_000))
  deepEqual(over.ended, ["service"])
  deepEqual([...over.modes.ordered.keys()], ["lockdown"])
  equal(modesWake(over.modes), null)
  deepEqual([endOf(timed, "service"), endOf(timed, "lockdown"), endOf(timed, "normal")], [5_000, null, null])
})

// stored: fire | lockdown | evacuation | service | office | level | after the boot
const KEPT = `
  quiet     -    -    -    -    0   nothing
  alarm     -    -    -    -    0   fire waiting
  waiting   -    -    -    -    0   fire waiting
  quiet     open -    -    -    0   lockdown open
  quiet     60   -    -    -    0   lockdown 60
  quiet     -    open -    -    0   evacuation open
  quiet     -    60   -    -    0   nothing
  quiet     -    -    60   -    0   nothing
  quiet     -    -    -    60   0   nothing
  quiet     -    -    -    -    3   level 3
  alarm     open open 60   60   4   fire waiting, lockdown open, evacuation open, level 4
`
for (const row of KEPT.trim().split("\n")) {
  const [fire = "", lockdown = "", evacuation = "", service = "", office = "", level = "", after = ""] = row
    .trim()
    .split(/\s+(?=\S)/)
    .reduce<string[]>((cells, cell) => {
      if (cells.length < 7) cells.push(cell)
      else cells[6] = `${cells[6]} ${cell}`
      return cells
    }, [])
  test(`after a boot: ${row.trim().replace(/\s+/g, " ")}`, () => {
    const now = uptime(1_000)
    const until = (text: string) => (text === "open" ? null : later(now, Number(text) * 1_000))
    const told: Record<Exclude<Ordered, "narrowed">, string> = { lockdown, evacuation, service, office }
    const ordered = new Map(
      (Object.keys(told) as (keyof typeof told)[]).flatMap((word) =>
        told[word] === "-" ? [] : [[word, until(told[word])]],
      ),
    )
    const bytes = encodeModes({ ...QUIET, fire: fire as Modes["fire"], ordered, level: Number(level) }, now)
    const read = decodeModes(bytes, uptime(7))
    ok(read !== null)
    const said = [
      ...(read.fire === "quiet" ? [] : [`fire ${read.fire}`]),
      ...[...read.ordered].map(([word, end]) => `${word} ${end === null ? "open" : (end - 7) / 1_000}`),
      ...(read.level > 0 ? [`level ${read.level}`] : []),
    ]
    equal(said.join(", ") || "nothing", after)
    for (let size = 0; size < bytes.length; size++) equal(decodeModes(bytes.slice(0, size), now), null)
  })
}

// before | what the policy says for now | somebody was let in | after
const OFFICE = `
  unknown   unknown             no    unknown
  unknown   none                no    closed
  unknown   by schedule         no    waiting
  unknown   by schedule         yes   open
  unknown   after first entry   no    waiting
  closed    by schedule         no    open
  closed    after first entry   no    waiting
  closed    after first entry   yes   open
  closed    none                yes   closed
  waiting   by schedule         no    waiting
  waiting   by schedule         yes   open
  waiting   after first entry   yes   open
  waiting   none                no    closed
  open      by schedule         no    open
  open      after first entry   no    open
  open      none                no    closed
  open      unknown             no    unknown
`
for (const row of OFFICE.trim().split("\n")) {
  const [before = "", hours = "", entered = "", after = ""] = row.trim().split(/\s{2,}/)
  test(`office hours ${before}, the policy says ${hours}, entered: ${entered}: ${after}`, () => {
    const said = hours === "none" ? null : (hours as "by schedule" | "after first entry" | "unknown")
    equal(nextOffice(before as OfficeHours, said, entered === "yes"), after)
  })
}

const READY: Egress = { is: "ready" }
const COUNTING: Egress = { is: "counting", until: uptime(15_000) }
const FREE: Egress = { is: "free" }
// state | what happens | at | next
const EGRESS: readonly (readonly [Egress, EgressInput, number, string])[] = [
  [READY, { kind: "bar", delay_ms: 15_000 }, 0, "counting until 15000"],
  [READY, { kind: "tick" }, 99_999, "ready"],
  [READY, { kind: "let go" }, 0, "free"],
  [READY, { kind: "by hand" }, 0, "ready"],
  [COUNTING, { kind: "tick" }, 14_999, "counting until 15000"],
  [COUNTING, { kind: "tick" }, 15_000, "free"],
  [COUNTING, { kind: "bar", delay_ms: 15_000 }, 9_000, "counting until 15000"],
  [COUNTING, { kind: "by hand" }, 9_000, "counting until 15000"],
  [COUNTING, { kind: "let go" }, 9_000, "free"],
  [FREE, { kind: "tick" }, 99_999, "free"],
  [FREE, { kind: "bar", delay_ms: 15_000 }, 0, "free"],
  [FREE, { kind: "let go" }, 0, "free"],
  [FREE, { kind: "by hand" }, 0, "ready"],
]
for (const [before, input, at, after] of EGRESS)
  test(`R45: a delayed way out that is ${before.is}, ${input.kind} at ${at} ms: ${after}`, () => {
    const next = nextEgress(before, uptime(at), input)
    equal(next.is === "counting" ? `counting until ${next.until}` : next.is, after)
    equal(egressWakes(next), next.is === "counting" ? next.until : null)
  })

const person = (number: number): PersonId =>
  idOf(Uint8Array.from({ length: 16 }, (_, at) => (number >> (8 * at)) & 255))

// who passed before, in order | who goes where, and when | forgiven after | is that passing back
const PASSES = `
  -                  ana in     0     0      no
  ana in             ana in     1     0      yes
  ana in             ana out    1     0      no
  ana in, ana out    ana in     1     0      no
  ana in, ana out    ana out    1     0      yes
  ana in             bo in      1     0      no
  ana in             ana in     59    60     yes
  ana in             ana in     60    60     no
`
for (const row of PASSES.trim().split("\n")) {
  const [before = "", who = "", at = "", forgive = "", answer = ""] = row.trim().split(/\s{2,}/)
  test(`attack 57: ${before}; then ${who} after ${at} s, forgiven after ${forgive} s: ${answer}`, () => {
    const people: Readonly<Record<string, PersonId>> = { ana: person(1), bo: person(2) }
    const pass = (text: string) => {
      const [name = "", direction = ""] = text.split(" ")
      return { who: people[name] ?? person(9), direction: direction as Direction }
    }
    let passes: Passes = new Map()
    for (const each of before === "-" ? [] : before.split(", "))
      passes = passed(passes, pass(each).who, pass(each).direction, uptime(0))
    const tried = pass(who)
    const now = uptime(Number(at) * 1_000)
    equal(isPassback(passes, tried.who, tried.direction, now, Number(forgive) * 1_000), answer === "yes")
  })
}

test("of more people than fit the one who passed first is forgotten, and forgotten means free", () => {
  let passes: Passes = new Map()
  for (let number = 0; number <= PEOPLE_MAX; number++) passes = passed(passes, person(number), "in", uptime(number))
  equal(passes.size, PEOPLE_MAX)
  equal(isPassback(passes, person(0), "in", uptime(9_999), 0), false)
  equal(isPassback(passes, person(1), "in", uptime(9_999), 0), true)
})
