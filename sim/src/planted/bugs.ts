/**
 * Bugs planted on purpose, at least one for each rule: a file, a piece of it that stands there exactly once, and what to put in
 * its place.
 *
 * A rule whose bug is not caught is not a rule. Nothing of this is in the product: the piece is replaced while the module is
 * loaded, in a process of its own (docs/adr, 0016). When the code moves on and a piece is not found, its test fails.
 */
import { BEYOND_A_DOOR } from "./beyond-a-door.ts"
import type { Bug } from "./bug.ts"

export const BUGS: readonly Bug[] = [
  {
    rule: "I-01",
    about: "the decision forgets the hours of a grant",
    file: "core/access/src/decide.ts",
    find: `return inHours ? null : "outside schedule"`,
    replace: "return null",
  },
  {
    rule: "I-02",
    about: "a code that was judged stays in the keypad's buffer",
    file: "core/lock/src/judging.ts",
    find: `  draft.set({ collecting: NOTHING_SHOWN })
  const entry = shown.find((each) => each.kind === "pin")
`,
    replace: `  const entry = shown.find((each) => each.kind === "pin")
  const digitsUntil = entry === undefined ? null : draft.later(10_000)
  draft.set({ collecting: { ...NOTHING_SHOWN, digits: entry?.code ?? "", digitsUntil } })
`,
  },
  {
    rule: "I-03",
    about: "a leaf that opens against a thrown bolt is taken for an ordinary opening",
    file: "core/lock/src/door.ts",
    find: `if (door.is === "closed" && !input.expected) return { is: "forced" }`,
    replace: "",
  },
  {
    rule: "I-04",
    seed: 1,
    about: "a lock that lost its policy opens to any code",
    file: "core/lock/src/judging.ts",
    find: "  if (outcome.open) admit(draft, outcome, looked)\n",
    replace: `  if (looked !== null && draft.lock.active === null) draft.effect({ kind: "drive", drive: "draw" })
  else if (outcome.open) admit(draft, outcome, looked)
`,
  },
  {
    rule: "I-05",
    about: "a line that comes back carries out an old command",
    file: "core/lock/src/reporting.ts",
    find: `  draft.set({ linked: true })
`,
    replace: `  draft.set({ linked: true })
  draft.effect({ kind: "drive", drive: "draw" })
`,
  },
  {
    rule: "I-06",
    about: "the bolt is thrown whatever the leaf does",
    file: "core/lock/src/moving.ts",
    find: "mayLock(lock.door) && ",
    replace: "",
  },
  {
    rule: "I-07",
    seed: 3,
    about: "an order may bear any nonce, as long as one is out",
    file: "core/lock/src/ordering.ts",
    find: `  if (!equalBytes(nonce, asked.nonce)) return refuse("old nonce")
`,
    replace: "",
  },
  {
    rule: "I-08",
    seed: 1,
    about: "orders are obeyed as fast as they come",
    file: "core/lock/src/ordering.ts",
    find: `  if (openings.length > OPENINGS_A_MINUTE_MAX) return "too often"
`,
    replace: "",
  },
  {
    rule: "I-10",
    seed: 1,
    about: "a card that cannot prove its number is taken for it",
    file: "core/lock/src/presenting.ts",
    find: `{ kind: "card", credential: null, because: said }`,
    replace: `{ kind: "card", credential: exchange.credential, because: said }`,
  },
  {
    rule: "I-11",
    about: "a wrong code blinks twice",
    file: "core/lock/src/judging.ts",
    find: "if (looked !== null && isAlarm(",
    replace: `if (looked !== null && !looked.tooSoon) draft.show("denied")
  if (looked !== null && isAlarm(`,
  },
  {
    rule: "I-12",
    about: "one key has a tone of its own",
    file: "core/lock/src/presenting.ts",
    find: `draft.show("busy") // Every key alike`,
    replace: `draft.show(key.press === "digit" && key.digit === 5 ? "granted" : "busy") // Every key alike`,
  },
  {
    rule: "I-13",
    about: "a code that was looked at is noted, for whoever looks for a fault",
    file: "core/lock/src/judging.ts",
    find: `  draft.set({ codesTried: draft.lock.codesTried + 1 })
`,
    replace: `  draft.set({ codesTried: draft.lock.codesTried + 1 })
  draft.record("refused", "unknown credential", { note: code })
`,
  },
  {
    rule: "I-14",
    about: "a wrong code is counted in memory only",
    file: "core/lock/src/judging.ts",
    find: "  setThrottle(draft, tooSoon ? throttle : counted)\n",
    replace: "  draft.set({ throttle: tooSoon ? throttle : counted })\n",
  },
  {
    rule: "I-15",
    about: "a wait that runs is over with the next boot",
    file: "core/lock/src/throttle.ts",
    find: "waitUntil: base + waitAfter(failures, subject)",
    replace: "waitUntil: 0",
  },
  {
    rule: "I-16",
    seed: 1,
    about: "a storm at the keypad locks the whole door",
    file: "core/lock/src/judging.ts",
    find: "  if (looked === null) return null\n",
    replace: `  if (looked === null)
    return (draft.lock.throttle.counts.get(KEYPAD)?.failures ?? 0) > 2 ? refusedFor("code throttled", card) : null
`,
  },
  {
    rule: "I-17",
    about: "alarms are stored only when there is one",
    file: "core/lock/src/judging.ts",
    find: `  draft.setAlarms(raised(draft.lock.alarms, forced, sequence))
`,
    replace: `  if (forced !== null) draft.setAlarms(raised(draft.lock.alarms, forced, sequence))
`,
  },
  {
    rule: "I-18",
    about: "whoever is refused under duress raises no alarm",
    file: "core/lock/src/judging.ts",
    find: "raised(draft.lock.alarms, forced, sequence)",
    replace: `raised(draft.lock.alarms, kind === "admitted" ? forced : null, sequence)`,
  },
  {
    rule: "I-19",
    about: "whoever called for help is told of it himself",
    file: "apps/keeper/src/alarms.ts",
    find: `      if (person === receiver) continue
`,
    replace: "",
  },
  {
    rule: "I-20",
    about: "what is found while something else stands is taken for the same",
    file: "core/lock/src/answering.ts",
    find: "  if (response.told !== null) {\n",
    replace: "  if (response.told !== null && defence.standing.size === 1) {\n",
  },
  {
    rule: "I-21",
    about: "the time that certainly passed runs twice as fast",
    file: "core/lock/src/clock.ts",
    find: "return unixMillis(clock.floor + ran - Math.ceil(ran / DRIFT_PARTS))",
    replace: "return unixMillis(clock.floor + 2 * ran)",
  },
  {
    rule: "I-22",
    about: "where the time is unknown, what has certainly passed is taken for the time",
    file: "core/lock/src/clock.ts",
    find: `  return wall === null ? null : secondsOf(wall)
`,
    replace: `  return secondsOf(wall ?? passedBy(clock, now))
`,
  },
  {
    rule: "I-23",
    about: "a lease for any version renews the policy in force",
    file: "core/lock/src/lease.ts",
    find: `  if (policy === undefined) return refuse(orders.includes(1) ? "old version" : "not expected")
  if (!equalBytes(policy.hash, ticket.policyHash)) return refuse("hash differs")
`,
    replace: "",
  },
  {
    rule: "I-24",
    about: "a restart reads the other slot",
    file: "core/lock/src/restore-parts.ts",
    find: "const { slot, held } = head\n",
    replace: `const { held } = head
  const slot = head.slot === "a" ? "b" : "a"
`,
  },
  {
    rule: "I-25",
    about: "the bolt moves before its record is durable",
    file: "apps/board/src/board.ts",
    find: "        flash.settle() // Recorded before done.\n",
    replace: "",
  },
  {
    rule: "I-26",
    seed: 2,
    about: "a schedule is laid out by one offset for the whole year",
    file: "core/access/src/schedule.ts",
    find: `    const { offset_s } = transition
`,
    replace: `    const { offset_s } = transitions[0] ?? transition
`,
  },
  {
    rule: "I-27",
    about: "an opening of the leaf leaves no record",
    file: "core/lock/src/moving.ts",
    find: `else if (after.is === "open") draft.record("door opened")`,
    replace: `else if (after.is === "open") draft.set({})`,
  },
  {
    rule: "I-28",
    about: "what finds no room is forgotten in silence",
    file: "core/lock/src/journal.ts",
    find: "return { ...journal, lost: journal.lost + count }",
    replace: "return count > 0 ? journal : journal",
  },
  {
    rule: "I-29",
    about: "a history is believed whose tiles and entries agree with each other",
    file: "core/ledger/src/verify.ts",
    find: `    if (equalBytes(this.#frontier.root(), this.#head.root)) return found
`,
    replace: `    if (found === null || equalBytes(this.#frontier.root(), this.#head.root)) return found
`,
  },
  {
    rule: "I-30",
    about: "a name is hashed into the log without its salt",
    file: "core/access/src/commitment.ts",
    find: `utf8("holdfast/label/v1"), new Uint8Array(1), salt, utf8(text)`,
    replace: `utf8("holdfast/label/v1"), new Uint8Array(1), utf8(text)`,
  },
  {
    rule: "I-31",
    about: "the way out goes through the board",
    file: "apps/board/src/hardware.ts",
    find: `return { hardware: { ...hardware, travel: 0, motor: "idle" }, extra: [{ kind: "handle" }] }`,
    replace: `return { hardware: hardware.powered ? { ...hardware, travel: 0, motor: "idle" } : hardware, extra: [{ kind: "handle" }] }`,
  },
  {
    rule: "I-32",
    seed: 3,
    about: "a lockdown outranks a fire",
    file: "core/lock/src/mode.ts",
    find: `  if (fireReleases && fire !== "quiet") return "fire"
`,
    replace: `  if (ordered.has("lockdown")) return "lockdown"
  if (fireReleases && fire !== "quiet") return "fire"
`,
  },
  {
    rule: "I-33",
    about: "the hardware has the two fail modes swapped",
    file: "apps/board/src/hardware.ts",
    find: `return hardware.failMode === "safe" ? { ...off`,
    replace: `return hardware.failMode === "secure" ? { ...off`,
  },
  {
    rule: "I-34",
    about: "a lockdown throws the bolt again as soon as anybody draws it",
    file: "core/lock/src/moving.ts",
    find: `  moveBolt(draft, { kind: "sensed", bolt: at, unlock_ms: configOf(draft.lock).unlock_ms })
`,
    replace: `  moveBolt(draft, { kind: "sensed", bolt: at, unlock_ms: configOf(draft.lock).unlock_ms })
  if (draft.lock.ruled === "lockdown" && at !== "thrown") moveBolt(draft, { kind: "throw" })
`,
  },
  {
    rule: "I-38",
    about: "a segment of the store has no chance of its own, and the counter alone makes its key",
    file: "core/lock/src/store/store.ts",
    find: "salt: this.#around.random(SALT_SIZE)",
    replace: "salt: new Uint8Array(SALT_SIZE)",
  },
  {
    rule: "I-39",
    about: "a signature says nothing about the site that it was made for",
    file: "core/base/src/cose.ts",
    find: "new Uint8Array(1), idBytes(site))",
    replace: "new Uint8Array(1), idBytes(site).fill(0))",
  },
  {
    rule: "I-41",
    seed: 1,
    about: "what a threat asks for takes the place of what the hour asks for",
    file: "core/lock/src/ruling.ts",
    find: "return wanting(requiredFactors(wanting(ofHour, threat), null))",
    replace: "return ofHour === null ? policy : wanting(threat)",
  },
  {
    rule: "I-42",
    about: "a bolt on its way home is said to be there",
    file: "core/lock/src/view.ts",
    find: "bolt: lock.bolt.is,",
    replace: `bolt: lock.bolt.is === "throwing" ? "thrown" : lock.bolt.is,`,
  },
  {
    rule: "L-01",
    about: "a lock without a line lets nobody in",
    file: "core/lock/src/judging.ts",
    find: `if (active === null) return refusedFor(`,
    replace: `if (active === null || !draft.lock.linked) return refusedFor(`,
  },
  {
    rule: "L-02",
    seed: 1,
    about: "the bolt waits until the keypad is calm",
    file: "core/lock/src/ruling.ts",
    find: `  const isDrawn = drawFor(draft, "done", extended ? extendedUnlock_ms : unlock_ms)
`,
    replace: `  const isStorm = (draft.lock.throttle.counts.get("keypad")?.failures ?? 0) > 3
  const isDrawn = isStorm || drawFor(draft, "done", extended ? extendedUnlock_ms : unlock_ms)
`,
  },
  {
    rule: "L-03",
    about: "records are carried by the dozen only",
    file: "core/lock/src/reporting.ts",
    find: "return isLinked && outstanding === null && waitingCount(journal) > 0",
    replace: "return isLinked && outstanding === null && waitingCount(journal) >= 12",
  },
  {
    rule: "L-04",
    about: "a batch without an answer is sent again after a quarter of an hour",
    file: "core/lock/src/reporting.ts",
    find: "again: draft.later(SEND_AGAIN_MS)",
    replace: "again: draft.later(100 * SEND_AGAIN_MS)",
  },
  {
    rule: "L-05",
    about: "the keeper issues nothing for the first door that a change touches",
    file: "apps/keeper/src/policies.ts",
    find: "const made = doors.map((door) => this.#make(door)).filter((each) => each !== null)",
    replace: "const made = doors.slice(1).map((door) => this.#make(door)).filter((each) => each !== null)",
  },
  {
    rule: "L-07",
    about: "a wait doubles without an end",
    file: "core/lock/src/throttle.ts",
    find: "return Math.min(isLong ? WAIT_MS_OF_CREDENTIAL * 2 ** (failures - 5) : WAIT_MS_FIRST * 2 ** past, WAIT_MS_MAX)",
    replace: "return isLong ? WAIT_MS_OF_CREDENTIAL * 2 ** (failures - 5) : WAIT_MS_FIRST * 2 ** past",
  },
  {
    rule: "L-08",
    about: "an unknown time is asked for once an hour",
    file: "core/lock/src/reporting.ts",
    find: "draft.later(clock.start_ms === null ? ASK_UNKNOWN_MS : ASK_MS)",
    replace: "draft.later(ASK_MS)",
  },
  {
    rule: "L-09",
    about: "a change of the storage key ends when the new key is there",
    file: "apps/board/src/sealed-flash.ts",
    find: "if (ring.keys.size > 1) {",
    replace: "if (ring.keys.size > 2) {",
  },
  {
    rule: "L-10",
    about: "a person has the one key that was named first",
    file: "core/access/src/fold/authority.ts",
    find: `  if (parent === null && own_count >= DENIERS_MAX) return "too many delegations"
`,
    replace: `  const isKnown = [...folding.delegations.now.values()].some((each) => each.person === change.person)
  if (parent === null && (isKnown || own_count >= DENIERS_MAX)) return "too many delegations"
`,
  },
  ...BEYOND_A_DOOR,
]
