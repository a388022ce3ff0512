/** The seal of a state's evidence: hollow, half, full, full with a ring. As a button it opens the proof. */
import { SEAL_WORDS, type SealKind } from "../words/evidence.ts"

export function SealMark({ kind }: { kind: SealKind }) {
  return (
    <svg className="seal" viewBox="0 0 16 16" aria-hidden="true">
      {kind === "witnessed" && <circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" strokeWidth="1.2" />}
      <circle
        cx="8"
        cy="8"
        r="4.6"
        fill={kind === "logged" || kind === "witnessed" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth="1.6"
      />
      {kind === "signed" && <path d="M8 3.4a4.6 4.6 0 0 0 0 9.2z" fill="currentColor" />}
    </svg>
  )
}

export function Seal({ kind }: { kind: SealKind }) {
  return (
    <span title={SEAL_WORDS[kind]}>
      <SealMark kind={kind} />
      <span className="hidden">{SEAL_WORDS[kind]}</span>
    </span>
  )
}

export function SealButton({ kind, about, onOpen }: { kind: SealKind; about: string; onOpen: () => void }) {
  const says = `Evidence of ${about}: ${SEAL_WORDS[kind]}. Open the proof`
  return (
    <button type="button" className="seal-button" aria-label={says} title={SEAL_WORDS[kind]} onClick={onOpen}>
      <SealMark kind={kind} />
    </button>
  )
}
