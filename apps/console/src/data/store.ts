/**
 * A value that changes, and whoever watches it. All that the console knows lives in a handful of these.
 *
 * Values are replaced, never changed in place, so that "has it changed" is one comparison. A store fetches nothing and
 * keeps nothing beyond the page.
 */
import { useSyncExternalStore } from "react"

export class Store<Value> {
  #value: Value
  readonly #watchers = new Set<() => void>()

  constructor(value: Value) {
    this.#value = value
  }

  get value(): Value {
    return this.#value
  }

  readonly get = (): Value => this.#value

  set(value: Value): void {
    if (Object.is(value, this.#value)) return
    this.#value = value
    for (const watcher of [...this.#watchers]) watcher()
  }

  change(next: (value: Value) => Value): void {
    this.set(next(this.#value))
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }
}

export function useStore<Value>(store: Store<Value>): Value {
  return useSyncExternalStore(store.watch, store.get)
}
