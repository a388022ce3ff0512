/**
 * The tray: changes that were collected and not yet signed. Nothing in it has happened.
 *
 * A draft that says something new about the same thing replaces the older one where that loses nothing, so that typing twice
 * does not make two statements. Taking one away also takes those that build upon it.
 */
import type { Change, ObjectId } from "@holdfast/access"
import { objectsOf } from "@holdfast/access/author"

/** What opens a commitment of the change; it is sealed to the keeper when the draft is signed. */
export type DraftOpening = { readonly object: ObjectId; readonly salt: Uint8Array; readonly value: string | Uint8Array }

export type Draft = {
  readonly id: number
  readonly change: Change
  readonly opening: DraftOpening | null
  /** Where the issued secret of a new credential goes: shown here once, or written to a card. */
  readonly issue: { readonly to: "this page" } | { readonly to: "card"; readonly card: string } | null
}

export type Tray = {
  readonly drafts: readonly Draft[]
  readonly next: number
  readonly undone: readonly Draft[] | null
}

export const EMPTY_TRAY: Tray = { drafts: [], next: 1, undone: null }
/** One submission's bound in the contract. */
export const DRAFTS_MAX = 128

/** What makes two drafts be about the same thing, or null where each stands alone. */
function subject(change: Change): string | null {
  switch (change.kind) {
    case "person label":
    case "person revoke":
    case "person restore":
      return `${change.kind} ${change.person}`
    case "group set":
      return `${change.kind} ${change.group}`
    case "member add":
    case "member remove":
      return `member ${change.group} ${change.person}`
    case "grant set":
    case "grant remove":
      return `grant ${change.grant}`
    case "schedule set":
      return `${change.kind} ${change.schedule}`
    case "door set":
      return `${change.kind} ${change.door}`
    case "plan":
      return `${change.kind} ${change.floor}`
    case "receiver set":
    case "receiver remove":
      return `receiver ${change.person}`
    default:
      return null
  }
}

/** The objects that a change brings into being. */
function created(change: Change): ObjectId | null {
  switch (change.kind) {
    case "person add":
      return change.person
    case "credential add":
      return change.credential
    case "group set":
      return change.group
    case "schedule set":
      return change.schedule
    case "door set":
      return change.door
    default:
      return null
  }
}

/** Whether a change leans on an object: it touches it or names it. */
function mentions(change: Change, object: ObjectId): boolean {
  if (objectsOf(change).includes(object)) return true
  if (change.kind === "grant set")
    return change.group === object || change.schedule === object || change.doors.some((door) => door === object)
  return change.kind === "door set" && change.config.modes.some((mode) => mode.schedule === object)
}

export function addDraft(tray: Tray, draft: Omit<Draft, "id">): Tray {
  const about = subject(draft.change)
  const replaced = about === null ? -1 : tray.drafts.findIndex((each) => subject(each.change) === about)
  if (replaced >= 0) {
    const drafts = tray.drafts.map((each, index) => (index === replaced ? { ...draft, id: each.id } : each))
    return { ...tray, drafts, undone: null }
  }
  return { drafts: [...tray.drafts, { ...draft, id: tray.next }], next: tray.next + 1, undone: null }
}

/** Takes a draft away, with those that would make no sense without it. `known` tells whether the site already has an object. */
export function removeDraft(tray: Tray, id: number, known: (object: ObjectId) => boolean): Tray {
  const gone = new Set([id])
  const objects = tray.drafts.flatMap((each) => (each.id === id ? (created(each.change) ?? []) : []))
  for (const object of objects) {
    if (known(object)) continue
    for (const each of tray.drafts) if (mentions(each.change, object)) gone.add(each.id)
  }
  return { ...tray, drafts: tray.drafts.filter((each) => !gone.has(each.id)), undone: tray.drafts }
}

export function undo(tray: Tray): Tray {
  return tray.undone === null ? tray : { ...tray, drafts: tray.undone, undone: null }
}

/** What is left after some were admitted: the refused ones stay, so that nothing typed is lost. */
export function keepOnly(tray: Tray, ids: ReadonlySet<number>): Tray {
  return { ...tray, drafts: tray.drafts.filter((each) => ids.has(each.id)), undone: null }
}
