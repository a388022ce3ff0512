/**
 * A small building for tests: keys made from words, a founded log, and people who say things into it.
 *
 * Keys and signatures are deterministic (RFC 6979), so that what a test builds has the same bytes every time.
 */
import {
  type DoorId,
  type GrantId,
  type GroupId,
  type Id,
  idOf,
  type PersonId,
  type ScheduleId,
  type CredentialId,
  secondsOf,
  type UnixMillis,
  type UnixSeconds,
  unixMillis,
  unixSeconds,
} from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { equal, ok } from "node:assert/strict"
import type { Assertion } from "../src/assertion.ts"
import type { DoorConfig } from "../src/config.ts"
import {
  type Admission,
  admit,
  type Author,
  type Change,
  compile,
  ENTRY_ROOT,
  ENTRY_STATEMENT,
  type Expect,
  foundSite,
  type Outcome,
  type Policy,
  type Root,
  type State,
  type StatementBody,
  type StatementId,
  type WeekRule,
} from "../src/index.ts"
import { encodeRoot, labelCommitment, rootToSign, siteIdOf, statementToSign, tapToSign } from "../src/author.ts"
import { defaultConfig } from "../src/door.ts"
import { keyOf, type TestKey } from "./deterministic-key.ts"

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(nodeCrypto.sha256(bytes))
}

export { keyOf, type TestKey }

/** The id that a word stands for. */
export function id<Name extends string>(word: string): Id<Name> {
  return idOf<Name>(sha256(utf8(`holdfast test id ${word}`)).slice(0, 16))
}
export const person = (word: string): PersonId => id<"PersonId">(word)
export const door = (word: string): DoorId => id<"DoorId">(word)
export const group = (word: string): GroupId => id<"GroupId">(word)
export const grant = (word: string): GrantId => id<"GrantId">(word)
export const schedule = (word: string): ScheduleId => id<"ScheduleId">(word)
export const credential = (word: string): CredentialId => id<"CredentialId">(word)

export const HPKE_KEY = Uint8Array.of(4, ...keyOf("hpke").publicKey)
export const RP_ID = "localhost"
export const ORIGIN = "http://localhost:8080"

export function testRoot(createdAt: UnixSeconds): Root {
  return {
    version: 1,
    keys: [keyOf("root").publicKey],
    threshold: 1,
    keeper: keyOf("keeper").publicKey,
    logKey: sha256(utf8("log key")),
    keeperHpke: HPKE_KEY,
    origins: [ORIGIN],
    rpId: RP_ID,
    epoch: 0,
    createdAt,
  }
}

/** What an authenticator and a browser would answer to a challenge. */
export function assertionBy(key: TestKey, challenge: Uint8Array, flags = 0x1d, origin = ORIGIN): Assertion {
  const wanted = Buffer.from(challenge).toString("base64url")
  const clientDataJson = utf8(
    `{"type":"webauthn.get","challenge":"${wanted}","origin":"${origin}","crossOrigin":false}`,
  )
  const authenticatorData = new Uint8Array([...sha256(utf8(RP_ID)), flags, 0, 0, 0, 0])
  const signed = new Uint8Array([...authenticatorData, ...sha256(clientDataJson)])
  return { authenticatorData, clientDataJson, signature: key.derSign(signed) }
}

export type Voice = {
  readonly author: Author
  readonly chain: readonly StatementId[]
  readonly key: TestKey
  readonly passkey: boolean
}

export const ROOT_VOICE: Voice = { author: "root", chain: [], key: keyOf("root"), passkey: false }
export const KEEPER_VOICE: Voice = { author: "keeper", chain: [], key: keyOf("keeper"), passkey: false }

const SALT = new Uint8Array(16).fill(7)

/** A building whose log grows as people say things. */
export class Building {
  state: State
  now: UnixMillis
  last: Admission | null = null
  #nonce = 0

  /** Another building that goes on from the same state. */
  copy(): Building {
    return new Building(this.now / 1000, this)
  }

  constructor(at_s: number, from: Building | null = null) {
    this.now = unixMillis(at_s * 1000)
    this.#nonce = from === null ? 0 : from.#nonce
    if (from !== null) {
      this.state = from.state
      return
    }
    const root = testRoot(unixSeconds(at_s))
    const site = siteIdOf(encodeRoot(root), nodeCrypto)
    const deed = rootToSign(root, site, keyOf("root").publicKey, nodeCrypto)
    const bytes = deed.finish(keyOf("root").sign(deed.bytes))
    const founded = foundSite({ type: ENTRY_ROOT, admittedAt: this.now, bytes }, nodeCrypto)
    ok(founded.ok, "the deed founds the site")
    this.state = founded.state
  }

  get at(): UnixSeconds {
    return secondsOf(this.now)
  }

  body(change: Change, voice: Voice, expects: readonly Expect[] = []): StatementBody {
    const nonce = new Uint8Array(16)
    new DataView(nonce.buffer).setUint32(0, ++this.#nonce)
    const notAfter = unixSeconds(this.at + 300)
    return { author: voice.author, chain: voice.chain, issuedAt: this.at, notAfter, nonce, expects, change }
  }

  sign(body: StatementBody, voice: Voice): { readonly id: StatementId; readonly bytes: Uint8Array } {
    const by = voice.passkey ? "passkey" : "key"
    const draft = statementToSign(this.state.site, body, voice.key.publicKey, by, nodeCrypto)
    if (!voice.passkey) return { id: draft.id, bytes: draft.finish(voice.key.sign(draft.bytes)) }
    const tap = tapToSign(this.state.site, [draft], nodeCrypto)
    const [bytes] = tap.finish(assertionBy(voice.key, tap.challenge))
    ok(bytes)
    return { id: draft.id, bytes }
  }

  /** Brings signed bytes to the gate. */
  bring(bytes: Uint8Array): Outcome {
    const admission = admit(this.state, { type: ENTRY_STATEMENT, bytes }, this.now, nodeCrypto)
    this.last = admission
    this.state = admission.state
    return admission.outcome
  }

  /** Says something and tells what became of it: "ok" or the fault. */
  tries(change: Change, voice: Voice = ROOT_VOICE, expects: readonly Expect[] = []): string {
    const outcome = this.bring(this.sign(this.body(change, voice, expects), voice).bytes)
    return outcome.ok ? "ok" : outcome.fault
  }

  says(change: Change, voice: Voice = ROOT_VOICE): void {
    equal(this.tries(change, voice), "ok", `${change.kind} is admitted`)
  }

  /** Appoints somebody: their own key speaks for them afterwards. */
  appoint(
    word: string,
    keyKind: "passkey" | "software" = "software",
    kinds: readonly Change["kind"][] | null = null,
  ): Voice {
    const key = keyOf(word)
    const change: Change = {
      kind: "delegate",
      person: person(word),
      key: key.publicKey,
      keyKind,
      kinds,
      notAfter: null,
      credentialId: null,
      backupFlags: 0,
    }
    const { id: delegation, bytes } = this.sign(this.body(change, ROOT_VOICE), ROOT_VOICE)
    equal(this.bring(bytes).ok, true)
    return { author: person(word), chain: [delegation], key, passkey: keyKind === "passkey" }
  }

  /** Signs in: a session key speaks for the voice. */
  signIn(voice: Voice, word: string, hours = 8): Voice {
    ok(voice.author !== "root" && voice.author !== "keeper")
    const key = keyOf(word)
    const notAfter = unixSeconds(this.at + hours * 3600)
    const rest = { kinds: null, notAfter, credentialId: null, backupFlags: 0 }
    const change: Change = { kind: "delegate", person: voice.author, key: key.publicKey, keyKind: "session", ...rest }
    const { id: session, bytes } = this.sign(this.body(change, voice), voice)
    equal(this.bring(bytes).ok, true)
    return { author: voice.author, chain: [...voice.chain, session], key, passkey: false }
  }

  addPerson(word: string, credentials: readonly ("card" | "pin")[] = ["card"]): void {
    const commitment = labelCommitment(SALT, word, nodeCrypto)
    this.says({ kind: "person add", person: person(word), commitment })
    for (const what of credentials) this.says(this.credentialFor(word, what))
  }

  credentialFor(word: string, what: "card" | "pin"): Change {
    return {
      kind: "credential add",
      credential: credential(`${word} ${what}`),
      person: person(word),
      what,
      commitment: what === "pin" ? new Uint8Array(32) : sha256(utf8(`uid of ${word}`)),
      recipient: HPKE_KEY,
    }
  }

  setDoor(word: string, config: Partial<DoorConfig<ScheduleId>> = {}): void {
    this.says(this.doorSet(word, config))
  }

  doorSet(word: string, config: Partial<DoorConfig<ScheduleId>> = {}): Change {
    const commitment = labelCommitment(SALT, word, nodeCrypto)
    return {
      kind: "door set",
      door: door(word),
      commitment,
      config: { ...defaultConfig("UTC"), ...config },
      place: null,
    }
  }

  hours(word: string, rules: readonly WeekRule[], zone = "UTC", closedDays: readonly number[] = []): Change {
    return { kind: "schedule set", schedule: schedule(word), name: word, zone, rules, closedDays }
  }

  member(groupWord: string, word: string, from: number | null = null, until: number | null = null): Change {
    const start = from === null ? null : unixSeconds(from)
    const end = until === null ? null : unixSeconds(until)
    return { kind: "member add", group: group(groupWord), person: person(word), from: start, until: end }
  }

  /** A group and its grant of the same word on one door. */
  grantTo(groupWord: string, doors: readonly string[], scheduleWord: string | null): Change {
    const hours = scheduleWord === null ? null : schedule(scheduleWord)
    return {
      kind: "grant set",
      grant: grant(groupWord),
      group: group(groupWord),
      doors: doors.map(door),
      schedule: hours,
    }
  }

  policy(word: string): Policy {
    const compiled = compile(this.state, door(word), this.at)
    ok(compiled.ok, "the door compiles")
    return compiled.policy
  }
}
