/** The small machines and formats by themselves: storms, factors, journal, storage, secrets, denials, the state in a beat. */
import { credentialAt } from "@holdfast/access/places"
import type { StatementId } from "@holdfast/access/door"
import { type CredentialId, idOf, later, uptime } from "@holdfast/base"
import { newEs256, nodeCrypto as crypto } from "@holdfast/port-node"
import fc from "fast-check"
import { deepEqual, equal, ok } from "node:assert/strict"
import { test } from "node:test"
import {
  addDeny,
  DENIES_MAX,
  type Denies,
  decodeDenies,
  deniedBy,
  encodeDenies,
  withoutContained,
} from "../src/denies.ts"
import { type Collecting, forgetting, type Key, NOTHING_SHOWN, typed, waiting } from "../src/factors.ts"
import { CALM, closeWindows, floodWakes, noticeEvent, SINGLE_MAX } from "../src/flood.ts"
import { openState, stateOf, stateToSign } from "../src/index.ts"
import {
  append,
  cutSegment,
  decodeHead,
  emptyJournal,
  encodeHead,
  gapIsDue,
  hasRoom,
  type Journal,
  lose,
  openingsOf,
  recordCount,
  releaseSegment,
  waitingCount,
} from "../src/journal.ts"
import { areSecrets, cardOfUid, codeHandle, codeNear, keep, keptIn, secretsFor } from "../src/secrets.ts"
import { decodeLine, decodePart, encodeLine, encodePart } from "../src/stored.ts"
import { ALWAYS_TERMS, cardholder, house, policyFor, secretsOf } from "./building.ts"
import { Keeper } from "./keeper.ts"

test("a storm leaves thirty records and a count; another group has its own thirty", () => {
  let flood = CALM
  let single = 0
  for (let i = 0; i < 100; i++) {
    const noticed = noticeEvent(flood, uptime(i), "refused", "unknown credential")
    flood = noticed.flood
    if (noticed.single) single++
  }
  equal(single, SINGLE_MAX)
  ok(noticeEvent(flood, uptime(100), "equivocation", "other bytes at this version").single)
  ok(noticeEvent(flood, uptime(100), "admitted", "done").single, "what was decided for somebody is never collapsed")
  equal(floodWakes(flood), 60_000)
  deepEqual(closeWindows(flood, uptime(59_999)).due, [])
  const closed = closeWindows(flood, uptime(60_000))
  deepEqual(closed.due, [{ kind: "refused", result: "unknown credential", count: 70 }])
  equal(floodWakes(closed.flood), null)
})

const press = (text: string): Key[] =>
  Array.from(text, (letter) =>
    letter === "*"
      ? { press: "clear" }
      : letter === "#"
        ? { press: "enter" }
        : { press: "digit", digit: Number(letter) },
  )

// keys, each a second after the one before; "_" waits eleven seconds | what the buffer holds
const KEYPAD = `
  1234        1234
  12*34       34
  12_34       34
  1234#       -
  12345678901234567  123456789012345
  *           -
`
for (const row of KEYPAD.trim().split("\n")) {
  const [keys = "", held = ""] = row.trim().split(/\s+/)
  test(`typed ${keys}: the buffer holds ${held}`, () => {
    let now = uptime(0)
    let collecting: Collecting = NOTHING_SHOWN
    for (const [at, part] of keys.split("_").entries()) {
      if (at > 0) now = later(now, 10_000)
      collecting = forgetting(collecting, now).collecting
      for (const key of press(part)) {
        now = later(now, 1_000)
        collecting = typed(forgetting(collecting, now).collecting, now, key)
      }
    }
    equal(collecting.digits, held === "-" ? "" : held)
  })
}

test("a first factor waits fifteen seconds", () => {
  const card = { kind: "card", credential: null, because: "card not authentic" } as const
  const collecting = waiting([card], uptime(0))
  deepEqual(forgetting(collecting, uptime(14_999)), { collecting, abandoned: false })
  deepEqual(forgetting(collecting, uptime(15_000)), { collecting: NOTHING_SHOWN, abandoned: true })
})

const line = (fill: number, size: number) => ({
  record: new Uint8Array(64).fill(fill),
  salt: new Uint8Array(16).fill(fill),
  detail: new Uint8Array(size).fill(fill),
})
const HEAD = { next: 1, chain: new Uint8Array(32) }

test("the journal stays within its bound and says what it lost, whatever comes and goes", () => {
  const act = fc.constantFrom("event", "event", "event", "receipt")
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 2, max: 12 }), (acts, max) => {
      let journal: Journal = emptyJournal(HEAD, max)
      let events = 0
      let settled = 0
      for (const each of acts) {
        if (each === "receipt") {
          journal = cutSegment(journal)
          const [oldest] = journal.segments
          if (oldest === undefined) continue
          journal = releaseSegment(journal, { next: oldest.first + recordCount(oldest), chain: HEAD.chain })
          continue
        }
        events++
        const isAlarm = events % 3 === 0
        if (gapIsDue(journal, isAlarm)) {
          settled += journal.lost
          journal = append(journal, line(0, 3), true)
        }
        journal = hasRoom(journal, isAlarm) ? append(journal, line(events, 5), false) : lose(journal)
        ok(waitingCount(journal) <= max)
      }
      const gaps = journal.next - 1 - (events - settled - journal.lost)
      ok(gaps >= 0 && (settled === 0) === (gaps === 0), "every event is a record, or counted in a gap")
    }),
  )
})

test("segments are batches of at most 512, and their openings come back in order", () => {
  let journal: Journal = emptyJournal(HEAD, 4_096)
  for (let i = 1; i <= 1_100; i++) journal = append(journal, line(i & 0xff, i % 7), false)
  deepEqual(journal.segments.map(recordCount), [512, 512])
  equal(cutSegment(journal), journal, "older ones go first")
  const openings = journal.segments.flatMap(openingsOf)
  equal(openings.length, 1_024)
  for (const [at, opening] of openings.entries()) {
    equal(opening.sequence, at + 1)
    deepEqual(opening.detail, line((at + 1) & 0xff, (at + 1) % 7).detail)
  }
})

test("parts and lines are read as they were written; no truncation, flip or other part's bytes read", () => {
  const body = Uint8Array.of(1, 2, 3)
  const part = encodePart(crypto, "lease", body)
  deepEqual(decodePart(crypto, "lease", part), body)
  equal(decodePart(crypto, "denies", part), null)
  const written = encodeLine(crypto, line(7, 9))
  deepEqual(decodeLine(crypto, written), line(7, 9))
  for (let size = 0; size < part.length; size++) equal(decodePart(crypto, "lease", part.subarray(0, size)), null)
  for (let size = 0; size < written.length; size++) equal(decodeLine(crypto, written.subarray(0, size)), null)
  for (let at = 0; at < written.length; at++)
    equal(
      decodeLine(
        crypto,
        written.map((each, i) => (i === at ? each ^ 1 : each)),
      ),
      null,
    )
  const head = encodeHead(lose(emptyJournal({ next: 9, chain: new Uint8Array(32).fill(4) }, 8), 3))
  deepEqual(decodeHead(head), { head: { next: 9, chain: new Uint8Array(32).fill(4) }, lost: 3 })
})

test("secrets: found by code and UID, carried over by sealed hash, and never in clear", () => {
  const keeper = new Keeper()
  const people = Array.from({ length: 40 }, (_, at) => cardholder(keeper, `p${at}`, at + 1))
  const policy = policyFor(
    keeper,
    people.map((who) => [who, ALWAYS_TERMS]),
  )
  const codeKey = new Uint8Array(32).fill(1)
  const sealed = (credential: CredentialId): Uint8Array => crypto.sha256(Buffer.from(credential))
  const kept = new Map(
    secretsOf(people).map((each) => [each.credential, keep(crypto, codeKey, each, sealed(each.credential))]),
  )
  const secrets = secretsFor(policy, kept)
  const ownerOf = (code: string): CredentialId | null => {
    const near = codeNear(secrets, codeHandle(crypto, codeKey, code))
    return near?.isKnown === true ? credentialAt(policy, near.place) : null
  }
  ok(areSecrets(policy, secrets))
  for (const who of people) {
    equal(ownerOf(who.code), who.pin)
    deepEqual(cardOfUid(crypto, codeKey, policy, secrets, who.tag.uid), {
      credential: who.card,
      key: who.tag.keys.get(0),
    })
    ok(!Buffer.from(secrets.codes).includes(who.code) && !Buffer.from(secrets.cards).includes(Buffer.from(who.tag.uid)))
  }
  equal(ownerOf("999999"), null)
  equal(cardOfUid(crypto, codeKey, policy, secrets, Uint8Array.of(1, 2, 3, 4)), null)
  deepEqual(secretsFor(policy, keptIn(policy, secrets)), secrets)
  ok(!areSecrets(policy, { ...secrets, codes: secrets.codes.slice(1) }))
  ok(!areSecrets(policyFor(keeper, []), secrets), "tables of another policy")
})

test("R18: two people with one code: neither is let in by it", () => {
  const keeper = new Keeper()
  const [ana, bo] = [cardholder(keeper, "ana", 1), cardholder(keeper, "bo", 2)]
  const policy = policyFor(keeper, [
    [ana, ALWAYS_TERMS],
    [bo, ALWAYS_TERMS],
  ])
  const codeKey = new Uint8Array(32).fill(1)
  const same = secretsOf([ana, { ...bo, code: ana.code }])
  const kept = new Map(same.map((each) => [each.credential, keep(crypto, codeKey, each, new Uint8Array(32))]))
  const secrets = secretsFor(policy, kept)
  equal(codeNear(secrets, codeHandle(crypto, codeKey, ana.code)), null)
  ok(cardOfUid(crypto, codeKey, policy, secrets, ana.tag.uid) !== null)
})

const denyOf = (number: number) => ({
  id: number.toString(16).padStart(64, "0") as StatementId,
  person: number % 2 === 0 ? idOf<"PersonId">(new Uint8Array(16).fill(number)) : null,
  credential: number % 2 === 1 ? idOf<"CredentialId">(new Uint8Array(16).fill(number)) : null,
})

test("denials: kept to the bound, never twice, and forgotten only when a policy contains them", () => {
  let denies: Denies = []
  for (let i = 0; i < DENIES_MAX; i++) denies = addDeny(denies, denyOf(i)) ?? []
  equal(denies.length, DENIES_MAX)
  equal(addDeny(denies, denyOf(3)), denies)
  equal(addDeny(denies, denyOf(DENIES_MAX)), null)
  deepEqual([deniedBy(denies).people.size, deniedBy(denies).credentials.size], [32, 32])
  equal(withoutContained(denies, [denyOf(99).id]), denies)
  deepEqual(
    withoutContained(
      denies,
      denies.slice(1).map(({ id }) => id),
    ),
    [denyOf(0)],
  )
  const bytes = encodeDenies(denies)
  deepEqual(decodeDenies(bytes), denies)
  for (let size = 0; size < bytes.length; size += 13) equal(decodeDenies(bytes.subarray(0, size)), null)
})

test("a beat says the state, and only the lock's own key can say it", () => {
  const key = newEs256()
  const { board, people } = house({ modes: [{ schedule: null, factors: "card or pin" }] })
  const [ana] = people
  ok(ana !== undefined)
  for (let i = 0; i < 4; i++) board.type("999999")
  board.present(ana)
  board.input({ kind: "power", mains: "lost" })
  const state = stateOf(board.lock, board.now)
  deepEqual(state.flags, ["on reserve power", "code throttled"])
  equal(state.bolt, "drawn")
  const signable = stateToSign(crypto, board.pairing.site, key.publicKey, state)
  const beat = signable.finish(key.sign(signable.bytes))
  deepEqual(openState(crypto, board.pairing.site, key.publicKey, beat), state)
  equal(openState(crypto, board.pairing.site, newEs256().publicKey, beat), null)
  equal(openState(crypto, idOf(new Uint8Array(16)), key.publicKey, beat), null)
  for (let at = 0; at < beat.length; at++)
    equal(
      openState(
        crypto,
        board.pairing.site,
        key.publicKey,
        beat.map((each, i) => (i === at ? each ^ 1 : each)),
      ),
      null,
    )
})
