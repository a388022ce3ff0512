/** What lies over the page: a sheet at the right for looking, a small window in the middle for asking. */
import { type ReactNode, useEffect, useId, useRef } from "react"
import { Icon } from "./icons.tsx"

type SheetProps = {
  readonly title: ReactNode
  readonly onClose: () => void
  readonly children: ReactNode
  readonly wide?: boolean
  /** A modal sheet covers the page; another one leaves it in reach. */
  readonly modal?: boolean
}

/** Focus goes into the sheet, Escape closes it, and focus goes back to whoever opened it. */
export function Sheet({ title, onClose, children, wide = false, modal = false }: SheetProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    if (element === null) return
    if (modal) element.showModal()
    else element.show()
    return () => {
      element.close()
      if ((before instanceof HTMLElement || before instanceof SVGElement) && before.isConnected) before.focus()
    }
  }, [modal])
  return (
    <dialog
      ref={dialog}
      className={wide ? "sheet wide" : "sheet"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || modal) return
        event.stopPropagation()
        onClose()
      }}
    >
      <div className="sheet-head">
        <div id={heading} className="stack tight">
          {title}
        </div>
        <button type="button" className="button quiet square" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div className="sheet-body">{children}</div>
    </dialog>
  )
}

type AskProps = {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly wide?: boolean
}

export function Ask({ title, onClose, children, wide = false }: AskProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={wide ? "ask wide" : "ask"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div>
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
