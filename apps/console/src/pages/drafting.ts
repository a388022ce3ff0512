/** Putting changes into the tray, with new ids and salts, and saying so in one line. */
import type { Change } from "@holdfast/access"
import { labelCommitment, SALT_SIZE } from "@holdfast/access/author"
import { type Id, idOf } from "@holdfast/base"
import { randomBytes, webCrypto } from "@holdfast/port-web"
import { useDesk } from "../app/desk.ts"
import { addDraft, type Draft, type DraftOpening, DRAFTS_MAX } from "../data/drafts.ts"

export function newId<Name extends string>(): Id<Name> {
  return idOf<Name>(randomBytes(16))
}

/** A name's commitment and what opens it. */
export function sealedLabel(
  object: DraftOpening["object"],
  text: string,
): { commitment: Uint8Array; opening: DraftOpening } {
  const salt = randomBytes(SALT_SIZE)
  return { commitment: labelCommitment(salt, text, webCrypto), opening: { object, salt, value: text } }
}

export type Drafting = (changes: readonly NewDraft[], says: string) => boolean
export type NewDraft = { readonly change: Change; readonly opening?: DraftOpening; readonly issue?: Draft["issue"] }

/** Collects changes; false when the tray is full. */
export function useDrafting(): Drafting {
  const desk = useDesk()
  return (changes, says) => {
    if (desk.tray.value.drafts.length + changes.length > DRAFTS_MAX) {
      desk.said.set(`The tray holds ${DRAFTS_MAX} changes. Sign or remove some first.`)
      return false
    }
    for (const { change, opening, issue } of changes) {
      desk.tray.change((tray) => addDraft(tray, { change, opening: opening ?? null, issue: issue ?? null }))
      if (typeof opening?.value === "string") desk.labels.learn(opening.object, opening.value)
    }
    desk.said.set(says)
    return true
  }
}
