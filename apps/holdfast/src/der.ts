/**
 * DER (ITU-T X.690), the writing half: just the types that an X.509 certificate needs.
 *
 * Picture: every value is tag, length, content, and a constructed value's content is more values. Each function here
 * answers finished bytes, so that a certificate reads in the program like its ASN.1 in RFC 5280. It is not a parser:
 * whatever has to be read is read by OpenSSL, through node:crypto.
 */
import { assert, concat, type UnixSeconds } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"

const CONSTRUCTED = 0x20
const CONTEXT = 0x80
/** RFC 5280, 4.1.2.5: dates through 2049 are UTCTime, later ones GeneralizedTime. */
const UTC_TIME_END_S = Date.UTC(2050, 0, 1) / 1000

/** Length octets (X.690, 8.1.3): short form below 128, else the fewest octets, as DER demands (10.1). */
function lengthOctets(size: number): Uint8Array {
  if (size < 0x80) return Uint8Array.of(size)
  const octets: number[] = []
  for (let rest = size; rest > 0; rest = Math.floor(rest / 256)) octets.unshift(rest % 256)
  return Uint8Array.of(0x80 | octets.length, ...octets)
}

function value(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(...content)
  return concat(Uint8Array.of(tag), lengthOctets(bytes.length), bytes)
}

export function sequence(...items: readonly Uint8Array[]): Uint8Array {
  return value(0x10 | CONSTRUCTED, ...items)
}

/** A SET of one, since DER would have to sort more and a certificate has no larger one. */
export function setOfOne(item: Uint8Array): Uint8Array {
  return value(0x11 | CONSTRUCTED, item)
}

export function boolean(fact: boolean): Uint8Array {
  return value(0x01, Uint8Array.of(fact ? 0xff : 0x00))
}

/** A positive INTEGER, big-endian, without leading zeros and with its top bit clear: its own shortest form. */
export function integer(bytes: Uint8Array): Uint8Array {
  const first = bytes[0]
  assert(first !== undefined && first < 0x80, "the integer is positive")
  assert(bytes.length === 1 || first > 0, "the integer has no leading zero")
  return value(0x02, bytes)
}

/** A BIT STRING; `unused` bits at its end do not count. */
export function bitString(bytes: Uint8Array, unused = 0): Uint8Array {
  assert(unused >= 0 && unused < 8, "fewer than eight bits are unused")
  return value(0x03, Uint8Array.of(unused), bytes)
}

export function octetString(bytes: Uint8Array): Uint8Array {
  return value(0x04, bytes)
}

export function utf8String(text: string): Uint8Array {
  return value(0x0c, utf8(text))
}

/** An OBJECT IDENTIFIER from its dotted form (X.690, 8.19). */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first, second, ...rest] = dotted.split(".").map(Number)
  assert(first !== undefined && second !== undefined, "an identifier has two arcs or more")
  const octets = [first * 40 + second]
  for (const arc of rest) {
    assert(Number.isSafeInteger(arc) && arc >= 0, "an arc is a whole number")
    const septets = [arc % 128]
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) septets.unshift(128 + (high % 128))
    octets.push(...septets)
  }
  return value(0x06, Uint8Array.from(octets))
}

/** A Time as certificates write it: to the second, UTC, and in the type that its year demands. */
export function time(at: UnixSeconds): Uint8Array {
  const digits = new Date(at * 1000).toISOString().replaceAll(/[-:T]|\.000/g, "")
  assert(/^\d{14}Z$/.test(digits), "a time is year, month, day, hour, minute and second")
  return at < UTC_TIME_END_S ? value(0x17, utf8(digits.slice(2))) : value(0x18, utf8(digits))
}

/** `[number] EXPLICIT`: the tag goes around the whole value. */
export function explicit(number: number, inner: Uint8Array): Uint8Array {
  return value(CONTEXT | CONSTRUCTED | number, inner)
}

/** `[number] IMPLICIT` of a primitive type: the tag takes the place of the type's own. */
export function implicit(number: number, content: Uint8Array): Uint8Array {
  return value(CONTEXT | number, content)
}
