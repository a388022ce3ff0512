/** How the server is, for anybody: words and ages, nothing that names a person or a door. */
import * as Type from "typebox"
import { Closed, Count, Id, OrNull } from "./words.ts"

const Part = Closed({
  up: Type.Boolean(),
  age_ms: OrNull(Type.Integer({ minimum: 0, description: "since it was last heard" })),
})

export const Health = Closed({
  status: Type.Union([Type.Literal("ok"), Type.Literal("catching-up"), Type.Literal("degraded")]),
  site: Id,
  version: Type.String(),
  up_ms: Count,
  database: Part,
  keeper: Part,
  broker: Closed({ up: Type.Boolean(), links: Count }),
  projection: Closed({ entries_behind: Count, age_ms: OrNull(Count) }),
  live: Closed({ listeners: Count }),
  refused: Closed({ messages: Count, requests: Count }),
})
export type Health = Type.Static<typeof Health>
