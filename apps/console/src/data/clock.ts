/** The present, for everything that shows an age: one timer for the whole page, once a second while somebody looks. */
import { useSyncExternalStore } from "react"

const BEAT_MS = 1_000
let now_ms = Date.now()
let timer: ReturnType<typeof setInterval> | null = null
const watchers = new Set<() => void>()

function beat(): void {
  now_ms = Date.now()
  for (const watcher of [...watchers]) watcher()
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher)
  if (timer === null) {
    now_ms = Date.now()
    timer = setInterval(beat, BEAT_MS)
  }
  return () => {
    watchers.delete(watcher)
    if (watchers.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Milliseconds since 1970, to the second, and the component draws again with each one. */
export function useNow(): number {
  return useSyncExternalStore(watch, () => now_ms)
}
