/** What a receiver of silent alarms sees on every page: that somebody calls for help, or that it could not be heard. */
import { Link, useLocation } from "wouter"
import { useNow } from "../data/clock.ts"
import { alarmsOf, nameIn, openAlarms, type Reception, receptionOf, SHEET_MS_MAX } from "../data/silent-alarms.ts"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { agoWords } from "../words/age.ts"
import { useDesk, useSiteState } from "./desk.ts"

export function useReception(): Reception {
  const desk = useDesk()
  const key = useStore(desk.alarms.key)
  return receptionOf(useSiteState(), desk.identity.person, key)
}

/** One line for all that is open; whom it is about stands on the page alone, since others may see this one. */
export function SilentStrip() {
  const desk = useDesk()
  const state = useSiteState()
  const told = useStore(desk.alarms.store)
  const reception = useReception()
  const open = openAlarms(alarmsOf(told))
  const [first] = open
  const [at] = useLocation()
  if (reception !== "told here" || first === undefined || at === "/silent") return null
  const says = open.length === 1 ? "Silent alarm" : `${open.length} silent alarms`
  const where = nameIn(state, first.door, first.doorName)
  return (
    <div className="silent">
      <p role="alert" className="hidden">
        {says}, {where}
      </p>
      <strong>{says}</strong>
      <span>{where}</span>
      <Age of_ms={first.last_ms} long />
      <Link href="/silent" className="button">
        Open
      </Link>
    </div>
  )
}

/** For the line of truth: silence that lasts is said. */
export function SilentTruth() {
  const desk = useDesk()
  const now_ms = useNow()
  const { heardAt_ms } = useStore(desk.alarms.store)
  const reception = useReception()
  if (reception === "not told") return null
  if (reception === "told by another key")
    return <span className="late">silent alarms are told to another browser</span>
  if (heardAt_ms === null) return <span className="late">silent alarm line not heard yet</span>
  if (now_ms - heardAt_ms <= SHEET_MS_MAX) return <span>silent alarm line heard</span>
  return <span className="late">silent alarm line last heard {agoWords(now_ms - heardAt_ms)}</span>
}
