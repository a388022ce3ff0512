/** The window of a form whose answers go into the tray: the form, and the two buttons that end it. What is asked is its caller's. */
import type { ReactNode, Ref } from "react"
import { Ask } from "../parts/overlay.tsx"

type DraftAskProps = {
  readonly title: string
  /** Reads the form and drafts; the window stays until the caller closes it. */
  readonly onDraft: () => void
  readonly onClose: () => void
  readonly children: ReactNode
  readonly wide?: boolean
  readonly busy?: boolean
  readonly form?: Ref<HTMLFormElement>
}

export function DraftAsk({ title, onDraft, onClose, children, wide = false, busy = false, form }: DraftAskProps) {
  return (
    <Ask title={title} wide={wide} onClose={onClose}>
      <form
        ref={form}
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          onDraft()
        }}
      >
        {children}
        <div className="row">
          <button type="submit" className="button primary" disabled={busy}>
            Put into the tray
          </button>
          <button type="button" className="button quiet" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Ask>
  )
}
