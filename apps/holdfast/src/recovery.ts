/**
 * The recovery file: the founding key as text that a person can keep, and read back years later.
 *
 * It is written nowhere by us: the browser saves it, or the person who replays a file names the place.
 */
import type { SiteId } from "@holdfast/base"
import { fromBase64, toBase64, toHex } from "@holdfast/base/text"
import { type Es256Signer, es256FromPkcs8 } from "@holdfast/port-node"

const BEGIN = "-----BEGIN PRIVATE KEY-----"
const END = "-----END PRIVATE KEY-----"

/** The file is no founding key; the message is one line for a person. */
export class RecoveryFileError extends Error {
  override readonly name = "RecoveryFileError"
}

/** The recovery file is of another site. */
export class WrongKeyError extends Error {
  override readonly name = "WrongKeyError"
}

export function recoveryFileName(site: SiteId): string {
  return `holdfast-founding-key-${site.slice(0, 8)}.txt`
}

export function recoveryText(site: SiteId, pkcs8: Uint8Array): string {
  const body = toBase64(pkcs8).match(/.{1,64}/g) ?? []
  return [
    `Holdfast founding key of the site ${site}.`,
    "Whoever holds this file can name an administrator of this building. Keep it offline, in two places.",
    "To use it: npm run invite -- --founding-key FILE",
    "",
    BEGIN,
    ...body,
    END,
    "",
  ].join("\n")
}

/** The signer in a recovery file's text. */
export function readRecovery(text: string): Es256Signer {
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END)
  const pkcs8 = from < 0 || to < from ? null : fromBase64(text.slice(from + BEGIN.length, to).replace(/\s/g, ""))
  if (pkcs8 === null) throw new RecoveryFileError("this file holds no founding key")
  try {
    return es256FromPkcs8(pkcs8)
  } catch {
    throw new RecoveryFileError("the founding key in this file cannot be read")
  }
}

/** The site's fingerprint, as people compare it: eight groups of four. */
export function fingerprint(bytes: Uint8Array): string {
  return (toHex(bytes.slice(0, 16)).match(/.{4}/g) ?? []).join(" ")
}
