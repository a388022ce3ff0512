/**
 * A list of any length that draws only what is in view. Rows have one height; a screen reader hears which of how many.
 */
import { type ReactNode, useEffect, useRef, useState } from "react"

type WindowListProps<Item> = {
  readonly items: readonly Item[]
  readonly row_px: number
  readonly height: string
  readonly label: string
  readonly keyOf: (item: Item) => string
  readonly children: (item: Item) => ReactNode
  /** Hears which items are drawn, so that names are asked for no others. */
  readonly onShown?: (items: readonly Item[]) => void
}

const OVERSCAN = 6

export function WindowList<Item>(props: WindowListProps<Item>) {
  const { items, row_px, height, label, keyOf, children, onShown } = props
  const view = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState({ first: 0, last: 40 })
  useEffect(() => {
    const element = view.current
    if (element === null) return
    const measure = (): void => {
      const first = Math.max(0, Math.floor(element.scrollTop / row_px) - OVERSCAN)
      const last = Math.ceil((element.scrollTop + element.clientHeight) / row_px) + OVERSCAN
      setRange((now) => (now.first === first && now.last === last ? now : { first, last }))
    }
    measure()
    element.addEventListener("scroll", measure, { passive: true })
    const sized = new ResizeObserver(measure)
    sized.observe(element)
    return () => {
      element.removeEventListener("scroll", measure)
      sized.disconnect()
    }
  }, [row_px])
  const shown = items.slice(range.first, range.last)
  useEffect(() => onShown?.(shown))
  return (
    <section ref={view} className="scroll-list" aria-label={label} style={{ maxHeight: height }}>
      <ul className="run" style={{ height: items.length * row_px }}>
        {shown.map((item, at) => (
          <li
            key={keyOf(item)}
            className="scroll-row"
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
