/**
 * The chip's debug port: closed on a board that left the factory, and told at each start by the chip itself.
 *
 * A port that stands open gives away every key on the board (CVE-2022-32503), so it is an alarm and stands in the signed
 * state. Nothing here can close it.
 */
import { calm, found, type Seen } from "./finding.ts"

/** The port's state as it was told, from what was known: null before anything was told. */
export function nextDebugPort(known: boolean | null, open: boolean): Seen<boolean | null, "debug port open"> {
  if (open && known !== true) return found(open, "debug port open", "alarm", {})
  return open || known !== true ? calm(open) : { state: open, found: null, ended: "debug port open" }
}
