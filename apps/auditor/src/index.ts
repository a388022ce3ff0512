/** The auditor's library face: the same audit that the command does. */
export { audit, type AuditOptions, type Report } from "./audit.ts"
export { type History, openSource, SourceError } from "./source.ts"
