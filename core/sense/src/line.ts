/**
 * A supervised line: the loop of wire to a contact, read as a resistance (C12).
 *
 *   0            0.5            0.9   1.1            1.8    2.2              8          times the end resistor
 *   |   shorted   |   shifted    | normal |  shifted  | active |   shifted    |   cut
 *
 * One resistor stands at the far end in series, a second one beside the contact, so that an open contact doubles the
 * resistance and whoever cuts or bridges the wire leaves these bands. Two readings alike make it so, since one may fall into
 * the bounce of a contact; at ten readings a second that is 0.2 s. What the contact means is not known here.
 */
import { calm, found, type Seen } from "./finding.ts"

/** The usual end-of-line resistor. */
export const END_OHMS = 4_700

export type LineIs = "normal" | "active" | "cut" | "shorted" | "shifted"
export type Line = { readonly is: LineIs; readonly next: LineIs }
export type LineFinding = "line cut" | "line shorted" | "line shifted"

export const LINE_NORMAL: Line = { is: "normal", next: "normal" }

/** The band that a resistance lies in. An open circuit reads as any large number. */
export function lineBand(ohms: number): LineIs {
  const tenths = (ohms * 10) / END_OHMS
  if (tenths < 5) return "shorted"
  if (tenths >= 80) return "cut"
  if (tenths >= 9 && tenths <= 11) return "normal"
  return tenths >= 18 && tenths <= 22 ? "active" : "shifted"
}

function findingOf(is: LineIs): LineFinding | null {
  return is === "normal" || is === "active" ? null : `line ${is}`
}

/** One reading of the loop. */
export function nextLine(line: Line, ohms: number): Seen<Line, LineFinding> {
  const read = lineBand(ohms)
  const state = { is: read === line.next ? read : line.is, next: read }
  if (state.is === line.is) return calm(state)
  const word = findingOf(state.is)
  const ended = findingOf(line.is)
  return word === null ? { state, found: null, ended } : { ...found(state, word, "alarm", { ohms }), ended }
}
