/**
 * A list of any length that draws only what is in view. It scrolls with the page, so nothing of it hides in a box of its own;
 * rows have one height, and a screen reader hears which of how many.
 */
import { type ReactNode, useEffect, useRef, useState } from "react"

type WindowListProps<Item> = {
  readonly items: readonly Item[]
  readonly row_px: number
  readonly label: string
  readonly keyOf: (item: Item) => string
  readonly children: (item: Item) => ReactNode
  /** Hears which items are drawn, so that names are asked for no others. */
  readonly onShown?: (items: readonly Item[]) => void
}

const OVERSCAN = 6

export function WindowList<Item>(props: WindowListProps<Item>) {
  const { items, row_px, label, keyOf, children, onShown } = props
  const view = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState({ first: 0, last: 40 })
  useEffect(() => {
    const element = view.current
    if (element === null) return
    const measure = (): void => {
      const { top } = element.getBoundingClientRect()
      const first = Math.max(0, Math.floor(-top / row_px) - OVERSCAN)
      const last = Math.max(0, Math.ceil((innerHeight - top) / row_px)) + OVERSCAN
      setRange((now) => (now.first === first && now.last === last ? now : { first, last }))
    }
    measure()
    addEventListener("scroll", measure, { passive: true })
    addEventListener("resize", measure)
    // What stands above the list may grow or go, and the list itself may be searched down to a few.
    const sized = new ResizeObserver(measure)
    sized.observe(document.body)
    return () => {
      removeEventListener("scroll", measure)
      removeEventListener("resize", measure)
      sized.disconnect()
    }
  }, [row_px])
  const shown = items.slice(range.first, range.last)
  useEffect(() => onShown?.(shown))
  return (
    <section ref={view} className="long-list" aria-label={label}>
      <ul className="run" style={{ height: items.length * row_px }}>
        {shown.map((item, at) => (
          <li
            key={keyOf(item)}
            className="long-list-row"
            aria-setsize={items.length}
            aria-posinset={range.first + at + 1}
            style={{ height: row_px, top: (range.first + at) * row_px }}
          >
            {children(item)}
          </li>
        ))}
      </ul>
    </section>
  )
}
