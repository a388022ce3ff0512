/** How old a fact is, counted while one watches; it fades from ink to grey. No state is shown without one of these. */
import { useNow } from "../data/clock.ts"
import { ageWords, agoWords, FRESH_MS_MAX, whenWords } from "../words/age.ts"
import { fullTimeWords } from "../words/time.ts"

type AgeProps = { readonly of_ms: number | null; readonly long?: boolean; readonly never?: string }

export function Age({ of_ms, long = false, never = "never" }: AgeProps) {
  const now_ms = useNow()
  if (of_ms === null) return <span className="age">{never}</span>
  const age_ms = Math.max(0, now_ms - of_ms)
  const fresh = age_ms <= FRESH_MS_MAX
  return (
    <time
      className={fresh ? "age fresh" : "age"}
      dateTime={new Date(of_ms).toISOString()}
      title={fullTimeWords(of_ms, null)}
    >
      {long ? agoWords(age_ms) : ageWords(age_ms)}
    </time>
  )
}

/** "in 23 h" before its moment, "2 min ago" after it. */
export function Until({ at_ms }: { at_ms: number }) {
  const now_ms = useNow()
  return (
    <time className="age" dateTime={new Date(at_ms).toISOString()} title={fullTimeWords(at_ms, null)}>
      {whenWords(at_ms, now_ms)}
    </time>
  )
}
