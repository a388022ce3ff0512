/**
 * The envelope of whatever goes between a lock and its courier, either way: a CBOR array that begins with the number of its
 * kind, and then has that kind's fields and no others. It says nothing of what the fields mean; up and down each know theirs.
 */
import { type Cbor, decodeCbor } from "@holdfast/base/cbor"

/** Payload of one MQTT message, either way. */
export const MESSAGE_BYTES_MAX = 128 * 1024
/** A firmware image, of which pieces are asked for and brought. */
export const IMAGE_BYTES_MAX = 16 * 1024 * 1024

export type EnvelopeFault = "too large" | "not CBOR" | "unknown kind" | "fields missing or wrong"

/** How a kind is read: so many fields, and what they say, or null. */
export type Kind<Message> = { readonly count: number; readonly read: (fields: readonly Cbor[]) => Message | null }

export type Opened<Message> =
  | { readonly ok: true; readonly message: Message }
  | { readonly ok: false; readonly fault: EnvelopeFault }

/** Reads an envelope. Refuses at the size cap before anything else. */
export function openEnvelope<Message>(bytes: Uint8Array, kinds: ReadonlyMap<number, Kind<Message>>): Opened<Message> {
  if (bytes.length > MESSAGE_BYTES_MAX) return { ok: false, fault: "too large" }
  const decoded = decodeCbor(bytes)
  if (!decoded.ok) return { ok: false, fault: "not CBOR" }
  if (!Array.isArray(decoded.value)) return { ok: false, fault: "fields missing or wrong" }
  const [number, ...fields] = decoded.value as readonly Cbor[]
  const kind = typeof number === "number" ? kinds.get(number) : undefined
  if (kind === undefined) return { ok: false, fault: "unknown kind" }
  const message = fields.length === kind.count ? kind.read(fields) : null
  return message === null ? { ok: false, fault: "fields missing or wrong" } : { ok: true, message }
}
