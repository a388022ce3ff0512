/**
 * A board that one administrator proposed for a door, as all the others see it: who, which, and the fingerprint to compare. Where a
 * site has two administrators, another one has to state the very same before the board is the door's lock.
 */
import type { ProposedLock, State } from "@holdfast/access"
import type { DoorId } from "@holdfast/base"
import { boardFingerprint } from "@holdfast/lock/pairing"
import { webCrypto } from "@holdfast/port-web"
import { Link } from "wouter"
import { useDesk, useNames } from "../app/desk.ts"

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

/** On the door's page: what to compare, and for everybody but the proposer the second tap. */
export function ProposedBoard({ id, board, onConfirm }: ProposedProps) {
  const { session } = useDesk()
  const name = useNames()
  const isOwn = session.person === board.by
  return (
    <div className="notice" role="status">
      <strong>
        {name(board.by)} proposes the board {board.serial} as the lock of {name(id)}
      </strong>
      <code>{boardFingerprint(board.journalKey, webCrypto)}</code>
      {isOwn ? (
        <span>It is paired when another administrator confirms it.</span>
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
