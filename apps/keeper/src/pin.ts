/**
 * Codes that the system issues, two to a person: a PIN, and one for duress. Six digits, unique at the site, none of those
 * that people try first.
 *
 * Uniqueness is by construction, since the PIN finds its person at a keypad. Trivial ones are left out because forty guesses
 * a day would begin with them: one digit repeated, runs up or down, two or three digits repeated, pairs, two lines of the
 * keypad. That is about one PIN in 400, so a guess is hardly likelier than one in a million. Dates stay in: they would be one
 * in twelve.
 *
 * A code for duress differs from every other code in two digits at least: one wrong key makes no PIN a silent alarm, and no
 * alarm a PIN. A guess at a keypad may hit either of a person's codes, so what bounds guessing counts both.
 */
import { assert, byteAt } from "@holdfast/base"

export const PIN_DIGITS = 6
const CODES = 1_000_000
/** PINs and codes for duress together. Beyond so many, a draw would seldom be free, and a guess at a keypad often hit. */
export const CODES_MAX = 40_000
/** Largest multiple of a million in 32 bits: what lies above would favour small PINs. */
const FAIR_MAX = 4_294_000_000

/** Rows, columns and diagonals of a keypad, both ways. */
const PAD_LINES = new Set(
  ["123", "456", "789", "147", "258", "369", "159", "357"].flatMap((line) => [
    line,
    Array.from(line).reverse().join(""),
  ]),
)

/** Whether a PIN is one of those that are guessed first. */
export function isTrivial(pin: string): boolean {
  assert(/^[0-9]{6}$/.test(pin), "a PIN is six digits")
  if (/^(\d)\1{5}$/.test(pin) || /^(\d\d)\1\1$/.test(pin) || /^(\d\d\d)\1$/.test(pin)) return true
  if (/^(\d)\1(\d)\2(\d)\3$/.test(pin)) return true
  if (PAD_LINES.has(pin.slice(0, 3)) && PAD_LINES.has(pin.slice(3))) return true
  return isRun(pin, 1) || isRun(pin, -1)
}

function isRun(pin: string, step: number): boolean {
  for (let i = 1; i < pin.length; i++)
    if (Number(pin.charAt(i)) !== (Number(pin.charAt(i - 1)) + step + 10) % 10) return false
  return true
}

/** What one person is told. */
export type Codes = { readonly pin: string; readonly duress: string }

/** What was told at some time: before there were codes for duress, a PIN alone. */
export type ToldCodes = { readonly pin: string; readonly duress?: string }

/** What was ever issued at the site. */
export type Taken = { readonly pins: ReadonlySet<string>; readonly duress: ReadonlySet<string> }

/** Whether there are codes for so many more people. */
export function hasCodesLeft({ pins, duress }: Taken, people = 1): boolean {
  return pins.size + duress.size + 2 * people <= CODES_MAX
}

/** A PIN and a code for duress that nobody at the site has; null when there are too many already. */
export function newCodes({ pins, duress }: Taken, random: (size: number) => Uint8Array): Codes | null {
  if (!hasCodesLeft({ pins, duress })) return null
  const forDuress = (code: string): boolean => duress.has(code)
  const any = (code: string): boolean => pins.has(code) || duress.has(code)
  const pin = drawn(random, (code) => !any(code) && !isBeside(code, forDuress))
  const isNear = (code: string): boolean => code === pin || any(code)
  return { pin, duress: drawn(random, (code) => !isNear(code) && !isBeside(code, isNear)) }
}

function drawn(random: (size: number) => Uint8Array, isFree: (code: string) => boolean): string {
  for (;;) {
    const bytes = random(4)
    const value =
      byteAt(bytes, 0) * 0x1000000 + byteAt(bytes, 1) * 0x10000 + byteAt(bytes, 2) * 0x100 + byteAt(bytes, 3)
    if (value >= FAIR_MAX) continue
    const code = String(value % CODES).padStart(PIN_DIGITS, "0")
    if (!isTrivial(code) && isFree(code)) return code
  }
}

/** Whether one other digit would make of the code one of those. */
function isBeside(code: string, isOne: (code: string) => boolean): boolean {
  for (let at = 0; at < PIN_DIGITS; at++)
    for (let digit = 0; digit < 10; digit++) {
      const other = `${code.slice(0, at)}${digit}${code.slice(at + 1)}`
      if (other !== code && isOne(other)) return true
    }
  return false
}
