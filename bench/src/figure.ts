/** One measured figure, printed as one JSON line; anyone can repeat it with `npm run bench -- NAME`. */
export type Figure = {
  readonly bench: string
  readonly figure: string
  readonly value: number
  readonly unit: string
  /** How many samples stand behind the value. */
  readonly n: number
  readonly seed: number
  /** The machine and the setting, in words. */
  readonly with: string
}

/** The value below which `share` of the samples lie; the samples are sorted in place. */
export function percentile(samples: number[], share: number): number {
  samples.sort((a, b) => a - b)
  const at = Math.min(samples.length - 1, Math.floor(samples.length * share))
  return samples[at] ?? Number.NaN
}

export function median(samples: number[]): number {
  return percentile(samples, 0.5)
}
