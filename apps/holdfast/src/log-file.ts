/**
 * A child's words in a file of at most 5 MB, with three older ones kept beside it.
 *
 * Not a logging library: each line is written as the child said it, with the time in front.
 */
import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs"
import { dirname } from "node:path"

const BYTES_MAX = 5 * 1024 * 1024
const OLDER = 3

export class LogFile {
  readonly #path: string
  #size: number

  constructor(path: string) {
    this.#path = path
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    this.#size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  }

  write(line: string, now: Date): void {
    const bytes = Buffer.from(`${now.toISOString()} ${line}\n`)
    if (this.#size + bytes.length > BYTES_MAX) this.#rotate()
    appendFileSync(this.#path, bytes, { mode: 0o600 })
    this.#size += bytes.length
  }

  #rotate(): void {
    for (let age = OLDER - 1; age >= 0; age--) {
      const from = age === 0 ? this.#path : `${this.#path}.${age}`
      if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${this.#path}.${age + 1}`)
    }
    this.#size = 0
  }
}
