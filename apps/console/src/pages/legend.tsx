/** How to read the drawing, in the drawing's own signs. */
import { SealMark } from "../parts/seal.tsx"
import type { DoorLook } from "../plan/door-look.ts"
import { SEAL_WORDS, type SealKind } from "../words/evidence.ts"
import { SymbolAlone } from "./live.tsx"

const PLAIN: DoorLook = {
  tone: "secure",
  word: "Locked",
  bolt: "thrown",
  leaf: "closed",
  held: false,
  forced: false,
  heard: true,
  leaseEnded: false,
  heardAt_ms: 0,
}

const SHOWN: readonly (readonly [string, Partial<DoorLook>])[] = [
  ["Locked: the bolt crosses the jamb", {}],
  ["Unlocked: the bolt is drawn back", { tone: "open", bolt: "drawn" }],
  ["Open: the leaf stands at an angle", { tone: "open", bolt: "drawn", leaf: "open" }],
  ["Held open: the arc pulses", { tone: "open", bolt: "drawn", leaf: "open", held: true }],
  ["Bolt not fully thrown", { tone: "open", bolt: "not-fully-thrown" }],
  ["Bolt jammed: it is broken", { tone: "alarm", bolt: "jammed" }],
  ["Forced: the jamb is split", { tone: "alarm", leaf: "open", forced: true }],
  ["Unknown: dashed and hatched", { tone: "unknown", heard: false }],
  ["Lease ended: hatched; it opens for nobody", { leaseEnded: true }],
]

const SEALS: readonly SealKind[] = ["reported", "signed", "logged", "witnessed"]

export function Legend() {
  return (
    <details className="legend">
      <summary>How to read this drawing</summary>
      <ul>
        {SHOWN.map(([says, look]) => (
          <li key={says}>
            <SymbolAlone look={{ ...PLAIN, ...look }} failMode="secure" />
            {says}
          </li>
        ))}
        {SEALS.map((kind) => (
          <li key={kind}>
            <SealMark kind={kind} />
            Seal: {SEAL_WORDS[kind]}
          </li>
        ))}
        <li>
          Small square: reader side. Arrow: free egress. Dot by the hinge: full is fail-secure, hollow is fail-safe.
        </li>
      </ul>
    </details>
  )
}
