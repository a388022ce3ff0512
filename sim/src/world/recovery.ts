/**
 * Somebody who lost every key of his own, and the founding key that names a new one: the way back that the site documents.
 *
 * The new key is named by the root alone, and is his when the keeper admits what he states by it. Whoever is turned away, or
 * meets a keeper that is down, comes again. In the end he puts the old key out of force.
 */
import type { StatementId } from "@holdfast/access/door"
import type { Agenda } from "../agenda.ts"
import type { Es256Key, Signing } from "../signing.ts"
import type { Chance } from "../chance.ts"
import type { Truth } from "../truth/truth.ts"
import type { Administrator } from "./administrator.ts"
import type { Cardholder, Speaker } from "./founding.ts"
import type { Owner } from "./owner.ts"

const AGAIN_MS = 10 * 60_000

export class Recovery {
  readonly #agenda: Agenda
  readonly #truth: Truth
  readonly #owner: Owner
  readonly #administrator: Administrator
  readonly #key: Es256Key

  constructor(
    at: { agenda: Agenda; chance: Chance; truth: Truth; signing: Signing; administrator: Administrator },
    owner: Owner,
  ) {
    this.#agenda = at.agenda
    this.#truth = at.truth
    this.#owner = owner
    this.#administrator = at.administrator
    this.#key = at.signing.es256(at.chance)
  }

  /** He notices that his key is gone. */
  async begin(person: Cardholder, lost: StatementId): Promise<void> {
    this.#truth.recoversSince_ms ??= this.#agenda.now_ms
    if (await this.#recovers(person, lost)) this.#truth.recoversSince_ms = null
    else this.#agenda.in(AGAIN_MS, () => this.begin(person, lost))
  }

  /** Whether he is heard by a key that the root named, and his old one no longer. */
  async #recovers({ id }: Cardholder, lost: StatementId): Promise<boolean> {
    if (this.#truth.now.people.get(id)?.standing !== "good") {
      await this.#state([this.#owner.sign({ kind: "person restore", person: id }).bytes])
      return false
    }
    const terms = { keyKind: "software", kinds: null, notAfter: null, credentialId: null, backupFlags: 0 } as const
    const named = this.#owner.sign({ kind: "delegate", person: id, key: this.#key.publicKey, ...terms })
    const speaker: Speaker = { id, delegation: named.id, key: this.#key }
    const said = this.#owner.signAs({ kind: "delegation revoke", delegation: lost }, speaker)
    return (await this.#state([named.bytes])) && this.#state([said])
  }

  async #state(statements: readonly Uint8Array[]): Promise<boolean> {
    const answer = await this.#administrator.sendOn(statements, [])
    return answer?.outcomes.every(({ admitted }) => admitted) === true
  }
}
