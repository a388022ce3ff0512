/**
 * Boards that stand alone and ask to be paired, as the front tells to people at its own machine. What a board says of itself is
 * no evidence: the fingerprint is worked out here, and a person compares it with what the board shows.
 */
import { useEffect, useState } from "react"
import { type BoardKeys, readBoard } from "../data/board-text.ts"

const ASK_AGAIN_MS = 2_000

async function readWaiting(signal: AbortSignal): Promise<readonly BoardKeys[]> {
  const response = await fetch("/boards.json", { signal })
  const listed: unknown = response.ok ? await response.json() : []
  return Array.isArray(listed) ? listed.map(readBoard).filter((board) => board !== null) : []
}

/** The boards that wait, asked for again and again while somebody looks. */
function useWaiting(): readonly BoardKeys[] {
  const [boards, setBoards] = useState<readonly BoardKeys[]>([])
  useEffect(() => {
    const ending = new AbortController()
    const ask = (): void => void readWaiting(ending.signal).then(setBoards, () => undefined)
    ask()
    const asking = setInterval(ask, ASK_AGAIN_MS)
    return () => {
      clearInterval(asking)
      ending.abort()
    }
  }, [])
  return boards
}

type WaitingProps = { readonly link: string | null; readonly onPair: (board: BoardKeys) => void }

export function WaitingBoards({ link, onPair }: WaitingProps) {
  const boards = useWaiting()
  return (
    <>
      {boards.length > 0 && (
        <ul className="lines" aria-label="Boards that wait">
          {boards.map((board) => (
            <li key={board.fingerprint}>
              <span className="stack tight">
                <strong>{board.serial}</strong>
                <code>{board.fingerprint}</code>
              </span>
              <button type="button" className="button" onClick={() => onPair(board)}>
                Pair this board
              </button>
            </li>
          ))}
        </ul>
      )}
      {link !== null && (
        <details>
          <summary>A board that stands alone</summary>
          <p>On its machine, which must reach this one, run</p>
          <p>
            <code className="whole">npm run board -- --site {link}</code>
          </p>
          <p className="muted">
            It then waits in this list. The link is no secret; its last part is how the board knows this site.
          </p>
        </details>
      )}
    </>
  )
}
