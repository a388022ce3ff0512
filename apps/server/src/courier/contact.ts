/** What the courier remembers of a lock that it can reach: until when it is provided for, and what it holds. */
import { type Dropped, Outbox, type Publish } from "./outbox.ts"

export type Contact = {
  readonly outbox: Outbox
  /** The size of the authority log whose checkpoint the lock holds: a policy comes with the proof from there. */
  held_size: number
  /** When a new lease ticket is due. */
  renew_at_ms: number
  /** The hash of the policy that was last sent, and when; null once the lock says that it has it, or what else it has. */
  sent: { readonly policy: string; readonly at_ms: number } | null
  /** Policy or lease is being fetched from the keeper: one at a time. */
  isProviding: boolean
  /** Something changed while it was being fetched. */
  isWanting: boolean
  /** The newest beat, while the keeper has not had it. */
  untold: Uint8Array | null
  /** What another door means for it has not got on its way: asked for again at the next tick. */
  owesNarrowing: boolean
}

export function newContact(publish: Publish, dropped: Dropped): Contact {
  const contact: Contact = {
    outbox: new Outbox(publish, (kind) => {
      if (kind === "narrowing") contact.owesNarrowing = true
      dropped(kind)
    }),
    held_size: 0,
    renew_at_ms: Number.POSITIVE_INFINITY,
    sent: null,
    isProviding: false,
    isWanting: false,
    untold: null,
    owesNarrowing: false,
  }
  return contact
}
