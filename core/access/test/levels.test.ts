/** Which signature each kind of statement needs: the table of levels, said by every kind of author. */
import { test } from "node:test"
import { deepEqual, equal, ok } from "node:assert/strict"
import { KINDS } from "../src/author.ts"
import { defaultConfig } from "../src/config.ts"
import type { Change } from "../src/index.ts"
import { UTC } from "../src/zone.ts"
import {
  credential,
  door,
  grant,
  group,
  HPKE_KEY,
  KEEPER_VOICE,
  keyOf,
  person,
  ROOT_VOICE,
  schedule,
} from "./building.ts"
import { furnished, OFFICE } from "./furnished.ts"

/** One change of every kind, each fitting the furnished building, and none gaining its author anything. */
const EVERY_KIND: readonly Change[] = [
  { kind: "person add", person: person("new"), commitment: new Uint8Array(32) },
  { kind: "person label", person: person("bo"), commitment: new Uint8Array(32) },
  { kind: "person revoke", person: person("bo") },
  { kind: "person restore", person: person("bo") },
  {
    kind: "credential add",
    credential: credential("bo pin"),
    person: person("bo"),
    what: "pin",
    commitment: new Uint8Array(32),
    recipient: HPKE_KEY,
  },
  { kind: "credential remove", credential: credential("bo card") },
  { kind: "group set", group: group("guests"), name: "Guests" },
  { kind: "member add", group: group("staff"), person: person("bo"), from: null, until: null },
  { kind: "member remove", group: group("staff"), person: person("ana") },
  { kind: "grant set", grant: grant("staff"), group: group("staff"), doors: [door("lab")], schedule: null },
  { kind: "grant remove", grant: grant("staff") },
  {
    kind: "schedule set",
    schedule: schedule("office"),
    name: "Office",
    zone: "UTC",
    rules: [{ ...OFFICE, until_min: 1080 }],
    closedDays: [],
  },
  {
    kind: "door set",
    door: door("lab"),
    commitment: new Uint8Array(32),
    config: defaultConfig("UTC"),
    place: null,
  },
  { kind: "door remove", door: door("lab") },
  { kind: "lock pair", door: door("lab"), journalKey: keyOf("lab").publicKey, hpkeKey: HPKE_KEY, serial: "HF-1" },
  { kind: "zone table", table: { ...UTC, zone: "Etc/Other", tzdata: "2026b" } },
  {
    kind: "delegate",
    person: person("bo"),
    key: keyOf("bo").publicKey,
    keyKind: "software",
    kinds: null,
    notAfter: null,
    credentialId: null,
    backupFlags: 0,
  },
  { kind: "delegation revoke", delegation: "0".repeat(64) as never },
  { kind: "deny", person: person("bo"), credential: null },
  { kind: "plan", floor: "0", rooms: [] },
  { kind: "person traits", person: person("bo"), traits: ["extended"] },
  { kind: "order", door: door("lab"), act: "unlock", value: 0, version: { epoch: 0, size: 1 } },
  { kind: "receiver set", person: person("bo"), key: HPKE_KEY },
  { kind: "receiver remove", person: person("max") },
  {
    kind: "offline code",
    credential: credential("bo half"),
    door: door("lab"),
    ...{ type: "one-time", start: 0, duration: 0, sequence: 0, recipient: HPKE_KEY },
  },
]

const HALF: Change = {
  kind: "credential add",
  credential: credential("bo half"),
  person: person("bo"),
  what: "owner half",
  recipient: HPKE_KEY,
}

/** What becomes of each kind, by signer: root, passkey, software key, session, keeper. */
const LEVELS = `
  person add          ok ok ok fresh  never
  person label        ok ok ok fresh  never
  person revoke       ok ok ok ok     never
  person restore      ok ok ok fresh  never
  credential add      ok ok ok fresh  never
  credential remove   ok ok ok ok     never
  group set           ok ok ok fresh  never
  member add          ok ok ok fresh  never
  member remove       ok ok ok ok     never
  grant set           ok ok ok fresh  never
  grant remove        ok ok ok ok     never
  schedule set        ok ok ok fresh  never
  door set            ok ok ok fresh  never
  door remove         ok ok ok fresh  never
  lock pair           ok ok ok fresh  never
  zone table          keeper keeper keeper keeper ok
  delegate            ok root root fresh never
  delegation revoke   ok ok ok ok     never
  deny                ok ok ok ok     never
  plan                ok ok ok fresh  never
  person traits       ok ok ok fresh  never
  order               lock lock lock lock lock
  receiver set        ok ok ok fresh  never
  receiver remove     ok ok ok fresh  never
  offline code        ok ok ok fresh  never
`
const FAULTS: Readonly<Record<string, string>> = {
  ok: "ok",
  fresh: "needs a fresh signature",
  never: "not for the keeper",
  keeper: "needs the keeper",
  root: "only the root delegates",
  lock: "not for the log",
}

test("every kind of statement has its row in the table of levels", () => {
  equal(EVERY_KIND.length, KINDS.length)
  deepEqual(
    EVERY_KIND.map((change) => change.kind),
    KINDS.map(({ kind }) => kind),
  )
})

for (const [row, line] of LEVELS.trim().split("\n").entries()) {
  test(`levels: ${line.trim()}`, () => {
    const [kind, ...cells] = line.trim().split(/ {2,}/)
    const expected = cells.join(" ").split(/ +/)
    const change = EVERY_KIND[row]
    ok(change !== undefined && change.kind === kind)
    for (const [index, cell] of expected.entries()) {
      const { building, ada, max, session } = furnished()
      const spare = building.signIn(max, "max's session")
      const voice = [ROOT_VOICE, ada, max, session, KEEPER_VOICE][index]
      ok(voice !== undefined)
      const said: Change =
        change.kind === "delegation revoke"
          ? { kind: change.kind, delegation: spare.chain[1] ?? (never() as never) }
          : change
      if (change.kind === "receiver remove")
        building.says({ kind: "receiver set", person: change.person, key: HPKE_KEY })
      if (change.kind === "offline code") building.says(HALF)
      const before = building.state
      equal(building.tries(said, voice), FAULTS[cell], `${kind} by ${String(index)}`)
      equal(building.state.size, before.size + (cell === "ok" ? 1 : 0))
      if (cell !== "ok") deepEqual(building.state, before)
    }
  })
}

function never(): unknown {
  return ok(false, "a session has two links")
}
