/**
 * The sealed channel between a lock and a phone: AES-256-GCM with a key and a count for each direction (Aliro 1.0, 8.3.1.7).
 *
 * The nonce is the direction (eight bytes, 0 from the lock, 1 from the phone) and the count from 1 on, so none is used twice
 * under one key; and keys live for one meeting.
 */
import { assert, type Crypto, EMPTY } from "@holdfast/base"
import type { ChannelKeys } from "./keys.ts"

export type Side = "reader" | "phone"

/** How many messages each end has sealed. */
export type Channel = ChannelKeys & { readonly sealed: Readonly<Record<Side, number>> }

const MESSAGES_MAX = 0xffff

export function channelOf({ reader, phone }: ChannelKeys): Channel {
  return { reader, phone, sealed: { reader: 0, phone: 0 } }
}

function nonceOf(side: Side, count: number): Uint8Array {
  const nonce = new Uint8Array(12)
  nonce[7] = side === "phone" ? 1 : 0
  new DataView(nonce.buffer).setUint32(8, count)
  return nonce
}

function counted(channel: Channel, by: Side): Channel {
  const count = channel.sealed[by] + 1
  assert(count <= MESSAGES_MAX, "a meeting is short")
  return { ...channel, sealed: { ...channel.sealed, [by]: count } }
}

export type Sealed = { readonly channel: Channel; readonly bytes: Uint8Array }

export function sealBy(crypto: Crypto, by: Side, channel: Channel, plain: Uint8Array): Sealed {
  const after = counted(channel, by)
  return { channel: after, bytes: crypto.aesGcmSeal(after[by], nonceOf(by, after.sealed[by]), EMPTY, plain) }
}

/** The next message of that end, or null for anything else. */
export function openFrom(crypto: Crypto, by: Side, channel: Channel, bytes: Uint8Array): Sealed | null {
  const after = counted(channel, by)
  const plain = crypto.aesGcmOpen(after[by], nonceOf(by, after.sealed[by]), EMPTY, bytes)
  return plain === null ? null : { channel: after, bytes: plain }
}

/** A cryptogram's nonce is zero: its key serves one message. */
const ONCE = new Uint8Array(12)

export function sealOnce(crypto: Crypto, key: Uint8Array, plain: Uint8Array): Uint8Array {
  return crypto.aesGcmSeal(key, ONCE, EMPTY, plain)
}

export function openOnce(crypto: Crypto, key: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  return crypto.aesGcmOpen(key, ONCE, EMPTY, bytes)
}
