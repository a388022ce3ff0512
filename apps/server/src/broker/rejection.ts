/**
 * Everything for which the broker turns a peer away or drops what it said, and how often it did.
 *
 * Each rejection has one name and one counter; the counters are all that remains of a misbehaving peer, so they cannot
 * grow. The log hears of the first, the tenth, the hundredth and so on: a flood of rejections is no flood of lines.
 */

export const REJECTIONS = [
  /** At the network: more connections than there may be. */
  "too many connections",
  /** In the handshake: no certificate, one of another authority or for another use, expired, or TLS before 1.3. */
  "TLS handshake",
  /** After it: the certificate is ours but names no lock. */
  "no lock's certificate",
  /** The lock or this certificate of it is not, or no longer, on the allow list. */
  "not on the allow list",
  /** In CONNECT. */
  "client id is not the certificate's name",
  "not MQTT 3.1.1",
  "no keep-alive",
  "a will",
  /** In PUBLISH. */
  "publish outside its rights",
  "retained publish",
  "quality of service 2",
  /** In SUBSCRIBE: answered with a failure, the connection stays. */
  "subscribe outside its rights",
  /** Anywhere. */
  "packet too large",
  "protocol violation",
  "silence",
  "no acknowledgement",
] as const
export type Rejection = (typeof REJECTIONS)[number]

/** Given to the MQTT library as the reason to close a connection, and recognized when it comes back as an event. */
export class RejectedError extends Error {
  override readonly name = "RejectedError"
  /** The return code of CONNACK (MQTT 3.1.1, table 3.1): 2 identifier rejected, 5 not authorized. */
  readonly returnCode: 2 | 5

  constructor(rejection: Rejection) {
    super(rejection)
    this.returnCode = rejection === "client id is not the certificate's name" ? 2 : 5
  }
}

export class RejectionCounts {
  readonly #counts = new Map<Rejection, number>()
  readonly #log: (line: string) => void

  constructor(log: (line: string) => void) {
    this.#log = log
  }

  count(rejection: Rejection, who: string): void {
    const count = this.of(rejection) + 1
    this.#counts.set(rejection, count)
    if (/^10*$/.test(String(count))) this.#log(`broker: rejected ${who}: ${rejection} (${count} so far)`)
  }

  of(rejection: Rejection): number {
    return this.#counts.get(rejection) ?? 0
  }

  all(): Readonly<Record<Rejection, number>> {
    const entries = REJECTIONS.map((rejection) => [rejection, this.of(rejection)] as const)
    return Object.fromEntries(entries) as Record<Rejection, number>
  }
}
