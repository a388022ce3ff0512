/**
 * Watches the sizes that incoming MQTT packets announce, before anybody keeps their bytes.
 *
 * Every packet begins with a type byte and its remaining length in one to four bytes of seven bits (MQTT 3.1.1,
 * section 2.2.3). The MQTT library believes any length and collects up to 256 MiB for it; the gate reads the lengths
 * as the bytes go by and says stop. It keeps no bytes and understands nothing but those headers.
 */
import { assert, byteAt } from "@holdfast/base"

const LENGTH_BYTES_MAX = 4

export type GateAnswer = "pass" | "packet too large" | "protocol violation"

export class PacketGate {
  readonly #remaining_max: number
  /** Bytes of the current packet's body still to come. */
  #body_size = 0
  /** -1 before the type byte, then how many bytes of the length were read. */
  #length_bytes = -1
  #length = 0

  constructor(remaining_max: number) {
    assert(remaining_max > 0 && remaining_max < 128 ** LENGTH_BYTES_MAX, "the bound can be announced")
    this.#remaining_max = remaining_max
  }

  /** Looks at the next bytes of the connection, in whatever pieces they come. After a rejection it is not asked again. */
  look(bytes: Uint8Array): GateAnswer {
    for (let at = 0; at < bytes.length; ) {
      if (this.#body_size > 0) {
        const skipped = Math.min(this.#body_size, bytes.length - at)
        this.#body_size -= skipped
        at += skipped
        continue
      }
      const answer = this.#header(byteAt(bytes, at++))
      if (answer !== "pass") return answer
    }
    return "pass"
  }

  #header(byte: number): GateAnswer {
    if (this.#length_bytes === -1) {
      this.#length_bytes = 0
      this.#length = 0
      return "pass"
    }
    this.#length += (byte & 0x7f) * 128 ** this.#length_bytes++
    if (this.#length > this.#remaining_max) return "packet too large"
    if (byte < 0x80) {
      this.#body_size = this.#length
      this.#length_bytes = -1
      return "pass"
    }
    return this.#length_bytes === LENGTH_BYTES_MAX ? "protocol violation" : "pass"
  }
}
