/**
 * Silent alarms as this browser is told them: sheets that come every few seconds, sealed to the receiving key that is kept
 * here, and the book that is asked for when somebody wants to read on.
 *
 * The newest sheet or book is all there is; nothing of it is kept when the page closes. A sheet that stays away is a fact of
 * its own: silence must not look like peace.
 */
import type { State } from "@holdfast/access"
import { labelCommitment } from "@holdfast/access/author"
import {
  type Acknowledged,
  type AlarmSheet,
  decodeSheet,
  type SheetName,
  type SilentAlarm,
} from "@holdfast/access/sheet"
import { equalBytes, type Id, type PersonId, type SiteId } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { findSealingKey, hpkeInfo, keepSealingKey, openSealed, type SealingKey, webCrypto } from "@holdfast/port-web"
import { shortId } from "./labels.ts"
import { Store } from "./store.ts"

/** Sheets come every two seconds; several of them missed are worth a word. */
export const SHEET_MS_MAX = 15_000

export type Told = {
  /** Null before the first sheet. */
  readonly sheet: AlarmSheet | null
  readonly heardAt_ms: number | null
  /** The long form, since somebody asked for it. */
  readonly book: AlarmSheet | null
}

/** Whether a person is told, and whether by the key of this browser. */
export type Reception = "not told" | "told by another key" | "told here"

function keyName(site: SiteId): string {
  return `alarms.${site}`
}

export class SilentAlarms {
  readonly store = new Store<Told>({ sheet: null, heardAt_ms: null, book: null })
  readonly key = new Store<SealingKey | null>(null)
  readonly #site: SiteId

  constructor(site: SiteId) {
    this.#site = site
    void findSealingKey(keyName(site)).then(
      (found) => this.key.set(found),
      () => undefined,
    )
  }

  /** Makes the key to which alarms will be sealed, once somebody signs that they shall be. */
  async makeKey(): Promise<void> {
    this.key.set(await keepSealingKey(keyName(this.#site)))
  }

  /** A sheet that came; one that is sealed to another key is nobody's here. */
  async hear(sealed: string): Promise<void> {
    const bytes = fromBase64(sealed)
    const key = this.key.value
    const plain = bytes === null || key === null ? null : await openSealed(key, hpkeInfo("sheet", this.#site), bytes)
    const sheet = plain === null ? null : decodeSheet(plain)
    if (sheet === null || sheet.at_ms < (this.store.value.sheet?.at_ms ?? 0)) return // An old one, brought again.
    this.store.change((now) => ({ ...now, sheet, heardAt_ms: Date.now() }))
  }

  /** When the newest of what was told here was written: what is asked for from now on is no older. */
  get told_ms(): number {
    const { sheet, book } = this.store.value
    return Math.max(sheet?.at_ms ?? 0, book?.at_ms ?? 0)
  }

  read(book: AlarmSheet): void {
    this.store.change((now) => (book.at_ms < (now.book?.at_ms ?? 0) ? now : { ...now, book }))
  }
}

/**
 * Whether a book answers what was asked: written since then, and showing as acknowledged whatever was acknowledged. What was
 * once sealed to this key can be brought again, and whoever is a receiver no longer is given an empty book.
 */
export function isAnswer(book: AlarmSheet, since_ms: number, acknowledged: readonly Acknowledged[]): boolean {
  const shows = ({ door, through_ms }: Acknowledged): boolean =>
    book.alarms.some((each) => each.door === door && each.acknowledged !== null && each.last_ms >= through_ms)
  return book.at_ms >= since_ms && acknowledged.every(shows)
}

export function receptionOf(state: State | null, person: PersonId, key: SealingKey | null): Reception {
  const own = state?.receivers.get(person)
  if (own === undefined) return "not told"
  return key !== null && equalBytes(own, key.publicKey) ? "told here" : "told by another key"
}

/** What stands in the newest of both, the book where it is as new: a sheet has room for the first few alone. */
export function alarmsOf({ sheet, book }: Told): readonly SilentAlarm[] {
  if (book === null || sheet === null) return (book ?? sheet)?.alarms ?? []
  if (book.at_ms >= sheet.at_ms) return book.alarms
  const name = ({ door, first_ms }: SilentAlarm): string => `${door} ${first_ms}`
  const shown = new Set(sheet.alarms.map(name))
  return [...sheet.alarms, ...book.alarms.filter((alarm) => alarm.acknowledged !== null && !shown.has(name(alarm)))]
}

export function openAlarms(alarms: readonly SilentAlarm[]): readonly SilentAlarm[] {
  return alarms.filter(({ acknowledged }) => acknowledged === null)
}

/** The name that came with an alarm if it opens the commitment in the verified log; asking for it would be seen by others. */
export function nameIn(state: State | null, id: Id<string>, name: SheetName | null): string {
  const committed = state?.people.get(id as PersonId)?.commitment ?? state?.doors.get(id as never)?.commitment
  if (name === null || committed === undefined) return shortId(id)
  return equalBytes(committed, labelCommitment(name.salt, name.text, webCrypto)) ? name.text : shortId(id)
}
