/**
 * The words of the control board: what a lock holds, what it is told, and what it asks its board to do.
 *
 * No behaviour is here. `turn.ts` says what happens; each field's own file says what it means.
 */
import type { Lease, Version } from "@holdfast/access/door"
import type { CredentialId, PersonId, Uptime } from "@holdfast/base"
import type { PublicKey } from "@holdfast/base/cose"
import type { Direction, Passes } from "./antipassback.ts"
import type { Sensed } from "@holdfast/sense"
import type { Alarms } from "./alarms.ts"
import type { Batch } from "./batch.ts"
import type { Bolt, BoltSensed, Drive } from "./bolt.ts"
import type { Exchange } from "./card/reader.ts"
import type { Readings } from "./card/readings.ts"
import type { Clock } from "./clock.ts"
import type { Defence } from "./defence.ts"
import type { Denies } from "./denies.ts"
import type { Door } from "./door.ts"
import type { Egress } from "./egress.ts"
import type { DriveMeasure, Motor } from "./motor.ts"
import type { Enrolment, Enrolled } from "./enrolment.ts"
import type { Collecting, Key } from "./factors.ts"
import type { Comparison } from "./finger.ts"
import type { Flood } from "./flood.ts"
import type { Journal } from "./journal.ts"
import type { Modes, ModeWord } from "./mode.ts"
import type { Ordering } from "./ordering.ts"
import type { KnownPhone } from "./phone/known.ts"
import type { PhoneEvent, PhoneMeeting } from "./phone/meeting.ts"
import type { PhoneAsk } from "./phone/reader.ts"
import type { Power } from "./power.ts"
import type { Used } from "./offline-used.ts"
import type { Result } from "./result.ts"
import type { FirstPerson } from "./second-person.ts"
import type { BatteryReading, Supply } from "./supply.ts"
import type { Active, Held, Incoming, Offer, Trust } from "./slot.ts"
import type { Part } from "./stored.ts"
import type { Throttle } from "./throttle.ts"
import type { Leaving, Service } from "./service.ts"
import type { Running, Update } from "./update.ts"

/** What a lock was given when it was paired, and its hardware. It never changes while it runs. */
export type Pairing = Trust & {
  /** Public half of the key that signs batches and states. */
  readonly journalKey: PublicKey
  /** The lock's key towards phones; absent on a board without a reader for them. */
  readonly readerKey?: PublicKey
  /** 32 bytes that never leave the secure element: turns codes and UIDs into handles. */
  readonly codeKey: Uint8Array
  /** How many records the storage holds. */
  readonly journal_records_max: number
  /** How many bytes of them, counted as {@link waitingBytes} counts; absent where records are what runs out first. */
  readonly journal_bytes_max?: number
  /** What keeps the keys; absent where nobody said. */
  readonly element?: "software" | "pkcs11"
}

/** The batch that is being signed, or was signed and waits for its receipt. */
export type Outstanding = {
  readonly batch: Batch
  /** The signed bytes and the sealed openings; null while the signature is being made. */
  readonly sent: { readonly entry: Uint8Array; readonly openings: Uint8Array; readonly again: Uptime } | null
}

export type Lock = {
  readonly pairing: Pairing
  readonly boot: number
  /** Fresh for each boot; salts, nonces and challenges are drawn from it by count. */
  readonly seed: Uint8Array
  readonly drawn: number
  readonly linked: boolean
  readonly askAgain: Uptime
  readonly clock: Clock
  readonly floorStoredAt: Uptime
  readonly bolt: Bolt
  /** What the bolt's sensor said last; null before it said anything in this boot. */
  readonly boltSensed: BoltSensed | null
  /** Why the bolt is drawn, if nobody's decision drew it. */
  readonly drawnBecause: Result
  readonly door: Door
  readonly exitMaskUntil: Uptime
  /** Somebody asked to leave, and the leaf has not opened since. */
  readonly exitAsked: boolean
  readonly egress: Egress
  readonly modes: Modes
  readonly ordering: Ordering
  /** The mode that ruled when it was last looked. */
  readonly ruled: ModeWord
  /** The other door of an interlocked pair, as its wire says. */
  readonly partner: "unknown" | "secure" | "open"
  /** The reader at which something is being shown. */
  readonly reader: Direction
  /** Who was let in and has not opened the leaf yet. */
  readonly passing: { readonly person: PersonId; readonly direction: Direction; readonly extended: boolean } | null
  readonly passes: Passes
  readonly power: Power
  readonly supply: Supply
  readonly motor: Motor
  /** Until when the motor presses the thrown bolt home, and from when it may do so again. */
  readonly reinforced: { readonly until: Uptime | null; readonly restsUntil: Uptime }
  readonly collecting: Collecting
  readonly exchange: {
    readonly state: Exchange
    readonly credential: CredentialId | null
    readonly until: Uptime
  } | null
  readonly meeting: PhoneMeeting | null
  /** Phones that were here before, newest first. */
  readonly phones: readonly KnownPhone[]
  /** Null where they were lost. */
  readonly readings: Readings | null
  readonly throttle: Throttle
  readonly update: Update
  readonly alarms: Alarms
  /** Null where it was lost: then no offline code is taken until one can be told from those before the loss. */
  readonly offlineUsed: Used | null
  /** Entries that were judged in this boot. */
  readonly codesTried: number
  readonly firstPerson: FirstPerson | null
  readonly enrolment: Enrolment | null
  readonly service: Service
  readonly active: Active | null
  readonly incoming: Incoming | null
  readonly wantAgain: Uptime
  /** Pieces that were asked for and have not come. */
  readonly wanted: number
  readonly held: Held
  readonly lease: Lease | null
  /** A ticket for the policy that is still being gathered. */
  readonly leaseAhead: Uint8Array | null
  readonly leaseEndNoted: boolean
  readonly denies: Denies
  readonly journal: Journal
  readonly flood: Flood
  readonly defence: Defence
  readonly outstanding: Outstanding | null
  readonly wakeAt: Uptime | null
}

/** What a courier brought, already out of its envelope. */
export type Message =
  | ({ readonly kind: "policy" } & Offer)
  | { readonly kind: "chunk"; readonly policy: Uint8Array; readonly index: number; readonly bytes: Uint8Array }
  | {
      readonly kind: "secret"
      readonly credential: CredentialId
      readonly sealed: Uint8Array
      /** What the board's HPKE key opened, or null where it did not open. */
      readonly opened: Uint8Array | null
    }
  | { readonly kind: "lease"; readonly ticket: Uint8Array }
  | { readonly kind: "beacon"; readonly beacon: Uint8Array }
  | { readonly kind: "receipt"; readonly receipt: Uint8Array }
  | { readonly kind: "deny"; readonly envelope: Uint8Array }
  | {
      readonly kind: "image piece"
      readonly image: Uint8Array
      readonly size: number
      readonly offset: number
      readonly bytes: Uint8Array
    }
  /** Somebody wants to order something, and needs a nonce for it. */
  | { readonly kind: "ask nonce" }
  | { readonly kind: "order"; readonly envelope: Uint8Array }
  /** The keeper tells of another door: see `narrowing.ts`. */
  | { readonly kind: "narrowing"; readonly ticket: Uint8Array }
  /** Bytes that no envelope could be read from. */
  | { readonly kind: "unreadable" }

export type Input =
  | { readonly kind: "tick" }
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "card presented"; readonly uid: Uint8Array; readonly reader?: Direction }
  | { readonly kind: "card answered"; readonly bytes: Uint8Array }
  | { readonly kind: "card gone" }
  /** The address in a card's memory, from a reader that only reads. */
  | { readonly kind: "address read"; readonly address: string }
  | ({ readonly kind: "biometric" } & Comparison)
  | { readonly kind: "enrolment asked" }
  | ({ readonly kind: "enrol" } & Enrolled)
  | { readonly kind: "mechanical key turned" }
  | { readonly kind: "emergency power applied" }
  | { readonly kind: "phone"; readonly phone: PhoneEvent }
  | { readonly kind: "bolt sensed"; readonly bolt: BoltSensed }
  | { readonly kind: "motor stalled" }
  | { readonly kind: "door sensed"; readonly door: "open" | "closed" }
  | { readonly kind: "request to exit" }
  /** The bar of a delayed way out was pushed. */
  | { readonly kind: "exit bar" }
  | { readonly kind: "fire"; readonly alarm: boolean }
  /** The other door of an interlocked pair is closed and locked, or not. */
  | { readonly kind: "partner"; readonly secure: boolean }
  /** The key at the door that locks it again after a fire or a delayed way out. */
  | { readonly kind: "relocked by hand" }
  | { readonly kind: "power"; readonly mains: "lost" | "returned" }
  | { readonly kind: "battery"; readonly reading: BatteryReading }
  /** A drive arrived, and its current was measured. */
  | { readonly kind: "drive measured"; readonly measure: DriveMeasure }
  /** Something feeds the contact at the front, or no longer. */
  | { readonly kind: "external supply"; readonly on: boolean }
  /** What the tamper, supply and radio sensors say. */
  | { readonly kind: "sensed"; readonly sensed: Sensed }
  | { readonly kind: "linked" }
  | { readonly kind: "unlinked" }
  | { readonly kind: "message"; readonly message: Message }
  /** The button inside the case. */
  | { readonly kind: "service pressed" }
  /** A diagnosis was signed; its hash. */
  | { readonly kind: "diagnosed"; readonly report: Uint8Array }
  /** What the launcher started; a board without one says nothing. */
  | { readonly kind: "started"; readonly running: Running }
  /** What the board found in the slot that does not run: a fault in words, or null for an image that may run here. */
  | { readonly kind: "image checked"; readonly image: Uint8Array; readonly fault: string | null }
  | { readonly kind: "batch signed"; readonly signature: Uint8Array; readonly openings: Uint8Array }

/** What people at the door see and hear. Every denial is the same signal, and every key the same. */
export type Signal =
  | "granted"
  | "denied"
  | "busy"
  | "idle"
  | "close the door"
  | "battery low"
  | "wait to leave"
  | "here"
  | "alarm"
  | "alarm over"

/** What goes up to the courier; `core/wire` writes it. */
export type Outgoing =
  | {
      readonly kind: "hello"
      readonly nonce: Uint8Array
      readonly version: { readonly epoch: number; readonly size: number } | null
      readonly policy: Uint8Array | null
      readonly authority_size: number
      readonly next_sequence: number
      readonly lease_end_s: number
    }
  | { readonly kind: "batch"; readonly entry: Uint8Array; readonly openings: Uint8Array }
  | {
      readonly kind: "want"
      readonly policy: Uint8Array
      readonly chunks: readonly number[]
      readonly credentials: readonly CredentialId[]
    }
  | {
      readonly kind: "want image"
      readonly image: Uint8Array
      readonly offset: number
      readonly pieces: number
      readonly piece_size: number
    }
  /** For one order: see `ordering.ts`. */
  | { readonly kind: "nonce"; readonly nonce: Uint8Array; readonly version: Version }

/** Asked of the board, in this order; a store is durable before the next effect begins. */
export type Effect =
  /** Replaces the part. */
  | { readonly kind: "store"; readonly part: Part; readonly bytes: Uint8Array }
  /** Appends a record to the journal's storage. */
  | { readonly kind: "append"; readonly sequence: number; readonly bytes: Uint8Array }
  /** Records up to and with this sequence are safe elsewhere: their room may be used again. */
  | { readonly kind: "release"; readonly through: number }
  /** What storage holds from this sequence on is damaged or beyond a gap: it must go before anything is appended. */
  | { readonly kind: "discard"; readonly from: number }
  /** A throw, once its profile is learnt: where the board cuts it as stalled, in milliamperes after the inrush. */
  | { readonly kind: "drive"; readonly drive: Drive; readonly limit_ma?: number }
  | { readonly kind: "show"; readonly signal: Signal }
  | { readonly kind: "card send"; readonly bytes: Uint8Array }
  /** What was just enrolled is this credential: the matcher keeps its template under this id. */
  | { readonly kind: "enrolled"; readonly credential: CredentialId }
  | { readonly kind: "phone send"; readonly bytes: Uint8Array }
  /** Of whoever holds the lock's private keys for phones; the answer is an input of a phone. */
  | { readonly kind: "phone ask"; readonly ask: PhoneAsk }
  /** Sign `bytes` with the journal key, seal `openings` to the keeper, answer with "batch signed". */
  | { readonly kind: "sign batch"; readonly bytes: Uint8Array; readonly openings: Uint8Array }
  | { readonly kind: "send"; readonly message: Outgoing }
  /** Into the slot that does not run, durable before the next effect; at offset 0 what was there goes. */
  | { readonly kind: "image write"; readonly offset: number; readonly bytes: Uint8Array }
  /** Hold the first `size` bytes of that slot against this hash, then against all that an image must be; "image checked". */
  | { readonly kind: "image check"; readonly image: Uint8Array; readonly size: number }
  /** Note the image as on trial and restart. */
  | { readonly kind: "image try"; readonly image: Uint8Array }
  /** The pairing is over and the log is safe: destroy the keys and what the storage holds. */
  | { readonly kind: "leave"; readonly what: Leaving }
  /** What was stored must not be readable any more, with whatever the board holds from now on: another key for its storage. */
  | { readonly kind: "erase" }
  /** The running image is well: it is the good one from now on. */
  | { readonly kind: "image confirm" }
  /** A tick is wanted at this uptime; it replaces the one asked for before, which any tick uses up. Null: none. */
  | { readonly kind: "wake"; readonly at: Uptime | null }

export type Turn = { readonly state: Lock; readonly effects: readonly Effect[] }
