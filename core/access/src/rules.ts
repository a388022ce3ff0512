/**
 * The face of a door's rules beyond the decision, as its lock carries them: orders, what the keeper tells of other doors,
 * office hours, what is always so for a person, kinds of offline PINs.
 */
export { type Act, ACTS, NARROWING_ACTS } from "./act.ts"
export { HEEDED_MAX, heedsDoor } from "./heeding.ts"
export { type Cause, type Narrowing, narrowingToSign, verifyNarrowing } from "./narrowing.ts"
export { type OrderFault, type OrderVerified, verifyOrder } from "./order.ts"
export { DURATIONS_S, OFFLINE_TYPES, type OfflineType } from "./offline-types.ts"
export { officeAt, officeChanges } from "./office.ts"
export { hasTrait, type Trait } from "./traits.ts"
