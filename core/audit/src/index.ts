/** The face of core/audit: checks a whole history, for an auditor, the simulator and the keeper at its start. */
export { AuthorityAudit, type AuthorityFacts } from "./authority.ts"
export { ENTRY_BATCH, EventsAudit, type EventCounts } from "./events.ts"
export { type Judge, LogAudit, type LogOpened, openLog } from "./log.ts"
export { LooksAudit } from "./looks.ts"
