/**
 * A site as its command knows it: the verified root metadata, and who may still take charge of it.
 *
 * The founding key is in memory from the founding, or from when somebody brings the recovery file, until the next claim.
 */
import { randomBytes } from "node:crypto"
import type { Root } from "@holdfast/access"
import { verifyFirstRoot } from "@holdfast/access/author"
import { assert, type SiteId, unixMillis } from "@holdfast/base"
import { encodeCoseKey } from "@holdfast/base/cose"
import { toBase64 } from "@holdfast/base/text"
import { type Es256Signer, nodeCrypto } from "@holdfast/port-node"
import { Claims, type FoundingFile } from "./claim.ts"
import { Founder, type Submit } from "./founder.ts"
import { readRecovery, WrongKeyError } from "./recovery.ts"

export type SiteOptions = {
  /** The console's. */
  readonly origin: string
  /** To the keeper, whatever the founding key signs. */
  readonly submit: Submit
  claimed(): void
}

export const random = (size: number): Uint8Array => new Uint8Array(randomBytes(size))
export const now = () => unixMillis(Date.now())

export class Site {
  readonly id: SiteId
  readonly root: Root
  /** The signed root metadata. */
  readonly bytes: Uint8Array
  readonly claims: Claims
  readonly #submit: Submit

  /** The site of root metadata that we signed or kept ourselves. */
  constructor(bytes: Uint8Array, { origin, submit, claimed }: SiteOptions) {
    const verified = verifyFirstRoot(bytes, nodeCrypto)
    assert(verified.ok, "the root metadata that we keep is our own")
    this.id = verified.site
    this.root = verified.root
    this.bytes = bytes
    this.#submit = submit
    this.claims = new Claims({ site: this.id, origin, uptime: () => performance.now(), random, claimed })
  }

  /** Takes up the founding key, from which a link can be made now. */
  hold(key: Es256Signer, file: FoundingFile): Founder {
    const { keeperHpke } = this.root
    const founder = new Founder({ site: this.id, keeperHpke, key, submit: this.#submit, now, random })
    this.claims.hold(founder, file)
    return founder
  }

  /** Takes up the founding key of a recovery file; fails with a {@link WrongKeyError} for another site's. */
  holdRecovered(text: string): void {
    const key = readRecovery(text)
    const ours = toBase64(encodeCoseKey(key.publicKey))
    if (!this.root.keys.some((each) => toBase64(encodeCoseKey(each)) === ours))
      throw new WrongKeyError("this recovery file is the founding key of another site")
    this.hold(key, "kept")
  }

  /** A new link, or null while nobody's founding key is here. */
  invite(): string | null {
    return this.claims.canInvite ? this.claims.invite() : null
  }
}
