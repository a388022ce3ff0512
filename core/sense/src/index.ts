/** The face of core/sense: what sensors mean. Pure reducers, one file each; they find, and decide nothing. */
export { CASE_CLOSED, type Enclosure, nextEnclosure } from "./enclosure.ts"
export {
  type Evidence,
  explain,
  FINDINGS,
  type Finding,
  type FindingWord,
  type Seen,
  type Severity,
} from "./finding.ts"
export { END_OHMS, LINE_NORMAL, type Line, type LineIs, lineBand, nextLine } from "./line.ts"
