/**
 * The face of a door's rules beyond the decision, as its lock carries them: office hours, and what is always so for a person.
 */
export { officeAt, officeChanges } from "./office.ts"
export { hasTrait, type Trait } from "./traits.ts"
