/**
 * What one window of the accelerometer says, in whole numbers: 256 samples of three axes at 400 Hz, 0.64 s (C73).
 *
 * The sensor itself wakes the board (stage one); then the board's sensor port takes windows and hands on these few numbers
 * instead of samples (stage two). Nothing depends on how the lock hangs: every number is a length or a sum over the three
 * axes. Nothing here judges, see `judge.ts`. 400 Hz shows rotary drilling and every blow; of a percussion drill's own
 * 270 to 800 Hz it shows only what is left below 200 Hz.
 *
 *   samples --> mean removed --> peak, width, rms, blocks of 40 ms, octaves (Haar), self-likeness at 4 to 36 samples
 *           \-> means of 80 ms --> sway and shift of the quasi-static part
 */
import { assert } from "@holdfast/base"

export const WINDOW_SAMPLES = 256
export const SAMPLE_HZ = 400
export const WINDOW_MS = 640
export const AXES = 3
/** Octaves from 100-200 Hz down to 3-6 Hz. */
const OCTAVES = 6
const BLOCK = 16
const SWAY_BLOCK = 32
/** Lags of the self-likeness: 100 Hz down to 11 Hz, a thick bit turning slowly. */
const LAG_MIN = 4
const LAG_MAX = 36
/** Below this nobody asks for the tone, which is most of the work. */
const TONE_RMS_MG_MIN = 25

export type Window = {
  readonly rms_mg: number
  readonly peak_mg: number
  /** How long the peak pushed one way: a foot pushes for 10 to 30 ms, steel on steel for less than a sample. */
  readonly width_ms: number
  /** Of 16 blocks, how many have at least a quarter of the mean energy: 16 is steady, 1 is a single click. */
  readonly steady: number
  /** Sudden rises to half the peak or more. */
  readonly blows: number
  /** The rms in each octave, highest first. */
  readonly octaves_mg: readonly number[]
  readonly tone_hz: number
  /** How much the signal resembles itself one period of the tone later. */
  readonly tone_percent: number
  /** Largest distance of an 80 ms mean from the window's, and from its beginning to its end. */
  readonly sway_mg: number
  readonly shift_mg: number
}

/** What `windowOf` works in besides the samples: one axis for the octaves. */
export const WORK_BYTES = WINDOW_SAMPLES * 2

const root = (value: number): number => Math.round(Math.sqrt(value))

function valueAt(values: Int16Array | readonly number[], index: number): number {
  const value = values[index]
  assert(value !== undefined, "an index stays within its window")
  return value
}

/** Inner product of the sample with the one `lag` later, over the three axes; lag 0: its squared length. */
function likeness(samples: Int16Array, sample: number, lag: number): number {
  let sum = 0
  for (let axis = 0; axis < AXES; axis++)
    sum += valueAt(samples, sample * AXES + axis) * valueAt(samples, (sample + lag) * AXES + axis)
  return sum
}

/** Features of a window of interleaved samples in thousandths of g. Its mean is taken out of the samples in place. */
export function windowOf(samples: Int16Array): Window {
  assert(samples.length === WINDOW_SAMPLES * AXES, "a window is whole")
  takeMeanOut(samples)
  const powers: number[] = Array(WINDOW_SAMPLES / BLOCK).fill(0)
  for (let sample = 0; sample < WINDOW_SAMPLES; sample++) {
    const block = Math.floor(sample / BLOCK)
    powers[block] = valueAt(powers, block) + likeness(samples, sample, 0)
  }
  const total = powers.reduce((sum, power) => sum + power, 0)
  return {
    rms_mg: root(total / WINDOW_SAMPLES),
    ...peakOf(samples),
    steady: powers.filter((power) => power * powers.length * 4 >= total).length,
    octaves_mg: octavesOf(samples),
    ...(total < TONE_RMS_MG_MIN ** 2 * WINDOW_SAMPLES ? { tone_hz: 0, tone_percent: 0 } : toneOf(samples, total)),
    ...swayOf(samples),
  }
}

function takeMeanOut(samples: Int16Array): void {
  for (let axis = 0; axis < AXES; axis++) {
    const mean = meanOf(samples, axis, 0, WINDOW_SAMPLES)
    for (let at = axis; at < samples.length; at += AXES) samples[at] = valueAt(samples, at) - mean
  }
}

function meanOf(samples: Int16Array, axis: number, from: number, count: number): number {
  let sum = 0
  for (let sample = from; sample < from + count; sample++) sum += valueAt(samples, sample * AXES + axis)
  return Math.round(sum / count)
}

/** The highest sample, for how long it pushed one way, and how often the signal rose to half of it out of quiet. */
function peakOf(samples: Int16Array): Pick<Window, "peak_mg" | "width_ms" | "blows"> {
  let top = 0
  for (let sample = 1; sample < WINDOW_SAMPLES; sample++)
    if (likeness(samples, sample, 0) > likeness(samples, top, 0)) top = sample
  const peak = likeness(samples, top, 0)
  const pushes = (sample: number): boolean =>
    sample >= 0 &&
    sample < WINDOW_SAMPLES &&
    likeness(samples, Math.min(top, sample), Math.abs(top - sample)) * 2 >= peak
  let from = top
  while (pushes(from - 1)) from--
  let until = top + 1
  while (pushes(until)) until++
  let blows = 0
  let loudAt = -BLOCK * 3
  for (let sample = 0; sample < WINDOW_SAMPLES; sample++) {
    if (likeness(samples, sample, 0) * 4 < peak) continue
    if (sample - loudAt > BLOCK * 2) blows++
    loudAt = sample
  }
  return { peak_mg: root(peak), width_ms: Math.round(((until - from) * 1000) / SAMPLE_HZ), blows }
}

/** Haar's transform, one axis after the other: at each step the differences are an octave, the means go on. */
function octavesOf(samples: Int16Array): readonly number[] {
  const energies: number[] = Array(OCTAVES).fill(0)
  const work = new Int16Array(WINDOW_SAMPLES)
  for (let axis = 0; axis < AXES; axis++) {
    for (let at = 0; at < WINDOW_SAMPLES; at++) work[at] = valueAt(samples, at * AXES + axis)
    for (let octave = 0, size = WINDOW_SAMPLES / 2; octave < OCTAVES; octave++, size /= 2)
      for (let at = 0; at < size; at++) {
        const first = valueAt(work, 2 * at)
        const second = valueAt(work, 2 * at + 1)
        work[at] = (first + second) / 2
        // A mean of 2^octave samples stands for as many of them.
        energies[octave] = valueAt(energies, octave) + ((first - second) ** 2 * 2 ** octave) / 2
      }
  }
  return energies.map((energy) => root(energy / WINDOW_SAMPLES))
}

/** The lag at which the signal is most like itself, where that is a crest: drills turn, and their two lips turn twice. */
function toneOf(samples: Int16Array, total: number): Pick<Window, "tone_hz" | "tone_percent"> {
  let best = 0
  let lag_best = 0
  let before = Number.POSITIVE_INFINITY
  let rising = false
  for (let lag = LAG_MIN - 1; lag <= LAG_MAX; lag++) {
    let sum = 0
    for (let sample = 0; sample + lag < WINDOW_SAMPLES; sample++) sum += likeness(samples, sample, lag)
    if (rising && sum <= before && before > best) {
      best = before
      lag_best = lag - 1
    }
    rising = sum > before
    before = sum
  }
  if (total === 0 || lag_best === 0) return { tone_hz: 0, tone_percent: 0 }
  return { tone_hz: Math.round(SAMPLE_HZ / lag_best), tone_percent: Math.round((best * 100) / total) }
}

/** What moves slower than 6 Hz: the leaf swings, or somebody levers. */
function swayOf(samples: Int16Array): Pick<Window, "sway_mg" | "shift_mg"> {
  let sway = 0
  let shift = 0
  for (let from = 0; from < WINDOW_SAMPLES; from += SWAY_BLOCK) {
    let length = 0
    for (let axis = 0; axis < AXES; axis++) length += meanOf(samples, axis, from, SWAY_BLOCK) ** 2
    sway = Math.max(sway, length)
  }
  for (let axis = 0; axis < AXES; axis++) {
    const begins = meanOf(samples, axis, 0, SWAY_BLOCK)
    shift += (meanOf(samples, axis, WINDOW_SAMPLES - SWAY_BLOCK, SWAY_BLOCK) - begins) ** 2
  }
  return { sway_mg: root(sway), shift_mg: root(shift) }
}
