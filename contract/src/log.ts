/** The logs themselves: which there are, and their files as C2SP tlog-tiles names them. Looks are not served. */
import * as Type from "typebox"
import { Closed, Count, Period, Sha256 } from "./words.ts"

export const LogClass = Type.Union([Type.Literal("authority"), Type.Literal("events")])
export type LogClass = Type.Static<typeof LogClass>

export const LogHead = Closed({
  class: LogClass,
  period: Period,
  origin: Type.String(),
  vkey: Type.String(),
  size: Count,
})
export type LogHead = Type.Static<typeof LogHead>

export const Logs = Closed({ logs: Type.Array(LogHead) })
export type Logs = Type.Static<typeof Logs>

/** `file` is "checkpoint", "log.vkey" or a path like "tile/entries/000.p/17". */
export const LogPath = Closed({
  class: LogClass,
  period: Period,
  file: Type.String({ maxLength: 80, pattern: "^(checkpoint|log\\.vkey|tile/[a-z0-9/.]{1,70})$" }),
})
export const PolicyPath = Closed({ sha256: Sha256 })
