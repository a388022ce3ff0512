/**
 * The first link and what comes of it: one use, fifteen minutes, and then an administrator has a key of their own.
 *
 * The link's token is compared by its hash; the key that claims is believed because whoever has the token stands where the
 * command's words were read. It says nothing about doors: a delegation is all that the founding key gives here.
 */
import { createHash, timingSafeEqual } from "node:crypto"
import type { KeyKind } from "@holdfast/access"
import { assert, type PersonId, parseId, type SiteId } from "@holdfast/base"
import { decodeCoseKey, type PublicKey } from "@holdfast/base/cose"
import { fromBase64, toBase64Url } from "@holdfast/base/text"
import type { Founder } from "./founder.ts"
import { recoveryFileName, recoveryText } from "./recovery.ts"

export const LINK_MS = 15 * 60_000
const TOKEN_SIZE = 32
const CREDENTIAL_ID_SIZE_MAX = 1023

export type ClaimAnswer = { readonly status: number; readonly body: unknown }

type Claim = {
  readonly token: string
  readonly person: PersonId
  readonly commitment: Uint8Array
  readonly attachment: Uint8Array
  readonly key: PublicKey
  readonly keyKind: KeyKind
  readonly credentialId: Uint8Array | null
  readonly backupFlags: number
}

function bytesOf(value: unknown, size_min: number, size_max: number): Uint8Array | null {
  const bytes = typeof value === "string" ? fromBase64(value) : null
  return bytes !== null && bytes.length >= size_min && bytes.length <= size_max ? bytes : null
}

/** Reads a claim out of JSON; null for anything that is none. */
export function readClaim(body: unknown): Claim | null {
  if (typeof body !== "object" || body === null) return null
  const fields = new Map<string, unknown>(Object.entries(body))
  const token = fields.get("token")
  const named = fields.get("person")
  const person = typeof named === "string" ? parseId<"PersonId">(named) : null
  const commitment = bytesOf(fields.get("commitment"), 32, 32)
  const attachment = bytesOf(fields.get("attachment"), 1, 2_048)
  const coseKey = bytesOf(fields.get("key"), 1, 256)
  const key = coseKey === null ? null : decodeCoseKey(coseKey)
  const flags = fields.get("backup_flags")
  const isPasskey = fields.get("key_kind") === 1
  const credentialId = isPasskey ? bytesOf(fields.get("credential_id"), 1, CREDENTIAL_ID_SIZE_MAX) : null
  if (typeof token !== "string" || person === null || commitment === null || attachment === null || key === null)
    return null
  if (!isPasskey && fields.get("key_kind") !== 2) return null
  if (isPasskey && credentialId === null) return null
  if (typeof flags !== "number" || !Number.isInteger(flags) || flags < 0 || flags > 255) return null
  const keyKind = isPasskey ? "passkey" : "software"
  return { token, person, commitment, attachment, key, keyKind, credentialId, backupFlags: flags }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest()
}

function problem(status: number, slug: string, title: string): ClaimAnswer {
  return { status, body: { type: `urn:holdfast:claim:${slug}`, title, status, detail: title } }
}

export type ClaimsOptions = {
  readonly site: SiteId
  readonly origin: string
  /** Milliseconds that never go back. */
  uptime(): number
  random(size: number): Uint8Array
  claimed(person: PersonId): void
}

/** Whether the founding key's file is to be offered, or was read from where somebody keeps it. */
export type FoundingFile = "offered" | "kept"

export class Claims {
  readonly #options: ClaimsOptions
  #founder: Founder | null = null
  #file: FoundingFile = "offered"
  #link: { readonly digest: Buffer; readonly until_ms: number } | null = null
  #claiming = false

  constructor(options: ClaimsOptions) {
    this.#options = options
  }

  /** Whether a link could be made: somebody's founding key is in memory. */
  get canInvite(): boolean {
    return this.#founder !== null
  }

  /** Takes up the founding key, until the next claim. Whoever claims is given its file only where nobody has it yet. */
  hold(founder: Founder, file: FoundingFile): void {
    this.#founder = founder
    this.#file = file
  }

  /** A new link; the one before, if any, is dead. */
  invite(): string {
    assert(this.#founder !== null, "the founding key is held")
    const token = toBase64Url(this.#options.random(TOKEN_SIZE))
    this.#link = { digest: digest(token), until_ms: this.#options.uptime() + LINK_MS }
    return `${this.#options.origin}/claim#${token}`
  }

  /** Answers a claim that the front passed on. */
  async claim(body: unknown): Promise<ClaimAnswer> {
    const claim = readClaim(body)
    if (claim === null) return problem(400, "malformed", "The claim is not complete.")
    const founder = this.#founder
    if (founder === null || this.#link === null || this.#claiming)
      return problem(409, "no-link", "There is no open link. npm run invite prints a new one.")
    if (!timingSafeEqual(digest(claim.token), this.#link.digest))
      return problem(403, "token", "This is not the newest link. npm run invite prints a new one.")
    if (this.#options.uptime() > this.#link.until_ms)
      return problem(410, "expired", "This link has expired. npm run invite prints a new one.")
    this.#claiming = true
    try {
      return await this.#delegate(founder, claim)
    } finally {
      this.#claiming = false
    }
  }

  async #delegate(founder: Founder, claim: Claim): Promise<ClaimAnswer> {
    const { person, commitment, attachment, key, keyKind, credentialId, backupFlags } = claim
    const added = await founder.stateOne({
      change: { kind: "person add", person, commitment },
      attachment: { object: person, sealed: attachment },
    })
    if (!added.outcome.admitted) return problem(422, "refused", `The keeper refused the name: ${added.outcome.fault}.`)
    const { id, outcome } = await founder.stateOne({
      change: { kind: "delegate", person, key, keyKind, kinds: null, notAfter: null, credentialId, backupFlags },
    })
    if (!outcome.admitted) return problem(422, "refused", `The keeper refused the key: ${outcome.fault}.`)
    const { site } = this.#options
    const file = { file_name: recoveryFileName(site), text: recoveryText(site, founder.pkcs8()) }
    const recovery = this.#file === "offered" ? file : null
    founder.drop()
    this.#founder = null
    this.#link = null
    this.#options.claimed(person)
    return { status: 200, body: { person, delegation: id, recovery } }
  }
}
