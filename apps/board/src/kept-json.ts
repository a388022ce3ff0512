/**
 * What a board's program keeps as JSON and reads back at its next start, held against a schema: a disk and a hand can change
 * any file.
 *
 * A schema is a function from what JSON said to the value that is meant, or undefined where it says something else. A file that
 * does not fit is never mended by guessing: it is named in one line, and nothing is started on it.
 */
import { fromHex, utf8 } from "@holdfast/base/text"
import type { Disk } from "@holdfast/port-node"
import { join } from "node:path"

export type Schema<Value> = (said: unknown) => Value | undefined

/** A file is there and does not fit its schema; the message is one line for a person. */
export class KeptJsonError extends Error {
  override readonly name = "KeptJsonError"
}

const TEXT_LENGTH_MAX = 16_384

export const text: Schema<string> = (said) =>
  typeof said === "string" && said.length <= TEXT_LENGTH_MAX ? said : undefined

export const flag: Schema<boolean> = (said) => (typeof said === "boolean" ? said : undefined)

export function numberIn(min: number, max: number): Schema<number> {
  return (said) => (typeof said === "number" && said >= min && said <= max ? said : undefined)
}

export function integerIn(min: number, max: number): Schema<number> {
  return (said) => (Number.isSafeInteger(said) ? numberIn(min, max)(said) : undefined)
}

export function oneOf<const Word extends string>(words: readonly Word[]): Schema<Word> {
  return (said) => words.find((word) => word === said)
}

/** Bytes as hex. */
export function bytes(size_min: number, size_max: number = size_min): Schema<Uint8Array> {
  return made(text, (hex) => {
    const read = fromHex(hex)
    return read !== null && read.length >= size_min && read.length <= size_max ? read : null
  })
}

export function orNull<Value>(schema: Schema<Value>): Schema<Value | null> {
  return (said) => (said === null ? null : schema(said))
}

/** For a field that files of an earlier version do not have. */
export function orAbsent<Value>(schema: Schema<Value>, absent: Value): Schema<Value> {
  return (said) => (said === undefined ? absent : schema(said))
}

export function listOf<Item>(schema: Schema<Item>): Schema<readonly Item[]> {
  return (said) => {
    if (!Array.isArray(said)) return undefined
    const items = said.map((each: unknown) => schema(each)).filter((item) => item !== undefined)
    return items.length === said.length ? items : undefined
  }
}

type Fields = Readonly<Record<string, Schema<unknown>>>
type Read<Shape extends Fields> = { readonly [Name in keyof Shape]: Exclude<ReturnType<Shape[Name]>, undefined> }

/** An object with these fields; others are not looked at. */
export function object<Shape extends Fields>(shape: Shape): Schema<Read<Shape>> {
  return (said) => {
    if (typeof said !== "object" || said === null || Array.isArray(said)) return undefined
    const fields = new Map<string, unknown>(Object.entries(said))
    const read = Object.entries(shape).map(([name, schema]) => [name, schema(fields.get(name))] as const)
    if (read.some(([, value]) => value === undefined)) return undefined
    return Object.fromEntries(read) as Read<Shape> // Each field by its own schema.
  }
}

/** What is made of a value that reads; undefined also where making it fails, as with the bytes of a key that are none. */
export function made<From, Value>(schema: Schema<From>, make: (from: From) => Value | null): Schema<Value> {
  return (said) => {
    const from = schema(said)
    if (from === undefined) return undefined
    try {
      return make(from) ?? undefined
    } catch {
      return undefined
    }
  }
}

/** The file in `directory` by its schema, null where there is none; a {@link KeptJsonError} for anything else in it. */
export function readKept<Value>(disk: Disk, directory: string, file: string, schema: Schema<Value>): Value | null {
  const stored = disk.read(file)
  if (stored === null) return null
  const value = schema(parsed(stored))
  if (value === undefined) throw new KeptJsonError(`${join(directory, file)} cannot be read: restore it from a backup.`)
  return value
}

function parsed(stored: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(stored).toString("utf8"))
  } catch {
    return undefined
  }
}

export function keep(disk: Disk, file: string, value: unknown): void {
  disk.replace(file, utf8(JSON.stringify(value)))
}
