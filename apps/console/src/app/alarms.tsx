/** What wants a person now, most urgent first. When nothing does, it takes no room. */
import type { Alarm, Door } from "@holdfast/contract"
import { useStore } from "../data/store.ts"
import { Age } from "../parts/age.tsx"
import { useDesk, useNames } from "./desk.ts"
import { Link } from "wouter"

type Ringing = { readonly door: string; readonly alarm: Alarm; readonly urgency: number }

/** Force, attacks, fire and what shuts or opens a whole door are loud; the rest waits. */
const URGENCY: readonly (readonly [string, number])[] = [
  ["forced", 4],
  ["attack", 4],
  ["fire", 4],
  ["evacuation", 4],
  ["lockdown", 3],
  ["jammed", 3],
  ["equivocation", 3],
  ["battery-critical", 3],
  ["held", 2],
  ["power", 1],
]
const LOUD_FROM = 3

export function urgencyOf(kind: string): number {
  return URGENCY.find(([word]) => kind.includes(word))?.[1] ?? 0
}

export function ringing(doors: Iterable<Door>): Ringing[] {
  const all = [...doors].flatMap((door) =>
    door.alarms.map((alarm) => ({ door: door.door, alarm, urgency: urgencyOf(alarm.kind) })),
  )
  return all.sort((a, b) => b.urgency - a.urgency || b.alarm.since_ms - a.alarm.since_ms)
}

export function kindWords(slug: string): string {
  const words = slug.replaceAll("-", " ")
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export function AlarmList() {
  const doors = useStore(useDesk().doors)
  const name = useNames()
  const alarms = ringing(doors.values())
  if (alarms.length === 0) return null
  return (
    <aside className="alarms" aria-label="Alarms">
      <h2>
        {alarms.length} {alarms.length === 1 ? "alarm" : "alarms"}
      </h2>
      {alarms.map(({ door, alarm, urgency }) => (
        <Link
          key={`${door} ${alarm.kind}`}
          href={`/doors/${door}`}
          className={urgency >= LOUD_FROM ? "alarm-card loud" : "alarm-card"}
        >
          <strong>{kindWords(alarm.kind)}</strong>
          <span>{name(door)}</span>
          <Age of_ms={alarm.since_ms} long />
        </Link>
      ))}
    </aside>
  )
}
