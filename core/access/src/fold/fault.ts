/**
 * Why a change does not fit the state that it would change, in words for the person who stated it. Whose mistake it was is told
 * apart by the type: a fault of authority is judge.ts's, malformed bytes are the decoders'.
 */
export type FoldFault =
  | "already there"
  | "unknown person"
  | "person revoked"
  | "unknown credential"
  | "unknown group"
  | "not a member"
  | "unknown grant"
  | "unknown schedule"
  | "unknown zone"
  | "unknown door"
  | "unknown delegation"
  | "too many grants"
  | "too many delegations"
  | "too many receivers"
  | "not a receiver"
  | "not for the log"
