/** "Go to": pages, doors and people by a few letters. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react"
import { useLocation } from "wouter"
import { useNames, useSiteState } from "./desk.ts"
import { PLACES } from "./frame.tsx"

type Goal = { readonly href: string; readonly name: string; readonly what: string }

const SHOWN_MAX = 12

export function Palette({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const list = useId()
  const [typed, setTyped] = useState("")
  const [at, setAt] = useState(0)
  const [, go] = useLocation()
  const state = useSiteState()
  const name = useNames()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  const goals: Goal[] = [
    ...PLACES.map((place) => ({ href: place.href, name: place.name, what: "page" })),
    { href: "/firmware", name: "Firmware", what: "page" },
    { href: "/account", name: "Account", what: "page" },
    ...[...(state?.doors.keys() ?? [])].map((door) => ({ href: `/doors/${door}`, name: name(door), what: "door" })),
    ...[...(state?.groups ?? [])].map(([id, group]) => ({ href: `/groups#${id}`, name: group.name, what: "group" })),
  ]
  const wanted = typed.trim().toLowerCase()
  const found = goals.filter((goal) => goal.name.toLowerCase().includes(wanted)).slice(0, SHOWN_MAX)
  const choose = (goal: Goal | undefined): void => {
    if (goal === undefined) return
    onClose()
    go(goal.href)
  }
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === "Enter") choose(found[at])
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return
    event.preventDefault()
    setAt((now) => Math.max(0, Math.min(found.length - 1, now + (event.key === "ArrowDown" ? 1 : -1))))
  }
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-label="Go to"
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[at] === undefined ? undefined : `${list}-${at}`}
        aria-label="Page, door or group"
        placeholder="Page, door or group"
        value={typed}
        onKeyDown={onKey}
        onChange={(event) => {
          setTyped(event.target.value)
          setAt(0)
        }}
      />
      <div id={list} role="listbox" aria-label="Found" className="found">
        {found.map((goal, index) => (
          <button
            key={goal.href}
            id={`${list}-${index}`}
            type="button"
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => choose(goal)}
          >
            {goal.name}
            <span className="muted">{goal.what}</span>
          </button>
        ))}
        {found.length === 0 && <p>Nothing by that name.</p>}
      </div>
    </dialog>
  )
}
