/**
 * Silent alarms at the keeper: what was called for under duress, who acknowledged it, and the sheets that tell receivers.
 *
 * A call comes in two ways, and counts once: in a beat, until the lock has the receipt of its record; and in the record's own
 * opening. What beats said is kept in memory, since locks repeat it; marks stand in the sealed openings, acknowledgements in the
 * looks log, sealed to the keeper. So nothing of its own is stored, and no file grows when somebody calls for help.
 *
 * Whom an alarm is about is never told of it: whoever forces him may stand beside his screen. Nor can he acknowledge it.
 */
import type { State } from "@holdfast/access"
import {
  type Acknowledged,
  type AlarmSheet,
  BOOK_SIZE,
  decodeQuestion,
  encodeSheet,
  SHEET_SIZE,
  type SheetName,
  type SilentAlarm,
} from "@holdfast/access/sheet"
import {
  assert,
  type CredentialId,
  type DoorId,
  equalBytes,
  type Id,
  type PersonId,
  type UnixMillis,
  unixMillis,
} from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import { toHex } from "@holdfast/base/text"
import { decodeDetail, type Opening, openState } from "@holdfast/lock"
import { decodeAlarmNotice } from "@holdfast/lock/alarms"
import { hpkeInfo, openSealed } from "@holdfast/port-node"
import { seal } from "./credentials.ts"
import type { Keeping } from "./keeping.ts"
import { nameOf } from "./names.ts"

/** Longer names and details are left out, so that a sheet always has room for an alarm. */
const NAME_LENGTH_MAX = 64
const DETAIL_SIZE_MAX = 160

/** One or several entries under duress at one door. */
type Call = {
  readonly door: DoorId
  readonly entries: number
  readonly at_ms: UnixMillis
  readonly person: PersonId | null
  readonly credential: CredentialId | null
  readonly record: SilentAlarm["record"]
}

type Mark = Call & { readonly key: string }

/** What the beats of one lock say now. */
type Heard = {
  readonly door: DoorId
  readonly boot: number
  readonly uptime_ms: number
  readonly count: number
  readonly oldest: number
  readonly credential: CredentialId | null
  /** When the count last rose. */
  readonly at_ms: UnixMillis
}

type Acknowledgement = Acknowledged & { readonly by: PersonId; readonly at_ms: UnixMillis }

function lockName(door: DoorId, key: PublicKey): string {
  return `${door} ${toHex(key)}`
}

export class Alarms {
  readonly #keeping: Keeping
  readonly #marks: Mark[] = []
  /** By door and journal key. */
  readonly #heard = new Map<string, Heard>()
  readonly #acknowledgements: Acknowledgement[] = []
  readonly #names = new Map<string, SheetName | null>()

  constructor(keeping: Keeping) {
    this.#keeping = keeping
  }

  /** Openings that bear the mark, of a batch that the paired lock signed. */
  marked(door: DoorId, key: PublicKey, at_ms: UnixMillis, openings: readonly Opening[]): void {
    const name = lockName(door, key)
    for (const { sequence, salt, detail } of openings) {
      const heard = this.#heard.get(name) ?? null
      const isHeard = heard !== null && heard.count > this.#recorded(name, heard.oldest)
      const { person = null, credential = heard?.credential ?? null } = decodeDetail(detail) ?? {}
      const record = { sequence, salt, detail }
      // What a beat told before its record came is no news with the record.
      const first_ms = isHeard ? heard.at_ms : at_ms
      this.#marks.push({ key: name, door, at_ms: first_ms, person, credential, record, entries: 1 })
    }
  }

  /** How many marks of a lock there are from a record on; none while that record is not known. */
  #recorded(key: string, oldest: number): number {
    if (oldest === 0) return 0
    return this.#marks.filter((mark) => mark.key === key && (mark.record?.sequence ?? 0) >= oldest).length
  }

  /** A beat: believed if the lock that is paired with the door signed it, and it is newer than the last. */
  beat(state: State, door: DoorId, bytes: Uint8Array): void {
    const { ports, keys, site, clock } = this.#keeping
    const lock = state.doors.get(door)?.lock ?? null
    const said = lock === null ? null : openState(ports.crypto, site, lock.journalKey, bytes)
    if (lock === null || said === null || said.door !== door || said.sealedAlarm === undefined) return
    const plain = openSealed(keys.hpke, hpkeInfo("alarm", site), said.sealedAlarm)
    const notice = plain === null ? null : decodeAlarmNotice(plain)
    const name = lockName(door, lock.journalKey)
    const known = this.#heard.get(name)
    if (notice === null || (known !== undefined && !isLater(known, said))) return
    const isMore = known === undefined || notice.count > known.count
    const at_ms = isMore ? clock.admission() : known.at_ms
    const { boot, uptime_ms } = said
    this.#heard.set(name, { ...notice, door, boot, uptime_ms, at_ms })
  }

  /** Whether this key is the one by which this person receives. */
  isReceiver(state: State, person: PersonId, key: Uint8Array): boolean {
    const own = state.receivers.get(person)
    return own !== undefined && equalBytes(own, key) && state.people.get(person)?.standing === "good"
  }

  /** What a receiver acknowledged in a look that is in the log. Nobody acknowledges what is yet to come. */
  acknowledge(by: PersonId, at_ms: UnixMillis, sealed: Uint8Array): void {
    const { keys, site } = this.#keeping
    const plain = openSealed(keys.hpke, hpkeInfo("question", site), sealed)
    for (const { door, through_ms } of (plain === null ? null : decodeQuestion(plain)) ?? [])
      this.#acknowledgements.push({ door, through_ms: unixMillis(Math.min(through_ms, at_ms)), by, at_ms })
  }

  /** All that a receiver may read, as a look is answered; for whoever is none an empty book of the same size. */
  book(state: State, person: PersonId | null): Uint8Array {
    return encodeSheet(this.#sheetFor(state, person), BOOK_SIZE)
  }

  /** A sheet for each receiver in good standing, sealed to him. */
  sheets(state: State): { readonly person: PersonId; readonly sealed: Uint8Array }[] {
    return [...state.receivers].flatMap(([person, key]) => {
      if (!this.isReceiver(state, person, key)) return []
      const sealed = seal(this.#keeping, "sheet", key, encodeSheet(this.#sheetFor(state, person), SHEET_SIZE))
      return sealed === null ? [] : [{ person, sealed }]
    })
  }

  #sheetFor(state: State, receiver: PersonId | null): AlarmSheet {
    const alarms = receiver === null ? [] : this.#alarmsFor(state, receiver)
    return { at_ms: this.#keeping.clock.admission(), more: 0, alarms }
  }

  /** Open ones first, the newest first among them; then those that were acknowledged. */
  #alarmsFor(state: State, receiver: PersonId): SilentAlarm[] {
    const groups = new Map<string, { calls: Call[]; by: Acknowledgement | null }>()
    for (const call of this.#calls()) {
      const person = call.person ?? ownerOf(state, call.credential)
      if (person === receiver) continue
      const by = this.#acknowledgementOf(call, person)
      const name = `${call.door} ${by === null ? "open" : this.#acknowledgements.indexOf(by)}`
      const group = groups.get(name) ?? { calls: [], by }
      group.calls.push({ ...call, person })
      groups.set(name, group)
    }
    const alarms = [...groups.values()].map(({ calls, by }) => this.#alarmOf(state, calls, by))
    const rank = (alarm: SilentAlarm): number => (alarm.acknowledged === null ? 0 : 1)
    return alarms.sort((a, b) => rank(a) - rank(b) || b.last_ms - a.last_ms)
  }

  /** Every mark, and of what beats say as much as no mark stands for. */
  #calls(): Call[] {
    const calls: Call[] = [...this.#marks]
    for (const [key, { door, count, oldest, credential, at_ms }] of this.#heard) {
      const entries = count - this.#recorded(key, oldest)
      if (entries > 0) calls.push({ door, entries, at_ms, credential, person: null, record: null })
    }
    return calls
  }

  #acknowledgementOf({ door, at_ms }: Call, person: PersonId | null): Acknowledgement | null {
    const covers = (each: Acknowledgement): boolean =>
      each.door === door && each.through_ms >= at_ms && each.by !== person
    return this.#acknowledgements.find(covers) ?? null
  }

  #alarmOf(state: State, calls: readonly Call[], by: Acknowledgement | null): SilentAlarm {
    const inTime = calls.toSorted((a, b) => a.at_ms - b.at_ms)
    const [first] = inTime
    const last = inTime.at(-1)
    assert(first !== undefined && last !== undefined, "an alarm stands for a call")
    const { door } = last
    const person = inTime.findLast((call) => call.person !== null)?.person ?? null
    return {
      door,
      person,
      entries: calls.reduce((sum, call) => sum + call.entries, 0),
      first_ms: first.at_ms,
      last_ms: last.at_ms,
      record:
        inTime.findLast(({ record }) => record !== null && record.detail.length <= DETAIL_SIZE_MAX)?.record ?? null,
      acknowledged: by === null ? null : { by: by.by, at_ms: by.at_ms },
      personName: person === null ? null : this.#name(state, person),
      doorName: this.#name(state, door),
    }
  }

  /** Names are kept, so that a sheet with alarms takes no longer to write than one without. */
  #name(state: State, object: Id<string>): SheetName | null {
    const name = `${object} ${state.touched.get(object as DoorId) ?? 0}`
    const known = this.#names.get(name)
    if (known !== undefined) return known
    const found = nameOf(this.#keeping, state, object)
    const short = found === null || found.text.length > NAME_LENGTH_MAX ? null : found
    this.#names.set(name, short)
    return short
  }
}

function isLater(known: Heard, said: { readonly boot: number; readonly uptime_ms: number }): boolean {
  return said.boot === known.boot ? said.uptime_ms > known.uptime_ms : said.boot > known.boot
}

function ownerOf(state: State, credential: CredentialId | null): PersonId | null {
  return credential === null ? null : (state.credentials.get(credential)?.person ?? null)
}
