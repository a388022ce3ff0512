/** The gate of the authority log: who may say what, when, and what is refused. */
import { STATEMENT_SIZE_MAX } from "../src/envelope.ts"
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { type UnixMillis, unixMillis, unixSeconds } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"
import {
  admit,
  admitAll,
  type Change,
  compile,
  ENTRY_ISSUED,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  encodeIssued,
  fold,
  foundSite,
  type LogEntry,
  type Signer,
} from "../src/index.ts"
import { expectsFor, rootToSign, statementToSign, tapToSign } from "../src/author.ts"
import {
  assertionBy,
  Building,
  credential,
  door,
  grant,
  group,
  keyOf,
  person,
  ROOT_VOICE,
  schedule,
  testRoot,
  type Voice,
} from "./building.ts"
import { furnished, OFFICE, START } from "./furnished.ts"

test("signing in touches nobody: a draft about them still fits", () => {
  const { building, ada } = furnished()
  const change: Change = { kind: "person label", person: person("ada"), commitment: new Uint8Array(32) }
  const [expects] = expectsFor([change], building.state.touched)
  building.signIn(ada, "another session")
  equal(building.tries(change, ROOT_VOICE, expects), "ok")
})

test("revoking a person ends their keys and sittings, and restoring brings no key back", () => {
  const { building, ada, max, session } = furnished()
  building.says({ kind: "person revoke", person: person("ada") }, max)
  const change: Change = { kind: "person revoke", person: person("bo") }
  equal(building.tries(change, ada), "delegation revoked")
  equal(building.tries(change, session), "delegation revoked")
  building.says({ kind: "person restore", person: person("ada") }, max)
  equal(building.tries(change, ada), "delegation revoked")
  equal(building.tries(change, max), "ok")
})

test("a chain is one own key, or that key and a sitting of the same person", () => {
  const { building, ada, max, session } = furnished()
  const change: Change = { kind: "person revoke", person: person("bo") }
  const [own, sitting] = session.chain
  ok(own !== undefined && sitting !== undefined)
  const broken: readonly Voice[] = [
    { ...session, chain: [] },
    { ...session, chain: [sitting] },
    { ...session, chain: [...max.chain, sitting] },
    { ...session, author: person("max") },
    { ...session, chain: [own, sitting, sitting] },
    { ...ROOT_VOICE, chain: [own] },
  ]
  for (const voice of broken) equal(building.tries(change, voice), "chain broken")
  equal(building.tries(change, { ...session, key: keyOf("somebody") }), "wrong signature")
  equal(building.tries(change, { ...ROOT_VOICE, key: keyOf("somebody") }), "unknown key")
  equal(building.tries(change, { ...ada, passkey: false }), "wrong signature")
  equal(building.tries(change, { ...max, passkey: true }), "wrong signature")
  equal(building.tries(change, session), "ok")
})

test("a sitting stands on the key that opened it, even beside another key of the same person", () => {
  const { building, max } = furnished()
  const sitting = building.signIn(max, "max's session")
  const other = building.appoint("max", "software")
  const change: Change = { kind: "person revoke", person: person("bo") }
  const [own] = other.chain
  const [, session] = sitting.chain
  ok(own !== undefined && session !== undefined)
  equal(building.tries(change, { ...sitting, chain: [own, session] }), "chain broken")
  building.says({ kind: "delegation revoke", delegation: max.chain[0] ?? own })
  equal(building.state.delegations.get(session)?.revoked, true)
  equal(building.state.delegations.get(own)?.revoked, false)
  equal(building.tries(change, sitting), "delegation revoked")
  equal(building.tries(change, other), "ok")
})

test("a software key that calls itself a passkey is refused", () => {
  const { building, max } = furnished()
  const body = building.body({ kind: "plan", floor: "0", rooms: [] }, max)
  const draft = statementToSign(building.state.site, body, max.key.publicKey, "passkey", nodeCrypto)
  deepEqual(building.bring(draft.finish(max.key.sign(draft.bytes))), { ok: false, fault: "wrong signature" })
})

test("a right that was delegated for some kinds is for those kinds", () => {
  const { building } = furnished()
  building.addPerson("guard")
  const guard = building.appoint("guard", "software", ["person revoke", "deny"])
  equal(building.tries({ kind: "plan", floor: "0", rooms: [] }, guard), "kind not delegated")
  const session = building.signIn(guard, "guard's session")
  equal(building.tries({ kind: "credential remove", credential: credential("bo card") }, session), "kind not delegated")
  equal(building.tries({ kind: "person revoke", person: person("bo") }, session), "ok")
})

test("a sitting is one's own, starts from an own key and lasts eight hours at most", () => {
  const { building, ada, session } = furnished()
  const sitting = (who: string, length_s: number | null): Change => ({
    kind: "delegate",
    person: person(who),
    key: keyOf("another session").publicKey,
    keyKind: "session",
    kinds: null,
    notAfter: length_s === null ? null : unixSeconds(START + length_s),
    credentialId: null,
    backupFlags: 0,
  })
  equal(building.tries(sitting("ada", 28_801), ada), "sitting too long")
  equal(building.tries(sitting("ada", null), ada), "sitting too long")
  equal(building.tries(sitting("bo", 28_800), ada), "not your own sitting")
  equal(building.tries(sitting("ada", 28_800), session), "needs a fresh signature")
  equal(building.tries(sitting("ada", 28_800), ROOT_VOICE), "not your own sitting")
  equal(building.tries(sitting("ada", 28_800), ada), "ok")
  building.now = unixMillis((START + 8 * 3600) * 1000)
  equal(building.tries({ kind: "person revoke", person: person("bo") }, session), "ok")
  building.now = unixMillis((START + 8 * 3600 + 1) * 1000)
  equal(building.tries({ kind: "person revoke", person: person("ana") }, session), "delegation ended")
})

test("a statement holds until its not-after, at most five minutes ahead of the keeper's clock", () => {
  const { building } = furnished()
  const change: Change = { kind: "person revoke", person: person("bo") }
  const at = (notAfter: number): string => {
    const body = { ...building.body(change, ROOT_VOICE), notAfter: unixSeconds(notAfter) }
    const outcome = building.bring(building.sign(body, ROOT_VOICE).bytes)
    return outcome.ok ? "ok" : outcome.fault
  }
  equal(at(START - 1), "expired")
  equal(at(START + 301), "not-after too far ahead")
  equal(at(START), "ok")
  equal(at(START + 300), "ok")
})

test("a statement counts once, whoever brings it again", () => {
  const { building } = furnished()
  const signed = building.sign(building.body({ kind: "person revoke", person: person("bo") }, ROOT_VOICE), ROOT_VOICE)
  equal(building.bring(signed.bytes).ok, true)
  deepEqual(building.bring(signed.bytes), { ok: false, fault: "already in the log" })
  building.now = unixMillis((START + 301) * 1000)
  building.says({ kind: "plan", floor: "0", rooms: [] }) // From here on the first need not be remembered.
  ok(!building.state.recent.has(signed.id))
  deepEqual(building.bring(signed.bytes), { ok: false, fault: "expired" })
})

test("what changed since is refused, and expects of one sitting do not trip over each other", () => {
  const { building } = furnished()
  const changes: readonly Change[] = [
    { kind: "person label", person: person("bo"), commitment: new Uint8Array(32) },
    building.member("staff", "bo"),
  ]
  const [first, second] = expectsFor(changes, building.state.touched)
  const [label, join] = changes
  ok(first !== undefined && second !== undefined && label !== undefined && join !== undefined)
  equal(first.length, 1)
  deepEqual(
    second.map((expect) => expect.object),
    [group("staff")],
  )
  equal(building.tries(label, ROOT_VOICE, first), "ok")
  equal(building.tries(join, ROOT_VOICE, second), "ok")
  equal(building.tries(label, ROOT_VOICE, first), "changed since")
  equal(building.tries(join, ROOT_VOICE, second), "changed since")
})

test("one tap signs a whole sitting, and each statement stands alone", () => {
  for (const count of [1, 2, 3, 5, 8]) {
    const { building, ada } = furnished()
    const drafts = Array.from({ length: count }, (_, index) => {
      const change: Change = { kind: "group set", group: group(`group ${index}`), name: `Group ${index}` }
      return statementToSign(building.state.site, building.body(change, ada), ada.key.publicKey, "passkey", nodeCrypto)
    })
    const tap = tapToSign(building.state.site, drafts, nodeCrypto)
    const signed = tap.finish(assertionBy(ada.key, tap.challenge))
    const candidates = signed.map((bytes) => ({ type: ENTRY_STATEMENT, bytes }))
    const { outcomes } = admitAll(building.state, candidates, building.now, nodeCrypto)
    deepEqual(
      outcomes.map((outcome) => (outcome.ok ? outcome.signer : outcome.fault)),
      Array.from({ length: count }, (): Signer => "fresh"),
    )
  }
})

test("a tap from elsewhere, without the user, or for another purpose does not count", () => {
  const { building, ada } = furnished()
  const draft = statementToSign(
    building.state.site,
    building.body({ kind: "plan", floor: "0", rooms: [] }, ada),
    ada.key.publicKey,
    "passkey",
    nodeCrypto,
  )
  const { challenge, finish } = tapToSign(building.state.site, [draft], nodeCrypto)
  const wrong = [
    assertionBy(ada.key, challenge, 0x1d, "http://localhost:9090"),
    assertionBy(ada.key, challenge, 0x1d, "http://localhost:8080.example.org"),
    assertionBy(ada.key, challenge, 0x01),
    assertionBy(ada.key, challenge, 0x04),
    assertionBy(ada.key, draft.bytes.slice(0, 32)),
    assertionBy(keyOf("somebody"), challenge),
  ]
  for (const assertion of wrong) {
    const [bytes] = finish(assertion)
    ok(bytes)
    deepEqual(building.bring(bytes), { ok: false, fault: "wrong signature" })
  }
  const [bytes] = finish(assertionBy(ada.key, challenge))
  ok(bytes && building.bring(bytes).ok)
})

test("R20: a PIN alone opens for eight people and not for nine, however the ninth comes", () => {
  const building = new Building(START)
  const pins = ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
  for (const name of pins) building.addPerson(name, ["pin"])
  building.addPerson("card", ["card"])
  building.says({ kind: "group set", group: group("many"), name: "Many" })
  building.setDoor("gate", { modes: [{ schedule: null, factors: "pin" }] })
  building.says(building.grantTo("many", ["gate"], null))
  for (const name of pins.slice(0, 8)) building.says(building.member("many", name))
  building.says(building.member("many", "card"))
  equal(building.tries(building.member("many", "9")), "too many people for PIN only")
  equal(building.tries(building.credentialFor("card", "pin")), "too many people for PIN only")
  building.says(building.doorSet("gate"))
  building.says(building.member("many", "9"))
  const pinOnly = building.doorSet("gate", { modes: [{ schedule: null, factors: "card or pin" }] })
  equal(building.tries(pinOnly), "too many people for PIN only")
  building.says({ kind: "person revoke", person: person("9") })
  equal(building.tries(pinOnly), "ok")
  equal(building.tries({ kind: "person restore", person: person("9") }), "too many people for PIN only")
  building.says(pinOnly)
  const second = { ...building.credentialFor("1", "pin"), credential: credential("1 another pin") } as Change
  equal(building.tries(second), "too many people for PIN only", "a second PIN of the first of them is a ninth")
})

test("a change that does not fit the state is refused and folds nothing", () => {
  const { building } = furnished()
  const unfit: readonly (readonly [Change, string])[] = [
    [{ kind: "person add", person: person("ana"), commitment: new Uint8Array(32) }, "already there"],
    [{ kind: "person revoke", person: person("nobody") }, "unknown person"],
    [building.credentialFor("ana", "card"), "already there"],
    [building.credentialFor("nobody", "card"), "unknown person"],
    [{ kind: "credential remove", credential: credential("none") }, "unknown credential"],
    [building.member("nogroup", "ana"), "unknown group"],
    [building.member("staff", "nobody"), "unknown person"],
    [{ kind: "member remove", group: group("staff"), person: person("bo") }, "not a member"],
    [building.grantTo("nogroup", ["lab"], null), "unknown group"],
    [building.grantTo("staff", ["nodoor"], null), "unknown door"],
    [building.grantTo("staff", ["lab"], "noschedule"), "unknown schedule"],
    [{ kind: "grant remove", grant: grant("none") }, "unknown grant"],
    [building.hours("far", [OFFICE], "Mars/Olympus"), "unknown zone"],
    [
      building.doorSet("lab", {
        modes: [
          { schedule: schedule("none"), factors: "card" },
          { schedule: null, factors: "card" },
        ],
      }),
      "unknown schedule",
    ],
    [{ kind: "door remove", door: door("nodoor") }, "unknown door"],
    [{ kind: "deny", person: person("nobody"), credential: null }, "unknown person"],
    [{ kind: "deny", person: null, credential: credential("none") }, "unknown credential"],
  ]
  for (const [change, fault] of unfit) {
    const before = building.state
    equal(building.tries(change), fault, change.kind)
    deepEqual(building.state, before)
  }
})

test("bytes that are no statement, entries of no type, and a clock that goes back are refused", () => {
  const { building } = furnished()
  const bring = (type: number, bytes: Uint8Array, now: UnixMillis = building.now) =>
    admit(building.state, { type, bytes }, now, nodeCrypto).outcome
  deepEqual(bring(ENTRY_STATEMENT, new Uint8Array(3)), { ok: false, fault: "malformed" })
  deepEqual(bring(ENTRY_STATEMENT, new Uint8Array(STATEMENT_SIZE_MAX + 1)), { ok: false, fault: "too large" })
  deepEqual(bring(ENTRY_ISSUED, new Uint8Array(3)), { ok: false, fault: "malformed" })
  deepEqual(bring(ENTRY_ROOT, new Uint8Array(3)), { ok: false, fault: "root does not verify" })
  deepEqual(bring(16, new Uint8Array(3)), { ok: false, fault: "unknown entry" })
  const { bytes } = building.sign(building.body({ kind: "plan", floor: "0", rooms: [] }, ROOT_VOICE), ROOT_VOICE)
  const earlier = unixMillis(building.now - 1)
  deepEqual(bring(ENTRY_STATEMENT, bytes, earlier), { ok: false, fault: "admitted before the last" })
})

test("the deed changes hands by a key of both deeds, and the epoch does not go back", () => {
  const { building } = furnished()
  const next = { ...building.state.root, version: 2, epoch: 1, keeper: keyOf("new keeper").publicKey }
  const deed = (root: typeof next, by: string): Uint8Array => {
    const draft = rootToSign(root, building.state.site, keyOf(by).publicKey, nodeCrypto)
    return draft.finish(keyOf(by).sign(draft.bytes))
  }
  const bring = (bytes: Uint8Array) => admit(building.state, { type: ENTRY_ROOT, bytes }, building.now, nodeCrypto)
  equal(bring(deed(next, "thief")).outcome.ok, false)
  equal(bring(deed({ ...next, version: 3 }, "root")).outcome.ok, false)
  equal(bring(deed({ ...next, keys: [keyOf("thief").publicKey] }, "thief")).outcome.ok, false)
  equal(bring(deed({ ...next, threshold: 2, keys: [...next.keys, keyOf("two").publicKey] }, "root")).outcome.ok, false)
  const admission = bring(deed(next, "root"))
  ok(admission.outcome.ok)
  equal(admission.state.root.epoch, 1)
  deepEqual(admission.touched, [door("lab")])
  const again = admit(
    admission.state,
    { type: ENTRY_ROOT, bytes: deed({ ...next, version: 3, epoch: 0 }, "root") },
    building.now,
    nodeCrypto,
  )
  equal(again.outcome.ok, false)
})

test("an admission tells which doors to issue and hands over what it compiled", () => {
  const { building, session } = furnished()
  building.setDoor("hall")
  equal(building.tries({ kind: "member remove", group: group("staff"), person: person("ana") }, session), "ok")
  deepEqual(building.last?.touched, [door("lab")])
  const compiled = compile(building.state, door("lab"), building.at)
  ok(compiled.ok)
  deepEqual(building.last?.compiled.get(door("lab")), compiled.bytes)
  building.says({ kind: "plan", floor: "0", rooms: [] })
  deepEqual(building.last?.touched, [])
  building.says({ kind: "person revoke", person: person("ada") })
  deepEqual(new Set(building.last?.touched), new Set([door("hall"), door("lab")])) // Ada's key may deny no more.
  building.says({ kind: "door remove", door: door("hall") })
  deepEqual(building.last?.touched, [])
})

test("folding the admitted entries gives the admitted state, one by one or all at once", () => {
  const building = new Building(START)
  const entries: LogEntry[] = []
  const start = building.state
  const take = (change: Change, voice: Voice = ROOT_VOICE): void => {
    const { bytes } = building.sign(building.body(change, voice), voice)
    if (building.bring(bytes).ok) entries.push({ type: ENTRY_STATEMENT, admittedAt: building.now, bytes })
  }
  take({ kind: "group set", group: group("staff"), name: "Staff" })
  take({ kind: "person add", person: person("ana"), commitment: new Uint8Array(32) })
  take(building.member("staff", "ana"))
  take(building.doorSet("lab"))
  take(building.hours("office", [OFFICE]))
  take(building.grantTo("staff", ["lab"], "office"))
  const issued = {
    door: door("lab"),
    version: { epoch: 0, size: 6 },
    policyHash: new Uint8Array(32),
    secretsHash: new Uint8Array(32),
    compiledAt: building.at,
  }
  const note = { type: ENTRY_ISSUED, admittedAt: building.now, bytes: encodeIssued(issued) }
  building.state = admit(building.state, note, building.now, nodeCrypto).state
  entries.push(note)
  take({ kind: "door remove", door: door("lab") })
  const all = fold(start, entries, nodeCrypto)
  ok(all.ok)
  deepEqual(all.state, building.state)
  let one = start
  for (const entry of entries) {
    const folded = fold(one, [entry], nodeCrypto)
    ok(folded.ok)
    one = folded.state
  }
  deepEqual(one, building.state)
  deepEqual(start.people.size, 0)
  const stopped = fold(start, [entries[2] ?? note], nodeCrypto)
  deepEqual(stopped, { ok: false, index: 1, fault: "unknown group" })
})

test("a log begins with its deed and with nothing else", () => {
  const deed = rootToSign(
    testRoot(unixSeconds(START)),
    furnished().building.state.site,
    keyOf("root").publicKey,
    nodeCrypto,
  )
  const bytes = deed.finish(keyOf("root").sign(deed.bytes))
  const admittedAt = unixMillis(START * 1000)
  ok(foundSite({ type: ENTRY_ROOT, admittedAt, bytes }, nodeCrypto).ok)
  ok(!foundSite({ type: ENTRY_STATEMENT, admittedAt, bytes }, nodeCrypto).ok)
  ok(!foundSite({ type: ENTRY_ROOT, admittedAt, bytes: bytes.slice(1) }, nodeCrypto).ok)
})
