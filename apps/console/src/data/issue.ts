/**
 * Secrets that the keeper issues: a PIN to this page, card keys to an encoder. The page holds the keys that open PINs only
 * while it is open; whoever closes it before reading takes the credential away and adds another.
 */
import { decodeIssuedSecret } from "@holdfast/access"
import { type CredentialId, fromBase64 } from "@holdfast/base"
import type { Issued } from "@holdfast/contract"
import { hpkeInfo, newSealingKey, openSealed, type SealingKey } from "@holdfast/port-web"
import type { Draft } from "./drafts.ts"
import type { Site } from "./site.ts"
import type { WorldPort } from "./world.ts"

const waiting = new Map<CredentialId, SealingKey>()

/** Makes the key to which the PIN of `credential` will be sealed. */
export async function pinRecipient(credential: CredentialId): Promise<Uint8Array> {
  const key = await newSealingKey()
  waiting.set(credential, key)
  return key.publicKey
}

export type Delivered =
  | { readonly credential: CredentialId; readonly is: "pin"; readonly pin: string; readonly duress: string | null }
  | { readonly credential: CredentialId; readonly is: "card written" }
  | { readonly credential: CredentialId; readonly is: "failed"; readonly why: string }

async function openPin(site: Site, credential: CredentialId, sealed: Uint8Array): Promise<Delivered> {
  const key = waiting.get(credential)
  const plain = key === undefined ? null : await openSealed(key, hpkeInfo("issued", site.id), sealed)
  const issued = plain === null ? null : decodeIssuedSecret(plain)
  waiting.delete(credential)
  return issued?.kind === "pin" && issued.credential === credential
    ? { credential, is: "pin", pin: issued.pin, duress: issued.duress ?? null }
    : { credential, is: "failed", why: "the PIN could not be opened; take the credential away and add another" }
}

/** Brings every issued secret where it belongs. */
export async function deliver(
  site: Site,
  world: WorldPort | null,
  drafts: readonly Draft[],
  issued: readonly Issued[],
): Promise<Delivered[]> {
  const delivered: Delivered[] = []
  for (const { change, issue } of drafts) {
    if (change.kind !== "credential add" || issue === null) continue
    const { credential } = change
    const found = issued.find((each) => each.credential === credential)
    const sealed = found === undefined ? null : fromBase64(found.sealed)
    if (found === undefined || sealed === null) {
      delivered.push({ credential, is: "failed", why: "the keeper issued no secret for it" })
    } else if (issue.to === "this page") {
      delivered.push(await openPin(site, credential, sealed))
    } else {
      const written = await world?.personalise(issue.card, found.sealed)
      const why = written === undefined ? "there is no encoder" : written.ok ? null : written.detail
      delivered.push(why === null ? { credential, is: "card written" } : { credential, is: "failed", why })
    }
  }
  return delivered
}
