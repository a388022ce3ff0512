/** I-30: whoever is erased beside the history is gone from it. */
import { type Crypto, concat, idBytes } from "@holdfast/base"
import { utf8 } from "@holdfast/base/text"
import type { MemoryDisk } from "@holdfast/port-node"
import { auditDisk } from "../audit-disk.ts"
import type { Truth } from "../truth/truth.ts"
import type { Rule } from "./rule.ts"

/** Every file of the history, one behind the other. */
function historyOf(disk: MemoryDisk, below: string): Buffer {
  const files: Uint8Array[] = []
  const gather = (path: string): void => {
    const bytes = disk.read(path)
    if (bytes !== null) files.push(bytes)
    else for (const name of disk.list(path)) gather(`${path}/${name}`)
  }
  gather(below)
  return Buffer.concat(files)
}

/** A name as it could be found by somebody who guesses it: as it is, or behind its hash without a salt. */
function needlesOf(name: string, crypto: Crypto): readonly Uint8Array[] {
  const purpose = concat(utf8("holdfast/label/v1"), new Uint8Array(1))
  return [utf8(name), crypto.sha256(concat(purpose, utf8(name))), crypto.sha256(utf8(name))]
}

/** What of a person can be read in the history alone; null where it is nothing. */
function readable(truth: Truth, disk: MemoryDisk, crypto: Crypto): string | null {
  const whole = historyOf(disk, "ledger")
  for (const name of truth.names)
    if (needlesOf(name, crypto).some((needle) => whole.includes(Buffer.from(needle))))
      return "a name can be found in the history"
  const events = historyOf(disk, "ledger/events")
  for (const person of truth.now.people.keys())
    if (events.includes(Buffer.from(idBytes(person)))) return "who passed can be read in the history"
  return null
}

export const I_30: Rule = {
  id: "I-30",
  words:
    "With what is sealed beside it erased, the history passes the audit, and nobody's name can be read in it or found by guessing, nor who passed where.",
  watch({ truth }) {
    let isDone = false
    return {
      finish({ disk, crypto }) {
        if (isDone) return null // Once for the whole building.
        isDone = true
        const isHistory = (path: string): boolean => path.startsWith("ledger/")
        const left = {
          read: (path: string) => (isHistory(path) ? disk.read(path) : null),
          list: (path: string) => disk.list(path),
        }
        const { wrong } = auditDisk(left, crypto)
        return wrong === null ? readable(truth, disk, crypto) : `with all else erased, ${wrong}`
      },
    }
  },
}
