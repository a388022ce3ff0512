/**
 * How it went: the second word of a journal record, in one table of numbers and words.
 *
 * Numbers below 64 are the refusals of a decision and belong to `access/door`; from 64 on they are the lock's own. They are
 * written into signed records, so a number is never given a second meaning.
 */
export const RESULTS = {
  done: 0,
  "unknown credential": 1,
  revoked: 2,
  denied: 3,
  "no grant": 4,
  "outside schedule": 5,
  "not yet valid": 6,
  expired: 7,
  "another factor needed": 8,
  "time unknown": 9,
  "no policy": 64,
  "lease ended": 65,
  "card not authentic": 66,
  "card gone too soon": 67,
  throttled: 68,
  "second factor not given": 69,
  "bolt not ready": 70,
  unreadable: 80,
  "wrong signature": 81,
  "wrong door": 82,
  "old version": 83,
  "other bytes at this version": 84,
  "inconsistent checkpoint": 85,
  "not expected": 86,
  "hash differs": 87,
  "too large": 88,
  "too early or too late": 89,
  "not an author this door knows": 90,
  "step too large": 91,
  full: 92,
  "by key": 100,
  "by request to exit": 101,
  "after power returned": 102,
  "storage damaged": 103,
} as const satisfies Record<string, number>
export type Result = keyof typeof RESULTS
