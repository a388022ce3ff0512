/**
 * Who works at this browser: the person, the delegation that lets their key speak, and where that key is.
 *
 * A passkey lives in an authenticator and is asked for by its credential id. A software key lives in this browser only; it
 * cannot be carried away, and everywhere it is called a software key. Nothing here is secret.
 */
import type { StatementId } from "@holdfast/access"
import { statementIdBytes, statementIdOf } from "@holdfast/access/door"
import { parseId, type PersonId, type SiteId } from "@holdfast/base"
import { type PublicKey, publicKey } from "@holdfast/base/cose"
import { fromBase64Url, fromHex, toBase64Url, toHex } from "@holdfast/base/text"

export type Identity = {
  readonly person: PersonId
  readonly delegation: StatementId
  readonly publicKey: PublicKey
  readonly key: { readonly kind: "software" } | { readonly kind: "passkey"; readonly credentialId: Uint8Array }
}

const slot = (site: SiteId): string => `holdfast.identity.${site}`

/** The name under which this browser keeps the software key of a person at a site. */
export function personKeyName(site: SiteId): string {
  return `person.${site}`
}

/** The statement id that 64 hex digits spell, or null. */
export function readStatementIdText(text: unknown): StatementId | null {
  const bytes = typeof text === "string" ? fromHex(text) : null
  return bytes === null || bytes.length !== 32 ? null : statementIdOf(bytes)
}

export function keepIdentity(site: SiteId, identity: Identity): void {
  const { person, delegation, key } = identity
  const credential = key.kind === "passkey" ? toBase64Url(key.credentialId) : null
  const kept = { person, delegation: toHex(statementIdBytes(delegation)), key: toHex(identity.publicKey), credential }
  localStorage.setItem(slot(site), JSON.stringify(kept))
}

export function findIdentity(site: SiteId): Identity | null {
  const text = localStorage.getItem(slot(site))
  return text === null ? null : readIdentity(text)
}

/** What {@link keepIdentity} wrote, or null for anything else. */
export function readIdentity(text: string): Identity | null {
  try {
    const kept = JSON.parse(text) as { person?: unknown; delegation?: unknown; key?: unknown; credential?: unknown }
    const person = typeof kept.person === "string" ? parseId<"PersonId">(kept.person) : null
    const delegation = readStatementIdText(kept.delegation)
    const key = typeof kept.key === "string" ? fromHex(kept.key) : null
    const credentialId = typeof kept.credential === "string" ? fromBase64Url(kept.credential) : null
    if (person === null || delegation === null || key?.length !== 64) return null
    if (kept.credential !== null && credentialId === null) return null
    const held = credentialId === null ? { kind: "software" as const } : { kind: "passkey" as const, credentialId }
    return { person, delegation, publicKey: publicKey(key), key: held }
  } catch {
    return null
  }
}
