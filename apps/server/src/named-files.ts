/**
 * Files that are named by their own SHA-256: policies in DATA/policies, firmware images in DATA/images. What they say is none of
 * the server's business; whoever takes them holds them against a hash that somebody signed.
 */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert } from "@holdfast/base"
import { toHex } from "@holdfast/base/text"
import { nodeCrypto } from "@holdfast/port-node"
import { codeOf } from "./error-code.ts"

export class NamedFiles {
  readonly #folder: string
  readonly #kept_max: number
  readonly #kept = new Map<string, Uint8Array>()

  /** Keeps the last `kept_max` in memory, since every lock of a roll-out asks for its pieces one by one. */
  constructor(folder: string, kept_max: number) {
    this.#folder = folder
    this.#kept_max = kept_max
  }

  /** The file with this hash, or null when it is not there or its bytes are not what its name says. */
  async read(sha256: string): Promise<Uint8Array | null> {
    assert(/^[0-9a-f]{64}$/.test(sha256), "a file is named by its hash")
    const kept = this.#kept.get(sha256)
    if (kept !== undefined) return kept
    let bytes: Uint8Array
    try {
      bytes = await readFile(join(this.#folder, sha256))
    } catch (error) {
      if (codeOf(error) === "ENOENT") return null
      throw error
    }
    if (toHex(nodeCrypto.sha256(bytes)) !== sha256) return null
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= this.#kept_max && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(sha256, bytes)
    return bytes
  }
}
