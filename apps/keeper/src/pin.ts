/**
 * PINs that the system issues: six digits, unique at the site, none of those that people try first.
 *
 * Uniqueness is by construction, since the PIN finds its person at a keypad. Trivial ones are left out because forty guesses
 * a day would begin with them: one digit repeated, runs up or down, two or three digits repeated, pairs, two lines of the
 * keypad. That is about one PIN in 400, so a guess is hardly likelier than one in a million. Dates stay in: they would be one
 * in twelve.
 */
import { assert, byteAt } from "@holdfast/base"

export const PIN_DIGITS = 6
const PINS = 1_000_000
/** Beyond so many, a random try would often hit one that is taken, and a guess at a keypad too. */
export const PINS_MAX = 100_000
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

/** A new PIN that nobody at the site has; null when there are too many already. */
export function newPin(taken: ReadonlySet<string>, random: (size: number) => Uint8Array): string | null {
  if (taken.size >= PINS_MAX) return null
  for (;;) {
    const bytes = random(4)
    const value =
      byteAt(bytes, 0) * 0x1000000 + byteAt(bytes, 1) * 0x10000 + byteAt(bytes, 2) * 0x100 + byteAt(bytes, 3)
    if (value >= FAIR_MAX) continue
    const pin = String(value % PINS).padStart(PIN_DIGITS, "0")
    if (!isTrivial(pin) && !taken.has(pin)) return pin
  }
}
