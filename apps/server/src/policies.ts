/** The bytes of policies: files in DATA/policies named by their hash. What they say is none of the server's business. */
import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { assert, toHex } from "@holdfast/base"
import { nodeCrypto } from "@holdfast/port-node"

/** Policies kept in memory, since every lock of a roll-out asks for its chunks one by one. */
const KEPT_MAX = 64

export class PolicyFiles {
  readonly #folder: string
  readonly #kept = new Map<string, Uint8Array>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The policy with this hash, or null when it is not there or its bytes are not what its name says. */
  async read(sha256: string): Promise<Uint8Array | null> {
    assert(/^[0-9a-f]{64}$/.test(sha256), "a policy is named by its hash")
    const kept = this.#kept.get(sha256)
    if (kept !== undefined) return kept
    let bytes: Uint8Array
    try {
      bytes = await readFile(join(this.#folder, sha256))
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
      throw error
    }
    if (toHex(nodeCrypto.sha256(bytes)) !== sha256) return null
    const [oldest] = this.#kept.keys()
    if (this.#kept.size >= KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    this.#kept.set(sha256, bytes)
    return bytes
  }
}
