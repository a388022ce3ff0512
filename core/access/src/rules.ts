/**
 * The face of a door's rules beyond the decision, as its lock carries them: office hours, and what is always so for a person.
 */
export { type Act, ACTS, NARROWING_ACTS } from "./act.ts"
export { type OrderFault, type OrderVerified, verifyOrder } from "./order.ts"
export { officeAt, officeChanges } from "./office.ts"
export { hasTrait, type Trait } from "./traits.ts"
