/**
 * Where the energy went: a ledger with one line for each feature, in millijoules since the cells were fitted.
 *
 * The board meters its radio, its reader and its sleep and says so with each battery reading; drives are measured one by one.
 * It is kept in memory and stored with the wear of the lock, rarely: it explains a short life, and no decision rests on it.
 */
export const FEATURES = ["drive", "radio", "reader", "sensing", "standby", "harvest"] as const
/** Harvest is what came in; all else went out. */
export type Feature = (typeof FEATURES)[number]
export type Spent = Readonly<Record<Feature, number>>

export const NOTHING_SPENT: Spent = { drive: 0, radio: 0, reader: 0, sensing: 0, standby: 0, harvest: 0 }

export function addSpent(before: Spent, more: Partial<Spent>): Spent {
  const sum = { ...before }
  for (const feature of FEATURES) {
    const part = more[feature]
    if (part !== undefined && part > 0) sum[feature] += part
  }
  return sum
}

/** What was taken out of the battery in all, in millijoules. Below zero, more came in. */
export function outOf(spent: Spent): number {
  const { harvest, ...out } = spent
  return Object.values(out).reduce((sum, each) => sum + each, 0) - harvest
}
