/**
 * What kinds of offline PIN there are and how long timed ones may hold: words with numbers, for statements and for locks. How a
 * code is made and recognised is the lock's.
 */

/** In the order of their numbers. A `momentary` code holds 10 minutes at most (R28), the others are begun within 24 h. */
export const OFFLINE_TYPES = ["one-time", "timed", "erase", "momentary"] as const
export type OfflineType = (typeof OFFLINE_TYPES)[number]

const HOUR_S = 3_600
/** 1 h, 4 h, 12 h, 1 d, 3 d, 7 d, 14 d, 30 d. */
export const DURATIONS_S: readonly number[] = [1, 4, 12, 24, 72, 168, 336, 720].map((hours) => hours * HOUR_S)
