/**
 * The small words of the contract: ids, hashes, bytes, times, versions, as JSON spells them.
 *
 * Ids and hashes are lower-case hex, other bytes are padded base64, times are whole milliseconds since 1970 and say `_ms`.
 * Words that the program knows as prose ("bolt drawn") travel as slugs ("bolt-drawn"): {@link slugOf} is the one rule.
 */
import * as Type from "typebox"

/** An id: 16 bytes as 32 lower-case hex digits. */
export const Id = Type.String({ pattern: "^[0-9a-f]{32}$", maxLength: 32 })
/** A SHA-256 as 64 lower-case hex digits. */
export const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", maxLength: 64 })
/** Milliseconds since 1970-01-01T00:00:00Z. */
export const Millis = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** A period of a log, like 2026Q4. */
export const Period = Type.String({ pattern: "^[0-9A-Za-z]{1,16}$", maxLength: 16 })
/** A word of a closed union inside the program, spelled with hyphens. */
export const Slug = Type.String({ pattern: "^[a-z0-9]+(-[a-z0-9]+)*$", maxLength: 60 })

/** Padded base64 (RFC 4648, section 4) of at most `size_max` bytes. */
export function Base64(size_max: number) {
  return Type.String({
    pattern: "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    maxLength: Math.ceil(size_max / 3) * 4,
    description: `base64 of at most ${size_max} bytes`,
  })
}

/** An object that has these fields and no other. */
export function Closed<Fields extends Type.TProperties>(fields: Fields) {
  return Type.Object(fields, { additionalProperties: false })
}

export function OrNull<Schema extends Type.TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()])
}

/** A policy version: it rises by epoch, then by size of the authority log. */
export const Version = Closed({ epoch: Count, size: Count })
export type Version = Type.Static<typeof Version>

/** "bolt drawn" -> "bolt-drawn", "too many people for PIN only" -> "too-many-people-for-pin-only". */
export function slugOf(words: string): string {
  const slug = words.toLowerCase().replace(/[^a-z0-9]+/g, "-")
  return slug.replace(/^-+|-+$/g, "")
}
