/**
 * What the server says of each door, event by event. No more than that: what of it may be believed is beats.ts's question.
 */
import { unreachable } from "@holdfast/base"
import type { Door, LiveEvent } from "@holdfast/contract"

/** By the door's identifier. */
export type ToldDoors = ReadonlyMap<string, Door>

/** The doors after an event; the same map where it tells nothing of a door. */
export function toldAfter(doors: ToldDoors, event: LiveEvent): ToldDoors {
  switch (event.event) {
    case "door":
      return new Map(doors).set(event.door.door, event.door)
    case "door-gone":
      return new Map([...doors].filter(([id]) => id !== event.door))
    case "heard":
      return event.doors.reduce((now, { door, at_ms }) => changed(now, door, { last_heard_at_ms: at_ms }), doors)
    case "link":
      return changed(doors, event.door, { link: { up: event.up, since_ms: event.since_ms } })
    case "records":
    case "statement":
    case "log":
    case "sheet":
    case "begin-again":
      return doors
    default:
      return unreachable(event)
  }
}

/** The doors with a part of one changed; of a door that was never told of there is nothing to change. */
function changed(doors: ToldDoors, id: string, part: Partial<Door>): ToldDoors {
  const door = doors.get(id)
  return door === undefined ? doors : new Map(doors).set(id, { ...door, ...part })
}
