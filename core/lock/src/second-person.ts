/**
 * Two-person access (R17): at such a door two different people, each of whom could enter alone elsewhere, let each other in.
 *
 * The first waits. What the door shows then is what it shows after any factor that waits for another; who waits, and that
 * it was not a refusal, stands in the journal. The second must be somebody else, within the window; after it both begin anew.
 */
import type { CredentialId, PersonId, Uptime } from "@holdfast/base"

export type FirstPerson = {
  readonly person: PersonId
  readonly credential: CredentialId
  readonly until: Uptime
}

/** Whether this person makes two with the one who waits. */
export function makesTwo(first: FirstPerson | null, person: PersonId, now: Uptime): boolean {
  return first !== null && first.person !== person && now < first.until
}
