/** The frame around every page: rail, the line of truth, alarms at the right, the drafts tray at the bottom. */
import type { ReactNode } from "react"
import { useEffect, useState } from "react"
import { Link, useLocation } from "wouter"
import { useNow } from "../data/clock.ts"
import { useStore } from "../data/store.ts"
import { Icon, type IconName, Mark } from "../parts/icons.tsx"
import { agoWords, HEARD_MS_MAX } from "../words/age.ts"
import { AlarmList } from "./alarms.tsx"
import { useAuthority, useDesk } from "./desk.ts"
import { Palette } from "./palette.tsx"
import { SilentStrip, SilentTruth, useReception } from "./silent.tsx"
import { Toast } from "./toast.tsx"
import { TrayBar } from "../pages/tray.tsx"

type Place = { readonly href: string; readonly name: string; readonly icon: IconName; readonly phone: boolean }

export const PLACES: readonly Place[] = [
  { href: "/", name: "Live", icon: "live", phone: true },
  { href: "/activity", name: "Activity", icon: "activity", phone: true },
  { href: "/heat", name: "Heat map", icon: "heat", phone: false },
  { href: "/people", name: "People", icon: "people", phone: true },
  { href: "/groups", name: "Groups & schedules", icon: "rules", phone: false },
  { href: "/doors", name: "Doors", icon: "doors", phone: true },
  { href: "/logs", name: "Logs", icon: "log", phone: false },
]

function isHere(href: string, at: string): boolean {
  return href === "/" ? at === "/" : at === href || at.startsWith(`${href}/`)
}

function Rail() {
  const [at] = useLocation()
  const reception = useReception()
  return (
    <nav className="rail" aria-label="Pages">
      <div className="brand">
        <Mark />
        Holdfast
      </div>
      {PLACES.map(({ href, name, icon, phone }) => (
        <Link
          key={href}
          href={href}
          className={phone ? "" : "not-phone"}
          aria-current={isHere(href, at) ? "page" : undefined}
        >
          <Icon name={icon} />
          {name}
        </Link>
      ))}
      {reception !== "not told" && (
        <Link href="/silent" className="not-phone" aria-current={isHere("/silent", at) ? "page" : undefined}>
          <Icon name="silent" />
          Silent alarms
        </Link>
      )}
      <Link href="/account" className="last" aria-current={isHere("/account", at) ? "page" : undefined}>
        <Icon name="account" />
        Account
      </Link>
    </nav>
  )
}

/** Whether the page still hears the building, whether the log is proved: never a guess, always with an age. */
function Truth() {
  const desk = useDesk()
  const now_ms = useNow()
  const doors = useStore(desk.doors)
  const link = useStore(desk.link)
  const authority = useAuthority()
  const paired = [...doors.values()].filter((door) => door.paired)
  const heard = paired.filter(
    (door) => door.link.up && door.last_heard_at_ms !== null && now_ms - door.last_heard_at_ms <= HEARD_MS_MAX,
  )
  return (
    <div className="truth" role="status" aria-label="How true this page is">
      {link.is === "broken" && (
        <span className="late">Connection lost {agoWords(now_ms - link.since_ms)}; what you see may be old</span>
      )}
      {paired.length === 0 ? (
        <span>no lock is paired yet</span>
      ) : (
        <span className={heard.length < paired.length ? "late" : ""}>
          <b>
            {heard.length} of {paired.length}
          </b>{" "}
          doors heard in the last minute
        </span>
      )}
      {authority.is === "verified" && (
        <span>
          log <b>verified</b> {agoWords(now_ms - authority.verifiedAt_ms)}
        </span>
      )}
      {authority.is === "reading" && <span>reading the log</span>}
      {authority.is === "broken" && (
        <span className={authority.fault === "not reachable" ? "late" : "broken"}>
          log not verified: {authority.fault}
        </span>
      )}
      <SilentTruth />
      <span className="not-phone">no witness yet</span>
      {desk.site.keeperIsolated !== true && <span className="not-phone">keeper not isolated</span>}
    </div>
  )
}

export function Frame({ children }: { children: ReactNode }) {
  const desk = useDesk()
  const [palette, setPalette] = useState(false)
  useEffect(() => {
    const hear = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setPalette((open) => !open)
    }
    addEventListener("keydown", hear)
    return () => removeEventListener("keydown", hear)
  }, [])
  return (
    <div className="frame">
      <a className="button skip" href="#main">
        Skip to the page
      </a>
      <Rail />
      <header className="top">
        <Truth />
        {desk.identity.key.kind === "software" && (
          <Link href="/account" className="tag open not-phone">
            software key
          </Link>
        )}
        <button type="button" className="button quiet" aria-label="Go to, Ctrl K" onClick={() => setPalette(true)}>
          <Icon name="search" />
          <span className="not-phone">
            Go to <kbd aria-hidden="true">Ctrl K</kbd>
          </span>
        </button>
      </header>
      <main className="main" id="main" tabIndex={-1}>
        <SilentStrip />
        {children}
      </main>
      <AlarmList />
      <TrayBar />
      <Toast />
      {palette && <Palette onClose={() => setPalette(false)} />}
    </div>
  )
}
