/**
 * Secrets that the keeper issues: a PIN, a half or a share to this page, card keys to an encoder. The page holds the keys that
 * open them only while it is open; whoever closes it before reading takes the credential away and adds another.
 */
import { decodeIssuedSecret, type IssuedSecret, type OfflineCodeChange } from "@holdfast/access"
import type { CredentialId } from "@holdfast/base"
import { fromBase64, toHex } from "@holdfast/base/text"
import type { Issued } from "@holdfast/contract"
import { hpkeInfo, newSealingKey, openSealed, type SealingKey } from "@holdfast/port-web"
import type { Draft } from "./drafts.ts"
import { codeFrom, keepHalf } from "./offline-codes.ts"
import type { Site } from "./site.ts"
import type { WorldPort } from "./world.ts"

const waiting = new Map<string, SealingKey>()

/** Makes a key to which one secret will be sealed. */
export async function newRecipient(): Promise<Uint8Array> {
  const key = await newSealingKey()
  waiting.set(toHex(key.publicKey), key)
  return key.publicKey
}

export type Delivered = { readonly credential: CredentialId } & (
  | { readonly is: "pin"; readonly pin: string; readonly duress: string | null }
  | { readonly is: "card written" }
  | { readonly is: "half kept" }
  | { readonly is: "code"; readonly code: string; readonly asked: OfflineCodeChange }
  | { readonly is: "failed"; readonly why: string }
)

/** What was sealed to this page for one change, among all that was issued for its credential. */
async function opened(site: Site, recipient: Uint8Array, sealed: readonly Issued[]): Promise<IssuedSecret | null> {
  const key = waiting.get(toHex(recipient))
  waiting.delete(toHex(recipient))
  for (const each of key === undefined ? [] : sealed) {
    const bytes = fromBase64(each.sealed)
    const plain = bytes === null || key === undefined ? null : await openSealed(key, hpkeInfo("issued", site.id), bytes)
    const issued = plain === null ? null : decodeIssuedSecret(plain)
    if (issued?.credential === each.credential) return issued
  }
  return null
}

const UNREAD = "what came could not be opened; take the credential away and add another"
const UNKEPT = "this browser could not keep it; take the credential away and add another"

async function toThisPage(site: Site, change: Draft["change"], issued: readonly Issued[]): Promise<Delivered | null> {
  if (change.kind === "offline code") {
    const { credential } = change
    const share = await opened(site, change.recipient, issued)
    if (share?.kind !== "offline share") return { credential, is: "failed", why: UNREAD }
    const code = await codeFrom(change, share.digits, share.share)
    return code === null
      ? { credential, is: "failed", why: "the half that makes codes is not in this browser" }
      : { credential, is: "code", code, asked: change }
  }
  if (change.kind !== "credential add" || (change.what !== "pin" && change.what !== "owner half")) return null
  const { credential } = change
  const secret = await opened(site, change.recipient, issued)
  if (secret?.kind === "pin") return { credential, is: "pin", pin: secret.pin, duress: secret.duress ?? null }
  if (secret?.kind !== "owner half") return { credential, is: "failed", why: UNREAD }
  await keepHalf(credential, secret.key)
  return { credential, is: "half kept" }
}

/** Brings every issued secret where it belongs. One that cannot be brought there takes none of the others with it: they are told once. */
export async function deliver(
  site: Site,
  world: WorldPort | null,
  drafts: readonly Draft[],
  issued: readonly Issued[],
): Promise<Delivered[]> {
  const delivered: Delivered[] = []
  for (const { change, issue } of drafts) {
    if ((change.kind !== "credential add" && change.kind !== "offline code") || issue === null) continue
    const { credential } = change
    const own = issued.filter((each) => each.credential === credential)
    const [first] = own
    if (first === undefined) delivered.push({ credential, is: "failed", why: "the keeper issued no secret for it" })
    else if (issue.to === "this page") {
      const unkept = { credential, is: "failed", why: UNKEPT } as const
      const brought = await toThisPage(site, change, own).catch(() => unkept)
      if (brought !== null) delivered.push(brought)
    } else {
      const written = await world?.personalise(issue.card, first.sealed)
      const why = written === undefined ? "there is no encoder" : written.ok ? null : written.detail
      delivered.push(why === null ? { credential, is: "card written" } : { credential, is: "failed", why })
    }
  }
  return delivered
}
