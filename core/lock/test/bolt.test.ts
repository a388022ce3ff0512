/** The bolt as a table that a locksmith can read, and every state with every input. */
import { uptime } from "@holdfast/base"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import { ATTEMPTS_MAX, type Bolt, type BoltInput, boltWakes, driveOf, heldEnd, nextBolt } from "../src/bolt.ts"

const NOW = uptime(10_000)
const STATES: Readonly<Record<string, Bolt>> = {
  unknown: { is: "unknown" },
  thrown: { is: "thrown" },
  drawing: { is: "drawing", attempt: 1, until: uptime(12_000), unlock_ms: 5_000 },
  "drawing late": { is: "drawing", attempt: 1, until: uptime(10_000), unlock_ms: 5_000 },
  "drawing last": { is: "drawing", attempt: ATTEMPTS_MAX, until: uptime(10_000), unlock_ms: 5_000 },
  drawn: { is: "drawn", throwAt: uptime(15_000) },
  "drawn over": { is: "drawn", throwAt: uptime(10_000) },
  throwing: { is: "throwing", attempt: 1, until: uptime(12_000) },
  "throwing late": { is: "throwing", attempt: 1, until: uptime(10_000) },
  "throwing last": { is: "throwing", attempt: ATTEMPTS_MAX, until: uptime(10_000) },
  jammed: { is: "jammed", wanted: "thrown" },
  "jammed shut": { is: "jammed", wanted: "drawn" },
  "not fully": { is: "not fully thrown" },
}
const INPUTS: Readonly<Record<string, BoltInput>> = {
  draw: { kind: "draw", unlock_ms: 5_000 },
  throw: { kind: "throw" },
  "let go": { kind: "let go", unlock_ms: 5_000 },
  "at thrown": { kind: "sensed", bolt: "thrown", unlock_ms: 5_000 },
  "at drawn": { kind: "sensed", bolt: "drawn", unlock_ms: 5_000 },
  between: { kind: "sensed", bolt: "between", unlock_ms: 5_000 },
  stalled: { kind: "stalled" },
  time: { kind: "tick" },
}

// state | what happens | door closed (may throw) or open | next state | what the motor is told
const TABLE = `
  thrown         draw       closed   drawing            draw
  thrown         throw      closed   thrown             -
  thrown         at drawn   closed   drawn              -
  thrown         between    closed   drawn              -
  thrown         time       closed   thrown             -
  thrown         stalled    closed   thrown             -
  drawing        at thrown  closed   drawing            -
  drawing        between    closed   drawing            -
  drawing        at drawn   closed   drawn              stop
  drawing        throw      closed   drawing            -
  drawing        stalled    closed   drawing            draw
  drawing        time       closed   drawing            -
  drawing late   time       closed   drawing            draw
  drawing last   time       closed   jammed             stop
  drawing last   stalled    open     jammed             stop
  drawn          draw       closed   drawn              -
  drawn          at drawn   closed   drawn              -
  drawn          at thrown  closed   thrown             -
  drawn          throw      closed   throwing           throw
  drawn          throw      open     drawn              -
  drawn          time       closed   drawn              -
  drawn over     time       closed   throwing           throw
  drawn over     time       open     drawn              -
  throwing       at thrown  closed   thrown             stop
  throwing       at drawn   closed   throwing           -
  throwing       between    closed   throwing           -
  throwing       draw       closed   drawing            draw
  throwing       throw      closed   throwing           -
  throwing       stalled    closed   throwing           throw
  throwing       let go     closed   drawn              stop
  drawn over     let go     closed   drawn              -
  thrown         let go     closed   thrown             -
  drawing        let go     closed   drawing            -
  jammed         let go     closed   jammed             -
  throwing       stalled    open     drawn              stop
  throwing late  time       closed   throwing           throw
  throwing late  time       open     drawn              stop
  throwing last  time       closed   not fully thrown   stop
  throwing last  stalled    closed   jammed             stop
  jammed         draw       closed   drawing            draw
  jammed         throw      closed   throwing           throw
  jammed         throw      open     jammed             -
  jammed         at thrown  closed   thrown             -
  jammed         at drawn   open     drawn              -
  jammed         time       closed   jammed             -
  jammed shut    draw       closed   drawing            draw
  jammed shut    at drawn   closed   drawn              -
  not fully      throw      closed   throwing           throw
  not fully      between    closed   not fully thrown   -
  not fully      time       closed   not fully thrown   -
  unknown        at thrown  closed   thrown             -
  unknown        at drawn   closed   drawn              -
  unknown        between    closed   throwing           throw
  unknown        between    open     unknown            -
  unknown        time       closed   unknown            -
  unknown        draw       closed   drawing            draw
`
for (const row of TABLE.trim().split("\n")) {
  const [from = "", what = "", leaf = "", to = "", drive = ""] = row.trim().split(/\s{2,}/)
  test(`${from}, ${what}, door ${leaf}: ${to}, motor ${drive}`, () => {
    const before = STATES[from]
    const input = INPUTS[what]
    ok(before !== undefined && input !== undefined)
    const after = nextBolt(before, NOW, input, leaf === "closed")
    equal(after.is, to)
    equal(driveOf(before, after) ?? "-", drive)
  })
}

test("every state with every input: the motor throws only where it may, and draws only when told", () => {
  for (const before of Object.values(STATES))
    for (const input of Object.values(INPUTS))
      for (const mayThrow of [true, false]) {
        const after = nextBolt(before, NOW, input, mayThrow)
        const drive = driveOf(before, after)
        if (drive === "throw") ok(mayThrow, `${before.is}, ${input.kind}`)
        if (drive === "draw") ok(input.kind === "draw" || before.is === "drawing", `${before.is}, ${input.kind}`)
        if (after.is === "thrown") ok(before.is === "thrown" || (input.kind === "sensed" && input.bolt === "thrown"))
        if (after.is === "drawn" && before.is !== "drawn" && before.is !== "throwing")
          ok(input.kind === "sensed" && input.bolt !== "thrown", "drawn is what a sensor said")
      }
})

test("left alone, every state comes to rest: retries are bounded", () => {
  for (const start of Object.values(STATES))
    for (const mayThrow of [true, false]) {
      let bolt = start
      let wakes = 0
      for (let at = boltWakes(bolt, mayThrow); at !== null; at = boltWakes(bolt, mayThrow)) {
        bolt = nextBolt(bolt, uptime(Math.max(at, NOW)), { kind: "tick" }, mayThrow)
        ok(++wakes <= 2 * ATTEMPTS_MAX + 1, start.is)
      }
    }
})

// what begins the drive, door closed | attempts, each with 2 s, that fail by standing still | where it ends
const DRIVES = `
  thrown      draw      1 2 3   jammed
  jammed      throw     1 2 3   jammed
  drawn over  time      1 2 3   jammed
  unknown     between   1 2 3   jammed
`
for (const row of DRIVES.trim().split("\n")) {
  const [from = "", what = "", attempts = "", end = ""] = row.trim().split(/\s{2,}/)
  test(`a drive has two seconds and three attempts: ${from}, ${what}`, () => {
    const [state, input] = [STATES[from], INPUTS[what]]
    ok(state !== undefined && input !== undefined)
    let bolt = nextBolt(state, NOW, input, true)
    const tried: number[] = []
    while (bolt.is === "drawing" || bolt.is === "throwing") {
      tried.push(bolt.attempt)
      equal(bolt.until, 12_000)
      equal(boltWakes(bolt, false), 12_000)
      bolt = nextBolt(bolt, NOW, { kind: "stalled" }, true)
    }
    equal(tried.join(" "), attempts)
    equal(bolt.is, end)
  })
}

test("a drawn bolt is locked when its time is over, unless the door stands open; then it waits for an event", () => {
  const drawn = STATES.drawn
  ok(drawn !== undefined)
  deepEqual([boltWakes(drawn, true), boltWakes(drawn, false)], [15_000, null])
  for (const [name, state] of Object.entries(STATES))
    if (!name.startsWith("draw") && !name.startsWith("throwing")) equal(boltWakes(state, true), null, name)
})

// a solenoid holds it at | before | after | what the coil is told
const COILS = `
  thrown   thrown     drawing    draw
  thrown   drawing    drawn      stop
  thrown   drawn      throwing   throw
  thrown   throwing   thrown     hold
  thrown   thrown     drawn      stop
  thrown   thrown     jammed     stop
  thrown   drawn      thrown     hold
  drawn    thrown     drawing    draw
  drawn    drawing    drawn      hold
  drawn    drawn      throwing   throw
  drawn    drawn      thrown     stop
  drawn    throwing   thrown     stop
  drawn    thrown     drawn      hold
  drawn    drawn      drawn      -
  thrown   thrown     thrown     -
`
for (const row of COILS.trim().split("\n")) {
  const [held = "", before = "", after = "", drive = ""] = row.trim().split(/\s{2,}/)
  test(`a coil that holds the bolt ${held}, from ${before} to ${after}: ${drive}`, () => {
    const [from, to] = [STATES[before], STATES[after]]
    ok(from !== undefined && to !== undefined && (held === "thrown" || held === "drawn"))
    equal(driveOf({ ...from }, { ...to }, held) ?? "-", drive)
  })
}

test("a coil is energised thrown at a fail-safe door and drawn at a fail-secure one; a motor never is", () => {
  const ends = (["motor", "solenoid"] as const).flatMap((actuator) =>
    (["safe", "secure"] as const).map((failMode) => heldEnd(actuator, failMode)),
  )
  deepEqual(ends, [null, null, "thrown", "drawn"])
})

test("where nothing changes, and where a bolt merely arrives by hand, the motor is told nothing at all", () => {
  const { thrown, drawn } = STATES
  ok(thrown !== undefined && drawn !== undefined)
  deepEqual([driveOf(thrown, thrown), driveOf(thrown, drawn)], [null, null])
})
