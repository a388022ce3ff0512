/**
 * Which site this is: `/site.json` from the front, believed only as far as its root metadata proves it.
 *
 * The site's id is the hash of its first root metadata, so nobody can show another log key under the same id. The id itself
 * is remembered at the first visit; a front that later names another one is refused and said so.
 */
import type { Root } from "@holdfast/access"
import { verifyFirstRoot } from "@holdfast/access/author"
import type { SiteId } from "@holdfast/base"
import { fromBase64 } from "@holdfast/base/text"
import { webCrypto } from "@holdfast/port-web"

export type World = { readonly origin: string; readonly token: string }
export type Site = {
  readonly id: SiteId
  readonly root: Root
  readonly rootBytes: Uint8Array
  readonly api: string
  readonly world: World | null
  /** Where boards that stand alone ask to be paired, with the site's mark; null where the front does not say. */
  readonly boards: string | null
  /** Null where the front does not say. */
  readonly keeperIsolated: boolean | null
}

export type SiteFault =
  | "front not reachable"
  | "answer not understood"
  | "root does not verify"
  | "another site than before"
export type SiteLoaded = { readonly ok: true; readonly site: Site } | { readonly ok: false; readonly fault: SiteFault }

const REMEMBERED = "holdfast.site"

type SiteFile = {
  site?: unknown
  root?: unknown
  api?: unknown
  world?: unknown
  boards?: unknown
  keeper_isolated?: unknown
}

function readWorld(value: unknown): World | null {
  if (typeof value !== "object" || value === null) return null
  const { origin, token } = value as { origin?: unknown; token?: unknown }
  return typeof origin === "string" && typeof token === "string" ? { origin, token } : null
}

/** Checks what the front said. `remembered` is the site id of an earlier visit, if there was one. */
export function readSite(file: SiteFile, remembered: string | null): SiteLoaded {
  const rootBytes = typeof file.root === "string" ? fromBase64(file.root) : null
  if (rootBytes === null || typeof file.site !== "string" || typeof file.api !== "string")
    return { ok: false, fault: "answer not understood" }
  const verified = verifyFirstRoot(rootBytes, webCrypto)
  if (!verified.ok || verified.site !== file.site) return { ok: false, fault: "root does not verify" }
  if (remembered !== null && remembered !== verified.site) return { ok: false, fault: "another site than before" }
  const { site: id, root } = verified
  const keeperIsolated = typeof file.keeper_isolated === "boolean" ? file.keeper_isolated : null
  const boards = typeof file.boards === "string" ? file.boards : null
  return {
    ok: true,
    site: { id, root, rootBytes, api: file.api, world: readWorld(file.world), boards, keeperIsolated },
  }
}

export async function loadSite(): Promise<SiteLoaded> {
  const response = await fetch("/site.json").catch(() => null)
  const file: unknown = response?.ok === true ? await response.json().catch(() => null) : null
  if (typeof file !== "object" || file === null) return { ok: false, fault: "front not reachable" }
  const loaded = readSite(file, localStorage.getItem(REMEMBERED))
  if (loaded.ok) localStorage.setItem(REMEMBERED, loaded.site.id)
  return loaded
}

/** Lets this browser follow the site that the front names now, after the person said that they know why it changed. */
export function forgetSite(): void {
  localStorage.removeItem(REMEMBERED)
}
