/**
 * What people do at a virtual door, as calls of its board: each act of the world in the words of bench, sensors and wires.
 *
 * It decides nothing and knows no time of its own. Acts that take more than the board (a card out of the drawer, the cable, the
 * supply) are live-board.ts's.
 */
import { unreachable } from "@holdfast/base"
import type { VirtualBoard } from "./board.ts"
import type { DoorAct } from "./world-act.ts"

export function enact(board: VirtualBoard, at: number, act: DoorAct): void {
  switch (act.act) {
    case "key":
      if (act.key === "enter" || act.key === "clear") return board.press(at, { press: act.key })
      return board.press(at, { press: "digit", digit: Number(act.key) })
    case "service":
      return board.pressService(at)
    case "exit":
      return board.act(at, { kind: "handle" })
    case "open":
    case "close":
    case "force":
    case "mend":
      return board.act(at, { kind: act.act })
    case "jam":
      return board.act(at, { kind: "obstacle", obstacle: act.on ? "jam" : "none" })
    case "short":
      return board.act(at, { kind: "obstacle", obstacle: act.on ? "short throw" : "none" })
    case "mains":
    case "magnet":
      return board.act(at, { kind: act.act, on: act.on })
    case "misalign":
      return board.act(at, { kind: "misalign", degree: act.value / 100 })
    case "temperature":
      return board.act(at, { kind: "temperature", celsius: act.value })
    case "mechanical key":
      board.handle(at, { kind: "mechanical key turned" })
      return board.act(at, { kind: "mechanical key" })
    case "bar":
    case "relock":
      return board.wire(at, { kind: act.act })
    case "fire":
      return board.wire(at, { kind: "fire", on: act.on })
    case "partner":
      return board.wire(at, { kind: "partner", open: act.on })
    case "shake":
      return board.sense(at, { kind: "shake", happening: act.what })
    case "cover":
      return board.sense(at, { kind: "case", open: act.on })
    case "dips":
      return board.sense(at, { kind: "dips" })
    case "line":
      return board.sense(at, { kind: "line", is: act.is })
    case "finger":
      return board.handle(at, { kind: "finger", name: act.finger, alive: act.alive })
    case "enrol finger":
      return board.handle(at, { kind: "enrol finger", name: act.finger })
    case "enrolment":
      return board.handle(at, { kind: "enrolment asked" })
    default:
      return unreachable(act)
  }
}
