/** A real keeper in its own process, founded for a test, and an administrator who signs with a software key. */
import { type ChildProcess, fork } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import type { Author, Change, ObjectId, Root, StatementId } from "@holdfast/access"
import {
  encodeOpening,
  encodeRoot,
  labelCommitment,
  rootToSign,
  siteIdOf,
  statementToSign,
} from "@holdfast/access/author"
import { assert, type Id, idOf, type PersonId, type SiteId, unixSeconds } from "@holdfast/base"
import { toBase64 } from "@holdfast/base/text"
import type { Client, Submission, SubmissionAnswer } from "@holdfast/contract"
import { type Es256Signer, hpkeInfo, newEs256, nodeCrypto, sealTo } from "@holdfast/port-node"
import { KeeperLine } from "../src/keeper-line.ts"

const ENTRY = fileURLToPath(new URL("../../keeper/src/main.ts", import.meta.url))

export type KeeperKeys = Pick<Root, "keeper" | "logKey" | "keeperHpke">
type Said = {
  readonly kind: string
  readonly socket?: string
  readonly keys?: KeeperKeys
  readonly site?: SiteId
  readonly message?: string
}

export class KeeperFailedError extends Error {
  override readonly name = "KeeperFailedError"
}

export class KeeperProcess {
  readonly keys: KeeperKeys
  readonly socket: string
  readonly #data: string
  #child: ChildProcess

  private constructor(data: string, child: ChildProcess, { socket, keys }: Said) {
    assert(socket !== undefined && keys !== undefined, "a keeper that is ready says where and with which keys")
    this.#data = data
    this.#child = child
    this.socket = socket
    this.keys = keys
  }

  static async start(data: string): Promise<KeeperProcess> {
    const { child, said } = await launch({ data })
    return new KeeperProcess(data, child, said)
  }

  async found(root: Uint8Array): Promise<void> {
    this.#child.send({ kind: "found", root })
    await hear(this.#child, "founded")
  }

  /** Kills it without a warning and starts it again on the same socket. */
  async killAndStart(): Promise<void> {
    const gone = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await gone
    this.#child = (await launch({ data: this.#data, socket: this.socket })).child
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return
    const gone = once(this.#child, "exit")
    this.#child.kill("SIGTERM")
    await gone
  }
}

async function launch(settings: object): Promise<{ child: ChildProcess; said: Said }> {
  const child = fork(ENTRY, [], { serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"] })
  child.send({ kind: "settings", settings })
  return { child, said: await hear(child, "ready") }
}

async function hear(child: ChildProcess, kind: string): Promise<Said> {
  const [said] = (await once(child, "message")) as [Said]
  if (said.kind !== kind) throw new KeeperFailedError(said.message ?? said.kind)
  return said
}

const random = (size: number) => new Uint8Array(randomBytes(size))
export const freshId = <Name extends string>(): Id<Name> => idOf<Name>(random(16))
const now_s = () => Math.floor(Date.now() / 1_000)

export type Draft = {
  readonly change: Change
  readonly label?: { readonly object: ObjectId; readonly text: string; readonly salt: Uint8Array }
}

/** A change that names somebody or something, with what opens the name. */
export function labelled(object: ObjectId, text: string, change: (commitment: Uint8Array) => Change): Draft {
  const salt = random(16)
  return { change: change(labelCommitment(salt, text, nodeCrypto)), label: { object, text, salt } }
}

/** Somebody signed in, with the key of the sitting. */
export type Sitting = {
  readonly token: string
  readonly person: PersonId
  readonly chain: readonly StatementId[]
  readonly key: Es256Signer
}

/** A founded site whose first administrator holds a software key. */
export class FoundedSite {
  readonly site: SiteId
  readonly keeper: KeeperProcess
  readonly admin: PersonId = freshId<"PersonId">()
  readonly #key = newEs256()
  readonly #root: Es256Signer
  #delegation: StatementId | null = null

  private constructor(site: SiteId, keeper: KeeperProcess, root: Es256Signer) {
    this.site = site
    this.keeper = keeper
    this.#root = root
  }

  static async found(keeper: KeeperProcess, origin: string): Promise<FoundedSite> {
    const key = newEs256()
    const web = { origins: [origin], rpId: "localhost" }
    const root: Root = {
      version: 1,
      keys: [key.publicKey],
      threshold: 1,
      ...keeper.keys,
      ...web,
      epoch: 1,
      createdAt: unixSeconds(now_s()),
    }
    const site = siteIdOf(encodeRoot(root), nodeCrypto)
    const toSign = rootToSign(root, site, key.publicKey, nodeCrypto)
    await keeper.found(toSign.finish(key.sign(toSign.bytes)))
    const founded = new FoundedSite(site, keeper, key)
    await founded.#nameAdministrator(key)
    return founded
  }

  /** The root's two statements go straight to the keeper: there is nobody yet who could sign in. */
  async #nameAdministrator(root: Es256Signer): Promise<void> {
    const person = this.admin
    const add = labelled(person, "the administrator", (commitment) => ({ kind: "person add", person, commitment }))
    const key = { keyKind: "software" as const, kinds: null, notAfter: null, credentialId: null, backupFlags: 0 }
    const delegate = this.#sign("root", [], root, { kind: "delegate", person, key: this.#key.publicKey, ...key })
    const statements = [this.#sign("root", [], root, add.change).bytes, delegate.bytes]
    const line = new KeeperLine({ path: this.keeper.socket, onNotice: () => {}, onLine: () => {}, now: Date.now })
    const answer = await line.ask<"submit">({ operation: "submit", statements, attachments: this.#seal([add]) })
    line.close()
    const faults =
      answer.operation === "refused"
        ? [answer.fault]
        : answer.outcomes.flatMap((each) => (each.admitted ? [] : [each.fault]))
    if (faults.length > 0) throw new KeeperFailedError(faults.join())
    this.#delegation = delegate.id
  }

  #sign(
    author: Author,
    chain: readonly StatementId[],
    key: Es256Signer,
    change: Change,
    nonce: Uint8Array = random(16),
  ): { readonly id: StatementId; readonly bytes: Uint8Array } {
    const times = { issuedAt: unixSeconds(now_s()), notAfter: unixSeconds(now_s() + 240) }
    const body = { author, chain, ...times, nonce, expects: [], change }
    const statement = statementToSign(this.site, body, key.publicKey, "key", nodeCrypto)
    return { id: statement.id, bytes: statement.finish(key.sign(statement.bytes)) }
  }

  #seal(drafts: readonly Draft[]): { readonly object: ObjectId; readonly sealed: Uint8Array }[] {
    return drafts.flatMap(({ label }) => {
      if (label === undefined) return []
      const { object, text, salt } = label
      const sealed = sealTo(
        this.keeper.keys.keeperHpke,
        hpkeInfo("attachment", this.site),
        encodeOpening({ salt, value: text }),
      )
      assert(sealed !== null, "the keeper's key is a point of the curve")
      return [{ object, sealed }]
    })
  }

  /** Changes signed with the administrator's own key, as the API takes them. */
  submission(...drafts: readonly Draft[]): Submission {
    assert(this.#delegation !== null, "the administrator was named")
    const chain = [this.#delegation]
    const statements = drafts.map(({ change }) => toBase64(this.#sign(this.admin, chain, this.#key, change).bytes))
    return { statements, attachments: this.#attachments(drafts) }
  }

  /** A change that the root states: what an administrator may not do for himself. */
  submissionOfRoot(draft: Draft): Submission {
    const statements = [toBase64(this.#sign("root", [], this.#root, draft.change).bytes)]
    return { statements, attachments: this.#attachments([draft]) }
  }

  #attachments(drafts: readonly Draft[]): { readonly object: ObjectId; readonly sealed: string }[] {
    return this.#seal(drafts).map(({ object, sealed }) => ({ object, sealed: toBase64(sealed) }))
  }

  /** An order in the administrator's name, by his own key or by another's. */
  order(change: Extract<Change, { kind: "order" }>, nonce: Uint8Array, key: Es256Signer = this.#key): string {
    assert(this.#delegation !== null, "the administrator was named")
    return toBase64(this.#sign(this.admin, [this.#delegation], key, change, nonce).bytes)
  }

  /** The delegation of a session key, for signing in; `not_after_s` is when the session is to end. */
  signIn(not_after_s: number = now_s() + 3_600): { readonly statement: string } {
    const key = newEs256().publicKey
    const session = { keyKind: "session" as const, kinds: null, credentialId: null, backupFlags: 0 }
    const change: Change = { kind: "delegate", person: this.admin, key, notAfter: unixSeconds(not_after_s), ...session }
    return { statement: this.submission({ change }).statements[0] ?? "" }
  }

  /** Signs in over the API, and keeps the sitting's key: for looks. */
  async sitting(client: Client): Promise<Sitting> {
    assert(this.#delegation !== null, "the administrator was named")
    return this.#sit(client, this.admin, this.#delegation, this.#key)
  }

  async #sit(client: Client, person: PersonId, own: StatementId, by: Es256Signer): Promise<Sitting> {
    const key = newEs256()
    const rights = { keyKind: "session" as const, kinds: null, credentialId: null, backupFlags: 0 }
    const notAfter = unixSeconds(now_s() + 3_600)
    const change: Change = { kind: "delegate", person, key: key.publicKey, notAfter, ...rights }
    const { id, bytes } = this.#sign(person, [own], by, change)
    const answered = await client.ask("signIn", { body: { statement: toBase64(bytes) } })
    if (!answered.ok) throw new KeeperFailedError(`${answered.fault}: ${answered.detail}`)
    return { token: answered.answer.token, person, chain: [own, id], key }
  }

  /** Another administrator, whom the root names, signed in. */
  async another(client: Client, token: string, text: string): Promise<Sitting> {
    const person = freshId<"PersonId">()
    const own = newEs256()
    const rights = { keyKind: "software" as const, kinds: null, notAfter: null, credentialId: null, backupFlags: 0 }
    const add = labelled(person, text, (commitment) => ({ kind: "person add", person, commitment }))
    const added = this.#sign("root", [], this.#root, add.change)
    const named = this.#sign("root", [], this.#root, { kind: "delegate", person, key: own.publicKey, ...rights })
    const statements = [added, named].map(({ bytes }) => toBase64(bytes))
    const answered = await client.ask(
      "submit",
      { body: { statements, attachments: this.#attachments([add]) } },
      { token },
    )
    if (!answered.ok || !answered.answer.outcomes.every(({ admitted }) => admitted))
      throw new KeeperFailedError("the other administrator was not named")
    return this.#sit(client, person, named.id, own)
  }

  /** Signs in over the API; answers the token. */
  async token(client: Client): Promise<string> {
    const answered = await client.ask("signIn", { body: this.signIn() })
    if (!answered.ok) throw new KeeperFailedError(`${answered.fault}: ${answered.detail}`)
    return answered.answer.token
  }

  /** Submits changes over the API; every one is admitted. */
  async state(client: Client, token: string, ...drafts: readonly Draft[]): Promise<SubmissionAnswer> {
    const answered = await client.ask("submit", { body: this.submission(...drafts) }, { token })
    if (!answered.ok) throw new KeeperFailedError(`${answered.fault}: ${answered.detail}`)
    for (const outcome of answered.answer.outcomes) if (!outcome.admitted) throw new KeeperFailedError(outcome.detail)
    return answered.answer
  }
}
