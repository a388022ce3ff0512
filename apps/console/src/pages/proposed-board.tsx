/**
 * A board that one administrator proposed for a door, as all the others see it: who, which, and the fingerprint to compare. Where a
 * site has two administrators, another one has to state the very same before the board is the door's lock; whoever ended the others
 * may say it alone a day later.
 */
import type { ProposedLock, State } from "@holdfast/access"
import { pairsAloneFrom } from "@holdfast/access/author"
import type { DoorId } from "@holdfast/base"
import { boardFingerprint } from "@holdfast/lock/pairing"
import { webCrypto } from "@holdfast/port-web"
import { Link } from "wouter"
import { useDesk, useNames, useSiteState } from "../app/desk.ts"
import { useNow } from "../data/clock.ts"
import { timeWords } from "../words/time.ts"

/** On the live page: every door for which a board is proposed. */
export function ProposedBoards({ state }: { state: State }) {
  const name = useNames()
  const doors = [...state.doors].filter(([, { proposed }]) => proposed !== undefined)
  if (doors.length === 0) return null
  return (
    <ul className="lines" aria-label="Boards that are proposed">
      {doors.map(([id, { proposed }]) => (
        <li key={id}>
          <span>
            {name(proposed?.by ?? "")} proposes the board {proposed?.serial} as the lock of{" "}
            <Link href={`/doors/${id}`}>{name(id)}</Link>.
          </span>
        </li>
      ))}
    </ul>
  )
}

type ProposedProps = { readonly id: DoorId; readonly board: ProposedLock; readonly onConfirm: () => void }

/** On the door's page: what to compare, and the second tap for whoever may give it. */
export function ProposedBoard({ id, board, onConfirm }: ProposedProps) {
  const { session } = useDesk()
  const name = useNames()
  const now_ms = useNow()
  const state = useSiteState()
  const isOwn = session.person === board.by
  const alone_ms = state === null ? null : pairsAloneFrom(state, session.person)
  const waits = isOwn && (alone_ms === null || now_ms < alone_ms)
  return (
    <div className="notice" role="status">
      <strong>
        {name(board.by)} proposes the board {board.serial} as the lock of {name(id)}
      </strong>
      <code>{boardFingerprint(board.journalKey, webCrypto)}</code>
      {waits ? (
        <span>
          It is paired when another administrator confirms it
          {alone_ms !== null && `, or when you do from ${timeWords(alone_ms, null)} on, a day after another was ended`}.
        </span>
      ) : (
        <>
          <span>Compare the fingerprint with what the board itself shows, then confirm and sign.</span>
          <button type="button" className="button" onClick={onConfirm}>
            Confirm this board
          </button>
        </>
      )}
    </div>
  )
}
