/** What a planted bug is. */
import type { RuleId } from "../rules/rule.ts"

export type Bug = {
  readonly rule: RuleId
  readonly about: string
  /** From the root of the project. */
  readonly file: string
  readonly find: string
  readonly replace: string
  /** The first building that catches it; absent: building 0. A hunt that begins there is short. */
  readonly seed?: number
}
